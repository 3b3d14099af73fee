"""Charts show the figures of the evaluation."""

import re
from xml.etree import ElementTree as ET

import pytest

from secondread.learn.page import charts, svg
from secondread.learn.page.svg import Frame, shares

NS = "{http://www.w3.org/2000/svg}"


def interval(value: float, low: float, high: float) -> dict:
    return {"value": value, "low": low, "high": high}


def dots(chart: charts.Chart, colour: str) -> list[tuple[float, float]]:
    return [
        (float(node.get("cx")), float(node.get("cy")))
        for node in ET.fromstring(chart.svg).iter(f"{NS}circle")
        if node.get("fill") == colour
    ]


def test_the_operating_point_lies_on_the_roc_curve_where_its_rates_are():
    part = {"sensitivity": interval(0.8, 0.7, 0.9), "specificity": interval(0.6, 0.5, 0.7)}
    part |= {"roc": [[0.0, 0.0], [0.4, 0.8], [1.0, 1.0]], "auroc_by_patient": interval(0.7, 0.6, 0.8)}
    chart = charts.roc("ill", part)
    (found,) = dots(chart, svg.POINT)
    assert found == pytest.approx(Frame(shares(""), shares("")).at(0.4, 0.8), abs=0.06)
    assert "0.700 (0.600 to 0.800)" in chart.caption


def test_every_case_is_in_one_bar_of_the_spread():
    values = [0.0, 0.031, 0.5, 0.5, 0.72, 1.0]
    part = {"of_case": values, "cases": 6, "dice": {"median": interval(0.5, 0.4, 0.6)}}
    chart = charts.dice_spread("lesion", part)
    heights = [float(node.get("height")) for node in ET.fromstring(chart.svg).iter(f"{NS}rect")]
    unit = min(height for height in heights if height)
    assert len(heights) == 20
    assert sum(heights) == pytest.approx(len(values) * unit, rel=0.01)
    assert "shown" not in chart.caption
    assert charts.dice_spread("lesion", part | {"cases": 2000}).caption.endswith("; 6 of 2000 shown.")


def test_a_detector_that_marks_little_keeps_its_sensitivity_at_higher_rates():
    part = {"points": [[0.0, 0.0], [0.05, 0.3], [0.5, 0.6]], "rate": 1.0, "hit": "inside"}
    part["sensitivity_at_rate"] = interval(0.6, 0.5, 0.7)
    line = re.search(r'<polyline points="([^"]+)"', charts.froc("lesion", part).svg)[1].split()
    heights = [float(point.split(",")[1]) for point in line]
    assert heights[-1] == heights[-2]
    assert heights[0] > heights[1]


def test_an_interval_in_a_table_stays_inside_its_scale():
    chart = charts.between(interval(0.9, 0.2, 1.2), 0.5, 1.0)
    ((across, _),) = dots(chart, svg.OURS)
    width, _ = charts.BAR
    assert 6 < across < width - 6
    assert chart.alt.startswith("0.900 (0.200 to 1.200)")


def test_all_rows_of_a_table_share_a_scale_that_holds_them():
    assert charts.scale([interval(0.4, 0.31, 0.5), None], 0.5) == (0.3, 1.0)
    assert charts.scale([None], 0.5) == (0.5, 1.0)
