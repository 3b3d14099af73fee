import pytest

from secondread.audit.fairness.audit import audit
from unfair import unfair_results


@pytest.fixture(scope="session")
def found():
    """The audit of an unfair threshold."""
    return audit(unfair_results())
