"""Rows of studies as the worklist would find them, without images: any number, of every kind."""

import random

from secondread.serve.database.connect import writing
from secondread.serve.database.tables import studies
from secondread.serve.moments import after
from secondread.serve.room import Room

STATES = ("draft", "draft", "draft", "arriving", "reading", "refused", "failed", "signed")
EXAMINATIONS = (
    ("CT", "HEAD", "CT Brain (non-contrast)", "Intracranial haemorrhage"),
    ("DX", "CHEST", "Chest PA", "Pneumonia"),
    ("CR", "CHEST", "Chest AP portable", "Nothing found"),
    ("MR", "BRAIN", "MR Brain with contrast", "Brain tumour"),
    ("MG", "BREAST", "Mammography, both sides", "Density c"),
    ("US", "BREAST", "US Breast left", "Mass, BI-RADS aid 4"),
    ("CT", "CHEST", "CT Chest low dose", "2 nodules"),
)
NAMES = ("Kim^Minsu=金^珉秀=김^민수", "Lee^Seoyeon=李^敍姸=이^서연", "Adams^Ruth", "Moreau^Alice", "Schmidt^Jens")


def add_study(room: Room, number: int, **values: object) -> str:
    """One study, ``values`` instead of what stands here; returns its UID."""
    row = {**study(room, number, random.Random(number)), **values}
    with writing(room.database) as connection:
        connection.execute(studies.insert().values(row))
    return str(row["study_uid"])


def add_studies(room: Room, count: int) -> None:
    """Many, the same ones each time."""
    draw = random.Random(6)
    with writing(room.database) as connection:
        connection.execute(studies.insert(), [study(room, number, draw) for number in range(1, count + 1)])


def study(room: Room, number: int, draw: random.Random) -> dict[str, object]:
    """A row of ``studies``."""
    modality, part, description, said = draw.choice(EXAMINATIONS)
    state, images = draw.choice(STATES), draw.randint(1, 400)
    answered = state in {"draft", "signed"}
    nothing = said == "Nothing found"
    arrived = after(room.now(), -draw.uniform(60, 30 * 24 * 3600))
    return {
        "study_uid": f"2.25.{10**20 + number}",
        "patient_id": f"P{number:06d}",
        "patient_name": draw.choice(NAMES),
        "patient_birth_date": f"{draw.randint(1930, 2005)}0{draw.randint(1, 9)}15",
        "patient_sex": draw.choice("MF"),
        "patient_key": f"p-{number:016x}",
        "study_date": arrived[:10].replace("-", ""),
        "accession_number": f"A{number:08d}",
        "study_description": description,
        "modalities": modality,
        "body_parts": part,
        "state": state,
        "priority": (2 if nothing else draw.choice((0, 1, 1, 2, 2))) if answered else 3,
        "said": said if answered else "",
        "said_key": "reading.nothing-found" if answered and nothing else "",
        "instance_count": images,
        "expected_instances": images + 40 if state == "arriving" else None,
        "read_version": int(answered),
        "late_images": answered and draw.random() < 0.1,
        "first_received_at": arrived,
        "last_received_at": arrived,
        "changed_at": arrived,
    }
