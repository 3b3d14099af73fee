"""What the surroundings say: read once at the edge, passed down as plain arguments."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from secondread.core.errors import UsageError
from secondread.core.trust import MAP_CHOICES, map_choice

ENGINES = ("auto", "onnxruntime", "openvino")
OUTSIDE = ("refuse", "warn")
MAPS = MAP_CHOICES
DEFAULT_ENGINE = "auto"
DEFAULT_THREADS = 2
MAX_THREADS = 1024  # an engine that is asked for a hundred thousand never starts
VARIABLES = (
    "SECONDREAD_ENGINE",
    "SECONDREAD_THREADS",
    "SECONDREAD_BUNDLES",
    "SECONDREAD_SITE",
    "SECONDREAD_PSEUDONYM_KEY_FILE",
    "SECONDREAD_OUTSIDE",
    "SECONDREAD_MAPS",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How this machine wants the program to run. An option of a command wins over these.

    Attributes:
        engine: What runs networks: one of ``ENGINES``.
        threads: Processor threads a network may use, 1 to ``MAX_THREADS``.
        bundles: Folders that are searched for bundles before the ones that ship.
        site: Folder with a site's own calibrations and thresholds, or None.
        pseudonym_key_file: File whose bytes key the patients' pseudonyms, or None.
        outside: What is done about an input unlike a network's training: one of ``OUTSIDE``.
        maps: How the map of a finding is made: one of ``MAPS``.

    Raises:
        UsageError: If a value cannot be used.
    """

    engine: str = DEFAULT_ENGINE
    threads: int = DEFAULT_THREADS
    bundles: tuple[Path, ...] = ()
    site: Path | None = None
    pseudonym_key_file: Path | None = None
    outside: str = OUTSIDE[0]
    maps: str = MAPS[0]

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise UsageError(f"engine is {self.engine!r}; needed one of {', '.join(ENGINES)}")
        if self.outside not in OUTSIDE:
            raise UsageError(f"outside is {self.outside!r}; needed one of {', '.join(OUTSIDE)}")
        map_choice(self.maps)
        thread_count(str(self.threads), "threads")


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables; an empty variable counts as not set.

    Raises:
        UsageError: If a value cannot be used.

    >>> from_environment({"SECONDREAD_THREADS": "4"}).threads
    4
    """
    engine, threads, bundles, site, key_file, outside, maps = (environment.get(name, "").strip() for name in VARIABLES)
    return Settings(
        engine=engine or DEFAULT_ENGINE,
        threads=thread_count(threads, "SECONDREAD_THREADS") if threads else DEFAULT_THREADS,
        bundles=tuple(Path(part) for part in bundles.split(os.pathsep) if part),
        site=Path(site) if site else None,
        pseudonym_key_file=Path(key_file) if key_file else None,
        outside=outside or OUTSIDE[0],
        maps=maps or MAPS[0],
    )


def thread_count(text: str, name: str) -> int:
    """A number of threads that was given as text.

    Raises:
        UsageError: If it is no whole number from 1 to ``MAX_THREADS``; it says ``name``.
    """
    if not text.isdecimal() or len(text) > len(str(MAX_THREADS)) or not 1 <= int(text) <= MAX_THREADS:
        raise UsageError(f"{name} is {text!r}; needed a whole number from 1 to {MAX_THREADS}")
    return int(text)


def pseudonym_key(file: Path | None) -> bytes | None:
    """The bytes that key pseudonyms, or None when no file is named.

    Raises:
        UsageError: If the file cannot be read, or is too short to be a secret.
    """
    if file is None:
        return None
    try:
        key = file.read_bytes().strip()
    except OSError as error:
        raise UsageError(f"pseudonym key file {file.name!r} cannot be read: {error.strerror}. Name another.") from error
    if len(key) < 16:
        raise UsageError(
            f"pseudonym key file {file.name!r} holds {len(key)} bytes; needed at least 16, so that nobody can "
            "guess them. Make one with: head -c 32 /dev/urandom > FILE"
        )
    return key
