"""What every clinical question must fulfil, whoever wrote it. A new reader is found by its folder and tested here."""

import importlib
import re
from pathlib import Path

import pytest

import dicom_factory
import fakes
from secondread import pipeline
from secondread.core.card import ModelCard
from secondread.core.errors import UsageError
from secondread.core.measurement import UCUM
from secondread.core.reader import Reader
from secondread.core.report import Outcome
from secondread.engine.bundle import find_bundles, load_bundle, shipped
from secondread.readers import all_readers, choose

READERS = all_readers()
PAGES = Path(__file__).parents[2] / "docs" / "reference" / "readers"
every_reader = pytest.mark.parametrize("reader", READERS.values(), ids=READERS)


def bundles_of(reader: Reader, scores: dict[str, float] | None = None) -> fakes.FakeBundles:
    """The shipped cards with networks that answer ``scores`` by label; a gate says the label it is named after."""
    cards = {name: load_bundle(find_bundles([shipped()])[name]).card for name in (reader.bundle, reader.gate) if name}
    logits = {name: [8.0 * (label == card.labels[0]) for label in card.labels] for name, card in cards.items()}
    logits[reader.bundle] = [(scores or {}).get(label, 0.0) for label in cards[reader.bundle].labels]
    return fakes.FakeBundles(logits, cards=cards)


def card_of(name: str) -> ModelCard:
    installed = find_bundles([shipped()])
    assert name in installed, f"the bundle {name!r} does not ship with the package"
    return load_bundle(installed[name]).card


def test_there_is_at_least_one_reader():
    assert READERS


@every_reader
def test_a_reader_is_named_after_its_file(reader):
    module = importlib.import_module(f"secondread.readers.{reader.name.replace('-', '_')}")
    assert module.READER is reader
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", reader.name)


@every_reader
def test_a_reader_asks_one_question_in_one_sentence(reader):
    assert reader.question.endswith("?")
    assert reader.question.count("?") == 1


@every_reader
def test_a_reader_refuses_the_wrong_modality_in_words(reader, tmp_path):
    accepted = card_of(reader.bundle).input.modalities
    wrong = next(modality for modality in ("MR", "CT") if modality not in accepted)
    dicom_factory.ct_series(tmp_path / "stack", Modality=wrong)
    answer = pipeline.ask(reader, pipeline.open_study(tmp_path), bundles_of(reader))
    assert answer.outcome is Outcome.REFUSED
    assert answer.refusal is not None
    assert answer.refusal.reason == "modality"
    assert wrong in answer.refusal.message
    assert accepted[0] in answer.refusal.message


@every_reader
def test_whatever_its_network_says_a_reader_answers_and_every_number_has_a_unit(reader, tmp_path):
    modality = card_of(reader.bundle).input.modalities[0]
    path = dicom_factory.chest_xray(tmp_path / "picture.dcm", fakes.dicom_pixels(), Modality=modality)
    study = pipeline.open_study(path)
    outcomes = set()
    for label in card_of(reader.bundle).labels:
        answer = pipeline.ask(reader, study, bundles_of(reader, {label: 12.0}))
        outcomes.add(answer.outcome)
        for finding in answer.findings:
            assert all(measurement.unit in UCUM for measurement in finding.measurements)
            assert finding.map is None or finding.map.quantity.value
            assert finding.positive or finding.map is None
    assert outcomes == {Outcome.FOUND, Outcome.NOTHING_FOUND}


@every_reader
def test_the_cards_of_a_reader_are_complete(reader):
    for name, role in ((reader.bundle, "reader"), (reader.gate, "gate")):
        if name is None:
            continue
        card = card_of(name)
        assert card.role == role
        assert card.results, f"{name}: no results"
        assert card.limits, f"{name}: no known limits"
        assert card.training_data
        assert card.sources
        assert card.licence
        assert card.thresholds
        assert "evaluation.json" in card.sha256


@every_reader
def test_a_reader_has_a_page_with_its_question(reader):
    page = (PAGES / f"{reader.name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {reader.name}\n")
    assert reader.question in page
    assert f"secondread card {reader.bundle}" in page


def test_every_page_has_its_reader():
    assert {page.stem for page in PAGES.glob("*.md")} == set(READERS)


def test_readers_are_chosen_by_name_each_once_in_the_order_asked_for():
    names = list(READERS)
    assert [reader.name for reader in choose(None)] == names
    assert [reader.name for reader in choose([names[-1], names[0], names[-1]])] == list(
        dict.fromkeys([names[-1], names[0]])
    )


def test_an_unknown_reader_is_a_usage_error_that_lists_the_known_ones():
    with pytest.raises(UsageError, match=next(iter(READERS))):
        choose(["fortune-teller"])


class Offer:
    """An entry point of another package."""

    def __init__(self, name: str, value: object) -> None:
        self.name, self.value = name, value

    def load(self) -> object:
        return self.value


@pytest.fixture
def offered(monkeypatch):
    def offer(*offers: Offer) -> None:
        monkeypatch.setattr("importlib.metadata.entry_points", lambda group: offers)

    return offer


def test_another_package_adds_a_reader_by_an_entry_point(offered):
    from dataclasses import replace

    mine = replace(next(iter(READERS.values())), name="mine")
    offered(Offer("mine", mine))
    assert all_readers()["mine"] is mine


@pytest.mark.parametrize("value", ["a text", next(iter(READERS.values()))])
def test_an_entry_point_that_is_no_reader_or_takes_a_name_is_named_in_the_error(offered, value):
    offered(Offer("bad-offer", value))
    with pytest.raises(UsageError, match="bad-offer"):
        all_readers()
