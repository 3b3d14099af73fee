"""What is said of a study beside its findings: something undecided, readers that failed or refused, a warning."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
OTHERS = ("modality", "body-part", "no-prior", "switched-off", "population")  # refusals that are not about the images


def upgrade() -> None:
    op.add_column("studies", sa.Column("said_also", sa.String(length=64), server_default=sa.text("''"), nullable=False))
    studies = sa.table("studies", sa.column("id"), sa.column("read_version"), sa.column("said_also"))
    reads = sa.table("reads", sa.column("study_id"), sa.column("version"), sa.column("report"))
    latest = sa.and_(reads.c.study_id == studies.c.id, reads.c.version == studies.c.read_version)
    connection = op.get_bind()
    rows = connection.execute(sa.select(studies.c.id, reads.c.report).join(reads, latest))
    found = {study: words for study, report in rows if (words := _beside(json.loads(report)))}
    for study, words in found.items():
        connection.execute(sa.update(studies).where(studies.c.id == study).values(said_also=words))


def downgrade() -> None:
    op.drop_column("studies", "said_also")


def _beside(report: Mapping[str, Any]) -> str:
    """As the program of this version says it of a new read; a migration stays as it was written."""
    reads = report.get("reads", [])
    answered = [read for read in reads if read.get("findings")]
    known = {
        "failed": any(read.get("outcome") == "failed" for read in reads),
        "refused": any((read.get("refusal") or {}).get("reason", OTHERS[0]) not in OTHERS for read in reads),
        "undecided": any(finding.get("unsure") for read in answered for finding in read["findings"]),
        "warned": any(check.get("verdict") == "warned" for read in answered for check in read.get("checks", [])),
    }
    return " ".join(word for word, there in known.items() if there)
