import argon2
import pytest

from secondread.serve.people import passwords

REAL = passwords._HASHER
QUICK = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(autouse=True)
def quick_hashes(request, monkeypatch):
    """Hashes that take no time, but for tests that ask for ``real_hashes``."""
    passwords._of_nobody.cache_clear()
    if "real_hashes" not in request.fixturenames:
        monkeypatch.setattr(passwords, "_HASHER", QUICK)
    yield
    passwords._of_nobody.cache_clear()


@pytest.fixture
def real_hashes():
    """Argon2id as people's passwords are kept."""
    return REAL
