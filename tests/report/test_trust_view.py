"""What an answer can be trusted on is shown in the page and on paper, in both languages; a warning looks like one."""

from dataclasses import replace

import pytest

import fakes
from read_rooms import small_picture
from report_desk import Desk
from report_page import Page
from secondread.core.card import Threshold
from secondread.core.illustration import Illustration
from secondread.core.trust import Check, Distance, MapRating, Outside, SimilarCase
from secondread.report import wording
from secondread.report.caption import sentences
from secondread.report.html import to_html
from secondread.report.locales import plain, words
from secondread.report.pdf import to_pdf
from secondread.report.picture import picture
from secondread.report.view.model import model_view
from secondread.report.view.trust import distance_views, similar_views

NAME = fakes.card().name
WARNING = "The tags name view AP, the picture looks like PA."
TOLD = "Deleting what it marks lowers the probability by 0.01."


def told(report, desk, language="en"):
    return Page(to_html(report, desk.cards, language=language))


def rated(rating):
    card = fakes.card(maps=(MapRating("pneumonia", rating, TOLD),))
    return Desk(card), replace(Desk(card).unsure(), point=(NAME, "pneumonia"))


def test_checks_are_told_in_one_line_where_they_passed_and_each_with_its_sentence_where_not(desk):
    checks = (
        Check("examination", "passed"), Check("view", "passed", "Seen and stated."), Check("motion", "not checked"),
        Check("exposure", "warned", "It is dark."), Check("tags", "warned", WARNING),
        Check("of-another-package", "passed"),
    )  # fmt: skip
    page = told(desk.report(desk.found(checks=checks, warnings=(WARNING,))), desk)
    assert "Passed: examination, view, of another package." in page.text
    assert "Not checked, nothing tells: motion." in page.text
    assert "warned: exposure It is dark." in page.text
    assert "warned: agreement of the tags told above" in page.text
    assert page.text.count(WARNING) == 1
    assert "Seen and stated" not in page.text
    assert "통과: 검사 종류, 촬영 방향," in told(page_report(desk, checks), desk, "ko").text


def test_two_warnings_of_one_check_are_not_told_again_below(desk):
    lower, upper = "The scan ends below.", "The scan ends above."
    checks = (Check("missing-part", "warned", f"{lower} {upper}"),)
    page = told(desk.report(desk.found(checks=checks, warnings=(lower, upper))), desk)
    assert [page.text.count(one) for one in (lower, upper, "told above")] == [1, 1, 1]


def page_report(desk, checks):
    return desk.report(desk.found(checks=checks))


def test_without_checks_distances_or_cases_nothing_is_said_of_them(desk):
    text = told(desk.report(desk.found()), desk).text
    assert not any(title in text for title in ("What was checked", "How unlike", "Similar training"))


def test_a_distance_is_shown_against_its_threshold_and_never_rounded_onto_it(desk):
    near, far, edge = Distance("a", 0.5, (("embedding", 0.5), ("neighbours", 0.25)), 3), Distance("b", 9.0), 1.0004
    views = distance_views(desk.found(distances=(near, far, Distance("c", edge))), words("en"))
    assert [(one.share, one.limit, one.outside) for one in views] == [(0.25, 0.5, False), (1.0, 0.5, True),
                                                                      (0.5002, 0.5, True)]  # fmt: skip
    assert plain(views[0].told) == "0.50 of 1: within what it was trained on"
    assert plain(views[0].small) == "Most unlike: what the network sees in it 0.50. Median of 3 inputs."
    both = Distance("d", 3.0, (("own", 1.5), ("grain", 3.0), ("greys", 0.5)))
    [told] = distance_views(desk.found(distances=(both,)), words("en"))
    assert plain(told.small) == "Most unlike: its noise and sharpness 3.00, own 1.50."
    assert plain(views[2].told).startswith("1.0004, beyond 1")
    [usual] = distance_views(desk.found(distances=(Distance("e", 0.0, (("greys", 0.0), ("rest", 0.0))),)), words("en"))
    assert plain(usual.small) == "", "of nothing strange no part is the strangest"


def test_similar_cases_are_pictures_where_they_may_be_shown_and_a_sentence_where_not(desk):
    shown = SimilarCase("open", "pneumonia", 0.125, "An open set", (("age", "4"),), small_picture())
    hidden = [SimilarCase("closed", answer, 0.5, "A closed set") for answer in ("effusion", "effusion", "nothing")]
    read = desk.found(similar=(shown, *hidden))
    first, second = similar_views(read, words("en"))
    assert [plain(case.caption) for case in first.cases] == ["pneumonia, distance 0.125, age 4"]
    assert (first.cases[0].jpeg, first.cases[0].size) == (shown.thumbnail, (24, 20))
    assert (second.cases, plain(second.told)) == ((), "Of the 3 nearest: 2 effusion, 1 nothing.")
    assert (bool(first.withheld), bool(second.withheld)) == (False, True)
    page = told(desk.report(read), desk)
    assert [e["alt"] for e in page.all("img") if "training case" in e["alt"]] == [
        "Picture of training case 1, described below it."
    ]
    assert all(e["src"].startswith("data:image/") for e in page.all("img"))


@pytest.mark.parametrize("rating", ["unfaithful", "not shown", "not measured"])
def test_a_map_that_was_not_shown_to_be_faithful_is_warned_about_beside_it_in_every_form(rating):
    desk, finding = rated(rating)
    read = desk.undecided(findings=(finding,))
    report, shown = desk.report(read), picture(read)
    page = told(report, desk)
    assert "Do not rely on where the colours lie" in page.text
    assert TOLD in page.text
    assert [e["class"] for e in page.all("p") if "rating" in e.get("class", "")] == [
        f"rating {rating.replace(' ', '-')}"
    ]
    assert "색의 위치를 믿지 마십시오" in told(report, desk, "ko").text
    assert any(line.startswith("Do not rely") for line in sentences(report, read, desk.card, shown))


def test_a_faithful_map_is_said_to_be_so_and_is_not_warned_about():
    desk, finding = rated("faithful")
    read = desk.undecided(findings=(finding,))
    text = told(desk.report(read), desk).text
    assert "maps of this kind mark what the network used" in text
    assert "Do not rely" not in text
    assert not any("Do not rely" in line for line in sentences(desk.report(read), read, desk.card, picture(read)))


def test_a_map_of_a_bundle_that_was_never_measured_is_warned_about(desk):
    assert "was not measured" in told(desk.report(desk.found()), desk).text


def test_the_rating_is_that_of_the_operating_point_that_the_finding_names():
    thresholds = (Threshold("one", 0.5, "r"), Threshold("two", 0.5, "r"))
    card = fakes.card(
        thresholds=thresholds, maps=(MapRating("one", "faithful", "a"), MapRating("two", "unfaithful", "b"))
    )
    finding = Desk(card).finding()
    assert wording.map_rating(replace(finding, point=(NAME, "two")), [card]).rating == "unfaithful"
    assert wording.map_rating(replace(finding, point=(NAME, "one")), [card]).rating == "faithful"
    assert wording.map_rating(replace(finding, point=("another", "one")), [card]) is None
    assert wording.map_rating(finding, [card]) is None


def test_a_refusal_shows_the_picture_that_says_why(desk):
    drawn = Illustration("What is unlike", picture(desk.found()).plain, "Left: this picture.")
    read = desk.refused(illustrations=(drawn,), distances=(Distance(NAME, 3.0),), evidence=desk.found().evidence)
    page = told(desk.report(read), desk)
    assert "What is unlike. Left: this picture." in [e["alt"] for e in page.all("img")]
    assert "3.00, beyond 1: unlike what it was trained on" in page.text
    assert to_pdf(desk.report(read), desk.cards, [picture(read)]).startswith(b"%PDF-")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_everything_can_be_printed(desk, language):
    similar = tuple(SimilarCase(NAME, "pneumonia", 0.1, "Set", (), small_picture()) for _ in range(7))
    checks = (Check("view", "refused", "No view."), Check("exposure", "passed"), Check("noise", "not checked"))
    read = desk.undecided(checks=checks, distances=(Distance(NAME, 0.5), Distance("b", 2.0)), similar=similar)
    made = to_pdf(desk.report(read), desk.cards, [picture(read)], language=language)
    assert made.startswith(b"%PDF-")
    assert made.count(b"/DCTDecode") >= 3  # the same small picture is stored once


def test_a_card_tells_operating_points_strange_inputs_maps_and_groups_what_was_assessed():
    card = fakes.card(
        thresholds=(Threshold("pneumonia", 0.5, "a rule", (0.375, 0.625)),),
        outside=Outside("Mahalanobis distance", 0.95, "validation data", 1.5),
        maps=(MapRating("pneumonia", "not shown", TOLD),),
        site="City",
        results={"pneumonia: AUROC": "0.9", "maps: pneumonia": "0.01", "audit: lowest AUROC": "0.8"},
    )
    view = model_view(card, words("en"))
    entries = {plain(one.name): [plain(text) for text in one.texts] for one in view.entries}
    assert entries["Operating points"] == ["pneumonia: 0.5 (a rule); undecided from 0.375 to 0.625"]
    assert entries["Inputs unlike the training"][0].startswith("Mahalanobis distance. The threshold lets 95 % of known")
    assert "multiplied by 1.5" in entries["Inputs unlike the training"][0]
    assert entries["Maps"] == [f"pneumonia, map in the graph: not shown to mark what the network used. {TOLD}"]
    assert "those of City" in entries["Site"][0]
    assert [(plain(table.title), [plain(row[0]) for row in table.rows]) for table in view.tables[:3]] == [
        ("Results of the evaluation", ["pneumonia: AUROC"]),
        ("Whether maps mark what the network used", ["pneumonia"]),
        ("For whom it works less well", ["lowest AUROC"]),
    ]
