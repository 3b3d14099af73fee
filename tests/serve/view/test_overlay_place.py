"""What is drawn over a picture lies where the segmentation in the room says, whichever way the slices lie.

The witness is the SEG object of the room, read by pydicom and highdicom alone: neither the mask that was kept nor any
function of ours says where a voxel should be.
"""

import highdicom
import numpy as np
import pydicom
import pytest

import rooms
import viewing
from grids import turn
from mask_witnesses import unpacked
from viewing import SHAPE, SPACING_MM, STEP_MM, on_screen

AXIAL, CORONAL, SAGITTAL = (1, 0, 0, 0, 1, 0), (1, 0, 0, 0, 0, -1), (0, 1, 0, 0, 0, -1)
# Name to Image Orientation (Patient), step, and what must stand at the right and the bottom of the picture as stored.
STACKS = {
    "axial": (AXIAL, STEP_MM, "L", "P"),
    "axial, downwards": (AXIAL, -STEP_MM, "L", "P"),
    "coronal": (CORONAL, STEP_MM, "L", "F"),
    "sagittal": (SAGITTAL, STEP_MM, "P", "F"),
    "rows flipped": ((-1, 0, 0, 0, 1, 0), STEP_MM, "R", "P"),
    "columns flipped": ((1, 0, 0, 0, -1, 0), -STEP_MM, "L", "A"),
    "oblique": (tuple(turn((0.35, 0.25, -0.3))[:, :2].T.ravel()), STEP_MM, None, None),
}
ZOOM = 6
GO_TO = """async ([number, place]) => {
  const { goTo } = await import("/static/viewer-places.js");
  goTo(viewer.desk.panes[number], viewer.desk.active.series, place);
}"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory, chromium):
    folder = tmp_path_factory.mktemp("place")
    room = rooms.make_room(folder)
    made = {
        name: viewing.add_stack(room, folder, name.replace(", ", "-").replace(" ", "-"), orientation=lies, step=step)
        for name, (lies, step, *_) in STACKS.items()
    }
    made["X-ray"] = viewing.add_xray(room, folder, "xray", with_map=False)
    with viewing.looking(chromium, room) as look:
        yield look, made
    assert look.faults == []
    room.database.dispose()


def shown_as_squares(look):
    """Pixels as squares of whole screen pixels, regions as areas."""
    look.desk("desk.setSmooth(false) || desk.setStyle('area') || desk.setOpacity(1)")
    look.desk(
        f"desk.panes.forEach((one) => {{ Object.assign(one.view, {{ zoom: {ZOOM}, fitted: false }}); one.touch(); }})"
    )


def coloured_and_bright(look, number, shape, step):
    """bool [row, column] of the picture: what is coloured with drawings on, and what is bright with drawings off."""
    look.desk("desk.showAi(false)")
    plain = look.seen(number)
    where = on_screen(plain)
    look.desk("desk.showAi(true)")
    with_drawings = look.seen(number)[where]
    plain = plain[where]
    assert plain.shape[:2] == (shape[0] * step[0], shape[1] * step[1])
    bright = plain[..., 0] > 120
    coloured = with_drawings.max(axis=2) - with_drawings.min(axis=2) > 30
    assert np.array_equal(bright, coloured)  # on every pixel of the screen
    blocks = bright.reshape(shape[0], step[0], shape[1], step[1])
    assert (blocks.all(axis=(1, 3)) == blocks.any(axis=(1, 3))).all()  # squares, none cut
    return blocks.any(axis=(1, 3))


def bits_by_image(seg):
    """SOP Instance UID of an image to the bits of its frame in a SEG."""
    dataset = pydicom.dcmread(seg)
    frames = {}
    for bits, item in zip(unpacked(dataset), dataset.PerFrameFunctionalGroupsSequence, strict=True):
        derivation = (
            item.get("DerivationImageSequence") or dataset.SharedFunctionalGroupsSequence[0].DerivationImageSequence
        )
        [source] = derivation[0].SourceImageSequence
        frames[str(source.ReferencedSOPInstanceUID)] = bits.astype(bool)
    return frames


@pytest.mark.parametrize("name", STACKS)
def test_a_region_covers_its_marker_on_every_slice_and_the_letters_are_right(desk, name):
    look, made = desk
    look.study(made[name].study_uid)
    shown_as_squares(look)
    frames = bits_by_image(made[name].seg)
    images = [uid for uid, _ in look.desk("pane.series.images")]
    assert len(frames) == 6
    assert set(frames) <= set(images)
    for uid in list(frames)[::5]:
        look.desk(f"pane.go({images.index(uid)})")
        assert np.array_equal(coloured_and_bright(look, 0, SHAPE[1:], (ZOOM, ZOOM)), frames[uid])
    right, bottom = STACKS[name][2:]
    if right:
        opposite = dict(zip("LRAPHF", "RLPAFH", strict=True))
        texts = [look.page.locator(f".pane .edge-{side}").inner_text() for side in ("right", "left", "bottom", "top")]
        assert texts == [right, opposite[right], bottom, opposite[bottom]]


# Direction in the patient to the right and downwards, and through the plane. Source: how radiologists look at slices.
VIEWS = {
    "axial": ((1, 0, 0), (0, 1, 0)),
    "coronal": ((1, 0, 0), (0, 0, -1)),
    "sagittal": ((0, 1, 0), (0, 0, -1)),
}


def on_grid(seg):
    """Points of the segment, LPS mm, and the three unit directions of its grid, all as highdicom reads the file."""
    volume = highdicom.seg.segread(seg).get_volume(combine_segments=False, allow_missing_positions=True)
    points = volume.map_indices_to_reference(np.argwhere(volume.array[..., 0] > 0))
    return points, [np.array(vector) for vector in volume.unit_vectors()]


@pytest.mark.parametrize(
    "name",
    [
        "rows flipped",
        "oblique",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("axial", "coronal", "sagittal")),
    ],
)
def test_a_region_covers_its_marker_in_the_three_planes(desk, name):
    look, made = desk
    look.study(made[name].study_uid)
    look.desk("desk.layout('mpr')")
    shown_as_squares(look)
    points, axes = on_grid(made[name].seg)
    grid = {
        tuple(np.round(axis, 6)): spacing for axis, spacing in zip(axes, (STEP_MM, SPACING_MM, SPACING_MM), strict=True)
    }
    centre = points.mean(axis=0)
    for number, (right, down) in enumerate(VIEWS.values()):
        across = max((axis * s for axis in axes for s in (1, -1)), key=lambda axis: axis @ right)
        below = max((axis * s for axis in axes for s in (1, -1)), key=lambda axis: axis @ down)
        [through] = [axis for axis in axes if abs(axis @ across) < 0.5 and abs(axis @ below) < 0.5]
        steps = [grid.get(tuple(np.round(a, 6))) or grid[tuple(np.round(-a, 6))] for a in (below, across, through)]
        heights = np.unique(np.round((points - centre) @ through / steps[2], 2))
        height = heights[len(heights) // 3]
        inside = points[np.abs((points - centre) @ through / steps[2] - height) < 0.1]
        place = inside[0]
        look.page.evaluate(GO_TO, [number, place.tolist()])
        look.ready()
        size = look.desk(f"[desk.panes[{number}].plane.height, desk.panes[{number}].plane.width]")
        scale = [round(ZOOM * step / SPACING_MM) for step in steps[:2]]
        look.desk("desk.crosses.clear()")
        found = coloured_and_bright(look, number, size, scale)
        rows, columns = np.nonzero(found)
        # From any one pixel of the picture the others lie as many steps away as in the patient.
        wanted = np.stack([(inside @ below) / steps[0], (inside @ across) / steps[1]], axis=1)
        wanted = np.unique(np.round(wanted - wanted.min(axis=0)).astype(int), axis=0)
        got = np.unique(np.stack([rows - rows.min(), columns - columns.min()], axis=1), axis=0)
        assert np.array_equal(got, wanted)


def test_a_region_covers_its_marker_on_an_x_ray_turned_and_mirrored(desk):
    look, made = desk
    look.study(made["X-ray"].study_uid)
    shown_as_squares(look)
    [bits] = bits_by_image(made["X-ray"].seg).values()
    assert np.array_equal(coloured_and_bright(look, 0, (30, 44), (ZOOM, ZOOM)), bits)
    edges = look.page.locator(".pane .edge-right"), look.page.locator(".pane .edge-bottom")
    assert [edge.inner_text() for edge in edges] == ["L", "F"]
    look.desk("desk.turn()")
    assert np.array_equal(coloured_and_bright(look, 0, (44, 30), (ZOOM, ZOOM)), np.rot90(bits, -1))
    assert [edge.inner_text() for edge in edges] == ["H", "L"]
    look.desk("desk.mirror(false)")
    assert np.array_equal(coloured_and_bright(look, 0, (44, 30), (ZOOM, ZOOM)), np.fliplr(np.rot90(bits, -1)))
    assert [edge.inner_text() for edge in edges] == ["F", "L"]
    look.desk("desk.mirror(true)")
    assert np.array_equal(
        coloured_and_bright(look, 0, (44, 30), (ZOOM, ZOOM)), np.flipud(np.fliplr(np.rot90(bits, -1)))
    )
    assert [edge.inner_text() for edge in edges] == ["F", "R"]
