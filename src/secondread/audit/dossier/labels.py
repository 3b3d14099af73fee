"""The label: what it is, for whom, and the warnings, in English and Korean."""

import tomllib
from pathlib import Path

from secondread.audit.dossier.markdown import PERSON, listing, section
from secondread.audit.dossier.subject import Subject, contract
from secondread.core.report import NOTICE

KOREAN = Path(__file__).parent / "korean.toml"
NOTICE_KO = "초안. 연구용 판독 보조이며 진단용이 아닙니다. 자격을 갖춘 의사의 검토가 필요합니다."


def label_en(subject: Subject) -> str:
    """The label in English."""
    card = subject.card
    parts = [
        f"# {card.name} {card.version}",
        f"**{NOTICE}**",
        section("Intended use", card.intended_use),
        section("Not for", listing(card.not_for)),
        section("Takes", contract(subject)),
        section("Warnings", listing(card.limits)),
        section("Identity", f"SHA-256 `{card.weights}`. Licence: {card.licence}."),
        section("Manufacturer, address, date", PERSON + "."),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def label_ko(subject: Subject) -> str:
    """The label in Korean; where no Korean text is known, a person is asked for it, the English beside it.

    The warnings are the card's limits: they change with every training, and are left to a person to put into Korean.
    """
    card = subject.card
    known = tomllib.loads(KOREAN.read_text(encoding="utf-8")).get(card.name)
    person = "**사람이 작성해야 합니다**"
    use = known["intended_use"] if known else f"{person}: {card.intended_use}"
    not_for = known["not_for"] if known else [f"{person}: {text}" for text in card.not_for]
    parts = [
        f"# {card.name} {card.version}",
        f"**{NOTICE_KO}**",
        section("사용 목적", use),
        section("사용하지 말아야 할 경우", listing(not_for)),
        section("입력", contract(subject)),
        section("경고", listing(f"{person}: {text}" for text in card.limits)),
        section("식별", f"SHA-256 `{card.weights}`. 이용 조건: {card.licence}."),
        section("제조자, 주소, 날짜", f"{person}."),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
