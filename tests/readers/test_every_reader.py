"""What every clinical question must fulfil, whoever wrote it. A new reader is found by its folder and tested here."""

import importlib
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from pydicom import dcmread

from phantoms.every import ALSO_TAKES, EXAMINATIONS, PRIORS, SHOWS, clinical_of
from secondread import pipeline
from secondread.core.clinical import Clinical
from secondread.core.errors import UsageError
from secondread.core.measurement import UCUM
from secondread.core.reader import Reader
from secondread.core.report import NOTICE, Outcome, Priority, Read, Report
from secondread.core.study import Study
from secondread.dicom.uids import uid_source
from secondread.engine.bundle import shipped
from secondread.engine.bundles import Bundles
from secondread.readers import all_readers, choose
from secondread.report.write import write_outputs
from secondread.sources import open_examination

NOW = datetime(2026, 3, 4, 10, 22, 5, tzinfo=UTC)
READERS = all_readers()
PAGES = Path(__file__).parents[2] / "docs" / "readers"
every_reader = pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
BUNDLES = Bundles([shipped()], engine="onnxruntime", threads=1)


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """Name of an examination to its study, written once."""
    place = tmp_path_factory.mktemp("examinations")

    @cache
    def study(name: str) -> Study:
        folder = place / name
        folder.mkdir()
        EXAMINATIONS[name](folder)
        return open_examination(folder)

    return study


@pytest.fixture(scope="module")
def answers(studies):
    """Reader to its answer about the examination that is meant for it, read once with the shipped networks.

    These are phantoms, which no network was trained on: how strange they are is warned of.
    """

    @cache
    def answer(name: str) -> Read:
        prior = studies(PRIORS[name]) if name in PRIORS else None
        return pipeline.ask(
            READERS[name], studies(SHOWS[name]), BUNDLES, clinical_of(name), prior, pipeline.Held("warn")
        )

    return answer


def test_there_is_at_least_one_reader_and_an_examination_for_each():
    assert set(SHOWS) == set(READERS)


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
def test_a_reader_says_how_far_it_was_tested_and_how_urgent_it_is_when(reader):
    assert reader.standing.on
    assert reader.triage.endswith(".")
    if not reader.bundles:
        assert reader.standing.level != "validated" or reader.card(BUNDLES).results


@every_reader
def test_a_reader_answers_about_the_examination_that_is_meant_for_it(reader, answers):
    answer = answers(reader.name)
    assert answer.outcome in {Outcome.FOUND, Outcome.UNDECIDED, Outcome.NOTHING_FOUND}, answer.refusal or answer.failure
    assert isinstance(reader.priority(answer.findings), Priority)


@every_reader
def test_every_number_has_a_unit_and_every_region_lies_on_the_grid_that_was_read(reader, answers):
    answer = answers(reader.name)
    evidence = answer.evidence
    shape = (evidence.image or evidence.volume).values.shape
    for finding in answer.findings:
        assert all(measurement.unit in UCUM and measurement.method for measurement in finding.measurements)
        assert finding.mask is None or finding.mask.inside.shape == shape
        assert finding.map is None or (finding.map.values.shape == shape and finding.positive)
        for ruling in finding.rulings:
            assert ruling.source
            assert ruling.edition


@every_reader
def test_a_probability_comes_from_a_network_and_a_method_gives_none(reader, answers):
    if not reader.bundles:
        assert all(f.probability is None and not f.details for f in answers(reader.name).findings)


@every_reader
def test_an_answer_becomes_a_structured_report_with_every_finding_and_a_segmentation(
    reader, answers, studies, tmp_path
):
    answer, study = answers(reader.name), studies(SHOWS[reader.name])
    report = Report(study.uid, study.patient_key, (answer,), reader.priority(answer.findings), NOW.isoformat())
    cards = {name: BUNDLES.card(name) for name in reader.bundles} | {reader.leading: reader.card(BUNDLES)}
    files = {file.name for file in write_outputs(report, cards, tmp_path / "out", uid=uid_source("a test"), now=NOW)}
    document = dcmread(tmp_path / "out" / f"{reader.name}.sr.dcm")
    told = {str(element.value) for element in document.iterall() if element.keyword in {"CodeMeaning", "TextValue"}}
    assert {finding.code.display for finding in answer.findings} <= told
    assert document.VerificationFlag == "UNVERIFIED"
    assert document.StudyInstanceUID in {series.study_uid for series in study.series}
    masked = any(finding.mask is not None and finding.mask.inside.any() for finding in answer.findings)
    assert (f"{reader.name}.seg.dcm" in files) == masked
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert NOTICE in page
    assert not [text for text in ("Doe^Jane", "INVENTED-1") if text in page]


@every_reader
def test_the_same_examination_gets_the_same_answer(reader, answers, studies):
    first = answers(reader.name)
    prior = studies(PRIORS[reader.name]) if reader.name in PRIORS else None
    again = pipeline.ask(
        reader, studies(SHOWS[reader.name]), BUNDLES, clinical_of(reader.name), prior, pipeline.Held("warn")
    )
    assert [_numbers(f) for f in again.findings] == [_numbers(f) for f in first.findings]
    assert again.warnings == first.warnings


def _numbers(finding):
    return finding.code, finding.probability, finding.location, finding.measurements, finding.notes, finding.rulings


@every_reader
@pytest.mark.parametrize("name", EXAMINATIONS)
def test_a_reader_refuses_the_examinations_of_the_others_in_words(reader, name, studies):
    if kind(name) in {kind(SHOWS[reader.name]), *ALSO_TAKES.get(reader.name, ())}:
        pytest.skip("may be meant for it")
    prior = studies(name) if reader.compares else None
    answer = pipeline.ask(reader, studies(name), BUNDLES, Clinical(), prior)
    assert answer.outcome is Outcome.REFUSED, answer.findings or answer.failure
    assert answer.refusal is not None
    assert answer.refusal.message.startswith("Found ")
    assert "needed " in answer.refusal.message


def kind(examination: str) -> str:
    """Examinations of one kind are named with the same word before the colon."""
    return examination.split(":", maxsplit=1)[0]


@every_reader
def test_the_cards_of_a_reader_are_complete(reader):
    roles = [(name, "reader") for name in reader.bundles] + [(reader.gate, "gate")] * bool(reader.gate)
    for name, role in roles:
        card = BUNDLES.card(name)
        assert card.role == role
        assert card.results, f"{name}: no results"
        assert card.thresholds or card.structures
        assert "evaluation.json" in card.sha256
    for card in [BUNDLES.card(name) for name, _ in roles] + [reader.card(BUNDLES)]:
        assert card.not_for
        assert card.limits, f"{card.name}: no known limits"
        assert card.training_data
        assert card.sources
        assert card.licence


@every_reader
def test_a_reader_has_a_page_with_its_question_its_cards_and_a_picture(reader):
    page = (PAGES / f"{reader.name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {reader.name}\n")
    assert reader.question in page
    for name in reader.bundles:
        assert f"secondread card {name}" in page
    (picture,) = re.findall(rf"!\[[^\]]+\]\(({re.escape(reader.name)}\.\w+)\)", page)
    assert (PAGES / picture).stat().st_size < 150_000


@every_reader
def test_the_index_names_a_reader_with_its_question_and_how_far_it_was_tested(reader):
    index = (PAGES.parent / "reference" / "index.md").read_text(encoding="utf-8")
    assert f"[{reader.name}](../readers/{reader.name}.md) | {reader.question} | {reader.standing.level} |" in index


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


def test_reader_is_the_type_of_all_of_them():
    assert all(isinstance(reader, Reader) for reader in READERS.values())
