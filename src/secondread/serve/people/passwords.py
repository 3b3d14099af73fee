"""Passwords: how they are kept, checked, and which are too easy to guess."""

import base64
import hashlib
import string
import threading
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from secondread.core.errors import UsageError
from secondread.serve.room import Room

LONGEST = 256  # a password of megabytes would keep the processor busy
# Argon2id with the second recommended option of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes.
_HASHER = argon2.PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)
_AT_ONCE = threading.BoundedSemaphore(4)  # each takes 64 MiB: many log-ins at once wait rather than fill the memory
_FEWEST_KINDS = 5


class PasswordError(UsageError):
    """A new password cannot be taken."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of a check.

    Attributes:
        right: Whether it is the password.
        renewed: A hash by today's parameters to store instead, or empty.
    """

    right: bool
    renewed: str = ""


def hashed(password: str) -> str:
    """What is stored of a password."""
    with _AT_ONCE:
        return _HASHER.hash(_one_form(password))


def verify(password: str, stored: str) -> Verified:
    """Check a password against what is stored; against nothing it takes as long, and is wrong."""
    target = stored or _of_nobody()
    try:
        with _AT_ONCE:
            _HASHER.verify(target, _one_form(password))
    except (VerificationError, InvalidHashError):
        return Verified(right=False)
    if not stored:
        return Verified(right=False)
    return Verified(right=True, renewed=hashed(password) if _HASHER.check_needs_rehash(stored) else "")


def check_rules(password: str, name: str, shortest: int) -> None:
    """Stop at a password that is guessed first. Source: NIST SP 800-63B, 3.1.1.2: length, and a list of common ones.

    Raises:
        PasswordError: It says which rule is broken, never the password.
    """
    plain = password.casefold()
    core = plain.strip(string.digits + string.punctuation + string.whitespace)
    if not shortest <= len(password) <= LONGEST:
        raise PasswordError(f"password: needed {shortest} to {LONGEST} characters. Take a few words in a row.")
    if name and name.casefold() in plain:
        raise PasswordError("password: the name stands in it. Take a few words that nobody would guess.")
    if plain in common() or core in common() or core[: len(core) // 2] * 2 == core or len(set(plain)) < _FEWEST_KINDS:
        raise PasswordError("password: it is one of those tried first. Take a few words that nobody would guess.")


def one_time_password(room: Room) -> str:
    """A password to be read from a screen or paper and changed at once: 80 random bits in groups of four.

    Four times four letters and digits of base 32 hold 80 bits. Source: RFC 4648, section 6.
    """
    digest = hashlib.sha256(room.draw().encode()).digest()[:10]
    letters = base64.b32encode(digest).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _one_form(password: str) -> str:
    """The same letters are the same password on every keyboard: some send 한 as one sign, some as three.

    Source: NIST SP 800-63B, 3.1.1.2, normalisation before hashing (NFKC).
    """
    return unicodedata.normalize("NFKC", password[:LONGEST].encode("utf-8", "replace").decode())


@cache
def common() -> frozenset[str]:
    """The most common passwords; the file names its source."""
    lines = files("secondread.serve.people").joinpath("common_passwords.txt").read_text(encoding="ascii").splitlines()
    return frozenset(line for line in lines if not line.startswith("# "))


@cache
def _of_nobody() -> str:
    """A hash that no password is right for, so that an unknown name takes as long as a known one."""
    return hashed("a password of nobody")
