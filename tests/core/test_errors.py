"""The tree of errors, its exit codes, and messages that name nobody."""

import inspect
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.core import errors
from secondread.core.errors import EXIT_FAILED, EXIT_REFUSED, SecondreadError, short_path, short_uid

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "exit-codes.md"
EVERY = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)]
FAMILIES = [kind for kind in EVERY if "exit_code" in vars(kind)]
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
seen = st.characters(blacklist_characters="/\\", blacklist_categories=UNSEEN)
part = st.text(seen, min_size=1).filter(lambda text: text != ".")


def family(kind):
    return next(parent for parent in kind.__mro__ if "exit_code" in vars(parent))


@pytest.fixture(scope="module")
def documented():
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {int(code): meaning for code, meaning in rows}


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_error_hangs_on_the_one_tree_and_says_what_it_is_for(kind):
    assert issubclass(kind, SecondreadError)
    assert kind.__doc__
    assert str(kind("a.dcm: found nothing.")) == "a.dcm: found nothing."


def test_input_and_bundle_errors_have_their_kinds_below_them():
    below = {kind.__name__: kind.__base__.__name__ for kind in EVERY if kind.__base__ is not SecondreadError}
    del below["SecondreadError"]
    assert below == {
        **dict.fromkeys(["FormatError", "TooLargeError", "GeometryError", "SpacingError"], "InputError"),
        **dict.fromkeys(["CardError", "IntegrityError", "SiteError", "SourceError", "UntrustedError"], "BundleError"),
    }


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_exit_code_is_documented_with_the_family_it_belongs_to(kind, documented):
    owner = family(kind)
    assert ("InternalError" if owner is SecondreadError else owner.__name__) in documented[kind.exit_code]


def test_two_families_share_a_code_only_where_both_are_about_training():
    of_code = {}
    for kind in FAMILIES:
        of_code.setdefault(kind.exit_code, set()).add(kind.__name__)
    assert {code: names for code, names in of_code.items() if len(names) > 1} == {5: {"RecipeError", "ManifestError"}}


def test_a_refused_or_failed_read_has_a_code_that_no_error_and_no_success_has(documented):
    taken = {kind.exit_code for kind in EVERY} | {0}
    assert EXIT_REFUSED not in taken
    assert EXIT_FAILED not in taken
    assert "refused" in documented[EXIT_REFUSED]
    assert "failed" in documented[EXIT_FAILED]
    assert max(taken | {EXIT_REFUSED, EXIT_FAILED}) < 126  # 126 and above belong to the shell


@given(st.lists(st.integers(0, 10**8), min_size=1, max_size=9).map(lambda parts: ".".join(map(str, parts))))
def test_a_short_uid_is_its_end_and_never_the_whole_of_a_long_one(uid):
    short = short_uid(uid)
    if len(uid) <= 12:
        assert short == uid
    else:
        assert short[0] == "…"
        assert short[1].isdigit()
        assert uid.endswith(short[1:])
        assert len(short[1:]) <= 12


@given(st.lists(part), part, st.sampled_from(["", "/", "//"]), st.booleans())
def test_a_short_path_is_its_last_part_whatever_the_folders_are(folders, last, start, as_path):
    path = start + "/".join([*folders, last])
    assert short_path(Path(path) if as_path else path) == last


@given(st.lists(part), part)
def test_a_path_of_another_system_hides_its_folders_too(folders, last):
    assert short_path("C:\\" + "\\".join([*folders, last])) == last


@given(st.text(st.characters()))
def test_a_file_name_of_any_bytes_can_be_written_and_gives_a_terminal_no_orders(name):
    shown = short_path(name)
    shown.encode("utf-8")
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown


def test_a_folder_is_named_without_those_above_it():
    assert short_path("/data/Doe^Jane/study/") == "study"
    assert short_path(".") == "."
