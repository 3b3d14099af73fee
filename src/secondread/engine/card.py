"""``card.toml`` to :class:`ModelCard` and back. Schema version 1.

Every key is known and typed. A card with an unknown, missing or mistyped key does not load, because a
misspelt limit or threshold would otherwise be lost without a word.
"""

import re
import tomllib
from collections.abc import Callable
from typing import Any, TypeVar

from secondread.core.card import SCHEMA_VERSION, Calibration, InputContract, ModelCard, Threshold
from secondread.core.errors import CardError
from secondread.core.prepare_step import steps_to
from secondread.core.trust import MapRating, Outside
from secondread.engine.card_table import SECTIONS, Table

CARD_FILE = "card.toml"
MODEL_KEYS = (
    "name", "version", "role", "intended_use", "not_for", "labels", "licence", "training_data", "sources", "limits",
    "tolerance", "structures", "activation",
)  # fmt: skip
INPUT_KEYS = ("height_px", "width_px", "resize", "modalities", "views", "age_years", "channels", "depth_px", "prepare")
CALIBRATION_KEYS = ("method", "temperature", "fitted_on", "biases")
THRESHOLD_KEYS = ("name", "value", "rule", "undecided")
OUTSIDE_KEYS = ("method", "acceptance", "fitted_on")
MAP_KEYS = ("point", "rating", "told", "method")
SUBGROUP_KEYS = ("group", "n", "measure", "value")

_Noun = TypeVar("_Noun")
_HEX = re.compile(r"[0-9a-f]{64}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


def parse_card(text: str, where: str) -> ModelCard:
    """The card that ``text`` (TOML) describes.

    Args:
        text: Content of ``card.toml``.
        where: What messages call the file, e.g. ``chest-xray-pneumonia/card.toml``.

    Raises:
        CardError: If the text is not TOML, has another schema version, lacks a key, has one that is not known or
            of the wrong type, or names a file outside the bundle.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CardError(f"{where}: not valid TOML: {error}. Correct that place.") from error
    if content.get("schema") != SCHEMA_VERSION or isinstance(content["schema"], bool):
        found = "none" if "schema" not in content else repr(content["schema"])
        raise CardError(
            f"{where}: the schema version found is {found}; needed {SCHEMA_VERSION}. Write schema = {SCHEMA_VERSION} "
            "at the top if the card follows it, or use the program version that wrote the card."
        )
    top = Table(where, "the top level", content, tuple(SECTIONS))
    model = top.table("model", MODEL_KEYS)
    return _made(
        where,
        ModelCard,
        name=model.text("name"),
        version=model.text("version"),
        role=model.text("role"),
        sha256=_hashes(top),
        intended_use=model.text("intended_use"),
        not_for=model.texts("not_for"),
        labels=model.texts("labels"),
        thresholds=_thresholds(top),
        calibration=_calibration(top),
        input=_input(top),
        training_data=model.texts("training_data"),
        licence=model.text("licence"),
        sources=model.texts("sources"),
        limits=model.texts("limits") if "limits" in model else (),
        results=_results(top),
        subgroups=_subgroups(top),
        outside=_outside(top),
        maps=_maps(top),
        **({"tolerance": model.positive("tolerance")} if "tolerance" in model else {}),
        **({"structures": model.texts("structures")} if "structures" in model else {}),
        **({"activation": model.text("activation")} if "activation" in model else {}),
    )


def render_card(card: ModelCard) -> str:
    """TOML that :func:`parse_card` reads back as an equal card. Needs the extra ``learn``."""
    import tomli_w

    model = {key: _plain(getattr(card, key)) for key in MODEL_KEYS}
    contract = {key: _plain(getattr(card.input, key)) for key in INPUT_KEYS}
    contract["prepare"] = steps_to(card.input.prepare) or None
    content = {
        "schema": SCHEMA_VERSION,
        "model": model,
        "input": {key: value for key, value in contract.items() if value is not None},
        "calibration": {key: _plain(getattr(card.calibration, key)) for key in CALIBRATION_KEYS},
        "sha256": dict(card.sha256),
        "thresholds": [_row(point, THRESHOLD_KEYS) for point in card.thresholds],
        "results": dict(card.results),
        "subgroups": [dict(row) for row in card.subgroups],
        "maps": [_row(rating, MAP_KEYS) for rating in card.maps],
    }
    if card.outside is not None:
        content["outside"] = _row(card.outside, OUTSIDE_KEYS)
    return tomli_w.dumps(content)


def _row(noun: object, keys: tuple[str, ...]) -> dict[str, Any]:
    """A table of TOML, which has no word for None."""
    values = {key: _plain(getattr(noun, key)) for key in keys}
    return {key: value for key, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _made(where: str, noun: Callable[..., _Noun], **fields: Any) -> _Noun:
    """``noun(**fields)``, whose own complaints then say which file they are about."""
    try:
        return noun(**fields)
    except (CardError, ValueError) as error:
        raise CardError(f"{where}: {str(error).removeprefix('card: ')}") from error


def _thresholds(top: Table) -> tuple[Threshold, ...]:
    rows = top.tables("thresholds", THRESHOLD_KEYS)
    names = [row.text("name") for row in rows]
    if len(set(names)) != len(names):
        raise CardError(f"{top.where}: thresholds share a name: {names}. Keep one of each.")
    return tuple(
        _made(
            top.where,
            Threshold,
            name=row.text("name"),
            value=row.number("value"),
            rule=row.text("rule"),
            undecided=row.interval("undecided") if "undecided" in row else None,
        )
        for row in rows
    )


def _outside(top: Table) -> Outside | None:
    if "outside" not in top:
        return None
    table = top.table("outside", OUTSIDE_KEYS)
    return _made(
        top.where,
        Outside,
        method=table.text("method"),
        acceptance=table.number("acceptance"),
        fitted_on=table.text("fitted_on"),
    )


def _maps(top: Table) -> tuple[MapRating, ...]:
    if "maps" not in top:
        return ()
    rows = top.tables("maps", MAP_KEYS)
    return tuple(
        _made(
            top.where,
            MapRating,
            point=row.text("point"),
            rating=row.text("rating"),
            told=row.text("told"),
            **({"method": row.text("method")} if "method" in row else {}),
        )
        for row in rows
    )


def _calibration(top: Table) -> Calibration:
    table = top.table("calibration", CALIBRATION_KEYS)
    return _made(
        top.where,
        Calibration,
        method=table.text("method"),
        temperature=table.number("temperature"),
        fitted_on=table.text("fitted_on"),
        biases=table.numbers("biases") if "biases" in table else (),
    )


def _input(top: Table) -> InputContract:
    table = top.table("input", INPUT_KEYS)
    return _made(
        top.where,
        InputContract,
        height_px=table.whole("height_px"),
        width_px=table.whole("width_px"),
        resize=table.text("resize"),
        modalities=table.texts("modalities"),
        views=table.texts("views") if "views" in table else (),
        age_years=table.interval("age_years") if "age_years" in table else None,
        prepare=table.steps("prepare") if "prepare" in table else (),
        **{key: table.whole(key) for key in ("channels", "depth_px") if key in table},
    )


def _hashes(top: Table) -> dict[str, str]:
    """File name to SHA-256. Only files that lie in the bundle itself: no paths, so none can lead out of it."""
    hashes = top.named_texts("sha256")
    for name, digest in hashes.items():
        if not _PLAIN_NAME.fullmatch(name) or name == CARD_FILE:
            raise CardError(
                f"{top.where}: [sha256] names {name!r}; needed the plain name of a file beside the card (letters, "
                "digits, '.', '_', '-'). Move the file into the bundle's folder and name it there."
            )
        if not _HEX.fullmatch(digest):
            raise CardError(
                f"{top.where}: [sha256] of {name!r} is not a SHA-256; needed 64 digits 0-9, a-f. "
                f"Write what 'sha256sum {name}' prints."
            )
    return hashes


def _results(top: Table) -> dict[str, str]:
    return top.named_texts("results") if "results" in top else {}


def _subgroups(top: Table) -> tuple[dict[str, Any], ...]:
    if "subgroups" not in top:
        return ()
    return tuple(
        {"group": row.text("group"), "n": row.whole("n"), "measure": row.text("measure"), "value": row.text("value")}
        for row in top.tables("subgroups", SUBGROUP_KEYS)
    )
