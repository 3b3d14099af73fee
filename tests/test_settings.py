import os
import re
from pathlib import Path

import pytest

from secondread.core.errors import UsageError
from secondread.settings import VARIABLES, Settings, from_environment, pseudonym_key

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "settings.md"


def test_nothing_set_means_the_defaults():
    assert from_environment({}) == Settings() == from_environment(dict.fromkeys(VARIABLES, " "))


def test_every_variable_is_read():
    found = from_environment(
        {
            "SECONDREAD_ENGINE": "openvino",
            "SECONDREAD_THREADS": "7",
            "SECONDREAD_BUNDLES": os.pathsep.join(("a", "", "b")),
            "SECONDREAD_SITE": "site",
            "SECONDREAD_PSEUDONYM_KEY_FILE": "secret",
            "SECONDREAD_OUTSIDE": "warn",
            "SECONDREAD_MAPS": "occlusion",
        }
    )
    named = {
        "site": Path("site"), "pseudonym_key_file": Path("secret"), "outside": "warn", "maps": "occlusion"
    }  # fmt: skip
    assert found == Settings("openvino", 7, (Path("a"), Path("b")), **named)


def test_every_variable_has_its_section():
    assert re.findall(r"^## (\w+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE) == list(VARIABLES)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECONDREAD_ENGINE", "abacus"),
        ("SECONDREAD_THREADS", "0"),
        ("SECONDREAD_THREADS", "-2"),
        ("SECONDREAD_THREADS", "99999"),
        ("SECONDREAD_OUTSIDE", "ignore"),
        ("SECONDREAD_MAPS", "gradcam"),
    ],
)
def test_a_value_that_cannot_be_used_is_a_usage_error(name, value):
    with pytest.raises(UsageError, match=re.escape(value)):
        from_environment({name: value})


def test_no_key_file_means_no_key():
    assert pseudonym_key(None) is None


def test_the_key_is_what_the_file_holds(tmp_path):
    (tmp_path / "key").write_bytes(b"0123456789abcdef\n")
    assert pseudonym_key(tmp_path / "key") == b"0123456789abcdef"


@pytest.mark.parametrize("content", [b"", b"short"])
def test_a_key_that_can_be_guessed_is_refused(tmp_path, content):
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(UsageError, match="at least 16"):
        pseudonym_key(tmp_path / "key")


def test_a_missing_key_file_is_named_without_its_folder(tmp_path):
    with pytest.raises(UsageError, match="'none'") as caught:
        pseudonym_key(tmp_path / "none")
    assert str(tmp_path) not in str(caught.value)
