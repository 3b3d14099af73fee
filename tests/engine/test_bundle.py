import pytest

from secondread.core.errors import BundleError, CardError, IntegrityError
from secondread.engine.bundle import Bundle, find_bundles, load_bundle, load_card, read_verified, shipped
from tiny_bundle import make_bundle, make_card


@pytest.fixture
def folder(tmp_path):
    return make_bundle(tmp_path)


def test_a_bundle_loads_with_its_card(folder):
    bundle = load_bundle(folder)
    assert bundle.folder == folder
    assert bundle.card.labels == ("normal", "bacterial", "viral")


@pytest.mark.parametrize("name", ["model.onnx", "evaluation.json"])
def test_one_changed_bit_is_noticed(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(IntegrityError, match=rf"'tiny': {name} is not the file its card names.*[Ii]nstall .* again"):
        load_bundle(folder)


@pytest.mark.parametrize("name", ["model.onnx", "evaluation.json"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(IntegrityError, match=rf"'tiny': {name} cannot be read"):
        load_bundle(folder)


def test_a_truncated_file_is_noticed(folder):
    network = folder / "model.onnx"
    network.write_bytes(network.read_bytes()[:-1])
    with pytest.raises(IntegrityError, match="altered or is incomplete"):
        load_bundle(folder)


def test_the_card_can_be_read_although_the_network_was_altered(folder):
    (folder / "model.onnx").write_bytes(b"something else")
    assert load_card(folder).name == "tiny"


def test_a_file_that_the_card_does_not_list_is_not_trusted(folder):
    (folder / "extra.bin").write_bytes(b"1")
    with pytest.raises(IntegrityError, match=r"no SHA-256 for extra\.bin"):
        read_verified(load_bundle(folder), "extra.bin")


def test_verified_bytes_are_the_bytes_of_the_file(folder):
    assert read_verified(load_bundle(folder), "model.onnx") == (folder / "model.onnx").read_bytes()


def test_a_bundle_in_a_folder_of_another_name_is_refused(folder):
    moved = folder.rename(folder.with_name("other"))
    with pytest.raises(CardError, match=r"other/card\.toml: names 'tiny', and its folder 'other'"):
        load_bundle(moved)


def test_a_folder_without_a_card_is_no_bundle(tmp_path):
    with pytest.raises(BundleError, match=r"card\.toml: cannot be read"):
        load_bundle(tmp_path)


def test_a_card_that_is_not_text_is_refused(folder):
    (folder / "card.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CardError, match=r"tiny/card\.toml: not UTF-8"):
        load_bundle(folder)


def test_messages_do_not_tell_where_on_the_disk_a_bundle_lies(tmp_path):
    folder = make_bundle(tmp_path / "Doe^Jane")
    (folder / "model.onnx").unlink()
    with pytest.raises(IntegrityError) as caught:
        load_bundle(folder)
    assert "Jane" not in str(caught.value)


def test_bundles_are_the_subfolders_that_hold_a_card(tmp_path):
    first, second = make_bundle(tmp_path, "b"), make_bundle(tmp_path, "a")
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("card.toml")
    assert list(find_bundles([tmp_path]).items()) == [("a", second), ("b", first)]


def test_of_two_bundles_with_one_name_the_earlier_folder_wins(tmp_path):
    mine = make_bundle(tmp_path / "mine")
    theirs = make_bundle(tmp_path / "theirs")
    assert find_bundles([tmp_path / "mine", tmp_path / "theirs"]) == {"tiny": mine}
    assert find_bundles([tmp_path / "theirs", tmp_path / "mine"]) == {"tiny": theirs}


def test_a_folder_that_is_not_there_holds_no_bundles(tmp_path):
    assert find_bundles([tmp_path / "nowhere"]) == {}


def test_shipped_bundles_lie_inside_the_package():
    assert shipped().name == "bundles"
    assert (shipped().parent / "core" / "card.py").is_file()


def test_a_bundle_is_compared_by_what_it_is(tmp_path):
    assert Bundle(make_card(), tmp_path) == Bundle(make_card(), tmp_path)
    assert Bundle(make_card(), tmp_path) != Bundle(make_card(version="2"), tmp_path)
