"""Networks of a few weights: one thread is fastest, also beside other work."""

from importlib.util import find_spec

import pytest


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    if find_spec("torch"):
        import torch

        torch.set_num_threads(1)
