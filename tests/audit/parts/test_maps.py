"""Ratings and rows of maps: each method by its own figures."""

from secondread.audit.parts.maps import rated, rows
from secondread.core.trust import IN_GRAPH, MAP_METHODS, OCCLUSION, MapRating


def figures(gain, alike):
    fields = ("deletion", "deletion_probability", "insertion", "likeness")
    return dict(zip(fields, (gain, [0.1, 0.05, 0.2], [0.1, 0.0, 0.2], alike), strict=True))


UP, DOWN, UNLIKE, ALIKE = [0.5, 0.3, 0.7], [-0.5, -0.7, -0.3], [0.1, 0.0, 0.2], [0.9, 0.8, 1.0]
QUESTIONS = {
    "effusion": {
        "pictures": 20,
        "patients": 20,
        "methods": {
            IN_GRAPH: figures(DOWN, UNLIKE),
            OCCLUSION: figures(UP, UNLIKE),
            "integrated gradients": figures(UP, ALIKE),
        },
    },
    "hernia": {"pictures": 0, "patients": 0},
}


def ratings():
    return [rated(name, part, method) for name, part in QUESTIONS.items() for method in MAP_METHODS]


def test_each_method_is_rated_by_its_own_figures_and_the_card_takes_every_rating():
    found = {(one["point"], one["method"]): one["rating"] for one in ratings()}
    assert found == {
        ("effusion", IN_GRAPH): "unfaithful",
        ("effusion", OCCLUSION): "faithful",
        ("hernia", IN_GRAPH): "not measured",
        ("hernia", OCCLUSION): "not measured",
    }
    assert "fell by 0.50 (0.30 to 0.70) SD" in ratings()[1]["told"]
    assert [MapRating(**one).method for one in ratings()] == [*MAP_METHODS, *MAP_METHODS]


def test_the_rows_tell_ratings_and_likeness_by_method():
    found = rows(QUESTIONS, {}, ratings())
    assert found["maps by question, in the graph"] == "unfaithful: effusion; not measured: hernia"
    assert found["maps by question, occlusion"] == "faithful: effusion; not measured: hernia"
    assert (
        "in the graph 0.10 (0.00 to 0.20), occlusion 0.10 (0.00 to 0.20)" in found["maps of effusion, weights shuffled"]
    )
