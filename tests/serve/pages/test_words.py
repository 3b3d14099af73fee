import re
import string
from importlib import import_module
from pkgutil import iter_modules

import pytest

from secondread.serve.pages import words
from secondread.serve.pages.render import TEMPLATES, environment
from secondread.serve.pages.words import phrases

AREAS = [module.name for module in iter_modules(words.__path__)]
SERVE = TEMPLATES.parents[1]
WHOLE = re.compile(r"""["'`]([a-z][\w.-]*)["'`]""")
BEGUN = re.compile(r"""["'`]([a-z][\w.-]*[.-])(?:["'`] *[~+]|\$?\{)""")  # a key that is put together
USED = re.compile(r"""\bsay\(\s*["']([a-z][a-z0-9.-]*[a-z0-9])["']\s*[,)]""")


def area(name):
    return import_module(f"{words.__name__}.{name}").AREA


def holes(phrase):
    return sorted(name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None)


@pytest.mark.parametrize("name", AREAS)
def test_both_languages_of_an_area_say_the_same_with_the_same_values(name):
    for key, (english, korean) in area(name).items():
        assert key.startswith(f"{name}."), key
        assert english.strip(), key
        assert korean.strip(), key
        assert holes(english) == holes(korean), key
        assert not re.search("[가-힣]", english), key


def test_no_key_belongs_to_two_areas():
    keys = [key for name in AREAS for key in area(name)]
    assert len(keys) == len(set(keys)) == len(phrases("en").texts)


@pytest.mark.parametrize("name", sorted(path.name for path in TEMPLATES.glob("*.html")))
def test_a_template_can_be_read_and_every_phrase_it_asks_for_by_name_is_there(name):
    environment().get_template(name)
    asked = set(USED.findall((TEMPLATES / name).read_text(encoding="utf-8")))
    assert asked <= set(phrases("en").texts)


def test_every_phrase_is_said_somewhere():
    sources = [path for kind in ("py", "html", "js") for path in SERVE.rglob(f"*.{kind}")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources if path.parent.name != "words")
    whole, begun = set(WHOLE.findall(text)), set(BEGUN.findall(text))
    silent = []
    for key in phrases("en").texts:
        area, _, rest = key.partition(".")
        put_together = f"{area}." in begun and (rest in whole or rest.startswith(tuple(begun)))
        if not (key in whole or put_together or key.startswith(tuple(begun - {f"{area}."}))):
            silent.append(key)
    assert [key for key in silent if not key.startswith("said.")] == []  # these are looked up by what readers say
