"""How soon the viewer shows its first picture, and how fast it scrolls: Debian's Chromium, a server of this program.

    python benchmarks/viewer.py [--slices 300] [--size 512]

Studies are made up: a CT of 512 x 512 slices (uncompressed), and an X-ray of 3000 x 2500 pixels. Everything runs on
one machine without a graphics card. Times are from asking for the page to the picture on the screen; ``cold`` is the
first time a study is opened, ``warm`` the second.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import dicom_factory
import rooms
import viewing
from browsers import browser

SCROLL = """(pictures) => new Promise((done) => {
  const pane = viewer.desk.active, start = performance.now();
  let drawn = 0;
  const draw = pane.draw.bind(pane);
  pane.draw = () => {
    draw();
    drawn += 1;
    if (drawn < pictures) next();
    else done(1000 * drawn / (performance.now() - start));
  };
  const next = () => pane.go((pane.number + 1) % pane.plane.count);
  next();
})"""
WINDOW = """(pictures) => {
  const pane = viewer.desk.active, start = performance.now();
  for (let n = 0; n < pictures; n += 1) {
    pane.window = { ...pane.window, centre: pane.window.centre + 1 };
    pane.draw();
  }
  return (performance.now() - start) / pictures;
}"""
FIRST = "() => performance.getEntriesByName('first-picture')[0]?.startTime ?? null"


PLANES = """(steps) => {
  const desk = viewer.desk, start = performance.now();
  for (let n = 0; n < steps; n += 1) {
    for (const pane of desk.panes) {
      pane.number = (pane.number + 1) % pane.plane.count;
      pane.draw();
    }
  }
  return (performance.now() - start) / steps;
}"""
LOADED = "() => viewer.desk.active.series.loaded === viewer.desk.active.series.count"


def main() -> None:
    """Make the studies, look at them, print the times."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--slices", type=int, default=300)
    options.add_argument("--size", type=int, default=512)
    args = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        measure(Path(place), args.slices, args.size)


def measure(folder: Path, slices: int, size: int) -> None:
    """Open an X-ray and a CT, each for the first and for the second time."""
    room = rooms.make_room(folder)
    draw = np.random.default_rng(0)
    stored = draw.normal(1000, 150, (slices, size, size)).clip(0, 4000).astype(np.int16)
    paths = dicom_factory.ct_series(
        folder / "ct", stored.shape, stored=stored, StudyInstanceUID=dicom_factory.uid("ct")
    )
    rooms.send_in(room, *paths)
    xray = dicom_factory.chest_xray(
        folder / "x.dcm",
        draw.integers(0, 4095, (3000, 2500)).astype(np.uint16),
        StudyInstanceUID=dicom_factory.uid("x"),
    )
    rooms.send_in(room, xray)
    with browser() as chromium, viewing.looking(chromium, room) as look:
        for name, uid in (
            ("X-ray 3000 x 2500", dicom_factory.uid("x")),
            (f"CT {slices} x {size} x {size}", dicom_factory.uid("ct")),
        ):
            for again in ("cold", "warm"):
                look.study(uid)
                print(f"{name}: first picture {again} {look.page.evaluate(FIRST):.0f} ms")
                if "CT" in name:
                    look.page.wait_for_function(
                        "() => viewer.desk.active.series.loaded === viewer.desk.active.series.count", timeout=120_000
                    )
                    print(f"{name}: all slices {again} {look.page.evaluate('() => performance.now()'):.0f} ms")
            print(f"{name}: one change of window {look.page.evaluate(WINDOW, 20):.1f} ms")
        print(f"{name}: scrolling {look.page.evaluate(SCROLL, 200):.0f} pictures/s")
        look.desk("desk.layout('mpr')")
        print(f"{name}: three planes, one step of the cross {look.page.evaluate(PLANES, 20):.1f} ms")
    room.database.dispose()


if __name__ == "__main__":
    main()
