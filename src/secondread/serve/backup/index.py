"""The files that a database names."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select, union

from secondread.serve.database.tables import deliveries, instances, reads, signatures


@dataclass(frozen=True, slots=True)
class Named:
    """A file that the database names.

    Attributes:
        path: Below the room's folder.
        data_sha256: Of its data set, for a received object; ``""`` for others.
    """

    path: str
    data_sha256: str = ""


def named_files(connection: Connection, folder: Path) -> Iterator[Named]:
    """Received objects, and everything in the folders of reads and signatures.

    Args:
        connection: What was copied of the database.
        folder: The room's.
    """
    rows = connection.execute(select(instances.c.path, instances.c.sha256).execution_options(yield_per=1000))
    for row in rows:
        yield Named(f"images/{row.path}", row.sha256)
    folders = union(select(reads.c.folder), select(signatures.c.folder), select(deliveries.c.folder))
    results = folder / "results"
    seen: set[Path] = set()
    for name in connection.execute(folders).scalars():
        for file in sorted((results / name).rglob("*")):
            if file.is_file() and file not in seen:
                seen.add(file)  # a folder may lie in another one
                yield Named(file.relative_to(folder).as_posix())
