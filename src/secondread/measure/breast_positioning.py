"""How well the views show the breast to its back, as far as outlines tell.

Two of the usual criteria can be measured: in an MLO view the pectoral muscle reaches the posterior nipple line, and the
nipple lines of the CC and the MLO view of one breast are equal within 1 cm. Whether the nipple is in profile, and folds
or blur, are not judged.

Source: Eklund GW, Cardenosa G, Radiol Clin North Am 1992;30:21-53; both criteria are those of the ACR.
"""

from collections.abc import Mapping

from secondread.measure.breast_outline import Breast

SAME_MM = 10.0
Name = tuple[str, str]  # side and view


def nipple_lines_mm(views: Mapping[Name, Breast]) -> dict[Name, float]:
    """Length of the posterior nipple line of each view whose pixels have a size."""
    lines = {name: breast.nipple_line_mm() for name, breast in views.items()}
    return {name: line for name, line in lines.items() if line is not None}


def notes(views: Mapping[Name, Breast]) -> tuple[str, ...]:
    """Which standard views are there, and both criteria, in sentences."""
    missing = [f"{side} {view}" for view in ("CC", "MLO") for side in ("R", "L") if (side, view) not in views]
    told = [f"Missing of the four standard views: {', '.join(missing)}." if missing else "All four standard views."]
    told += [muscle(f"{side} MLO", breast) for (side, view), breast in views.items() if view == "MLO"]
    lines = nipple_lines_mm(views)
    told += [
        depths(side, lines[side, "CC"], lines[side, "MLO"])
        for side in ("R", "L")
        if (side, "CC") in lines and (side, "MLO") in lines
    ]
    return (*told, "Whether the nipples are in profile is not judged.")


def muscle(name: str, breast: Breast) -> str:
    """Whether the pectoral muscle reaches the nipple line."""
    if not breast.muscle.any():
        return f"{name}: no edge of the pectoral muscle was found."
    reach_mm = breast.muscle_reaches_mm()
    if reach_mm is None:
        return f"{name}: the pectoral muscle was found; without the size of a pixel its reach is not measured."
    does, where = ("reaches", "below") if reach_mm >= 0 else ("does not reach", "above")
    return f"{name}: the pectoral muscle {does} the nipple line: it ends {abs(reach_mm):.0f} mm {where} it."


def depths(side: str, cc_mm: float, mlo_mm: float) -> str:
    """Whether both views of a breast are equally deep.

    >>> depths("L", 98.0, 104.0)
    'L: the nipple lines of CC and MLO differ by 6 mm, within the usual 10 mm.'
    """
    apart = abs(cc_mm - mlo_mm)
    word = "within" if apart <= SAME_MM else "more than"
    return f"{side}: the nipple lines of CC and MLO differ by {apart:.0f} mm, {word} the usual {SAME_MM:g} mm."
