"""What tests of the learning lab start from."""

from importlib.util import find_spec

import pytest

import toy


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    """For networks of a few weights that is fastest, also beside other work."""
    if find_spec("torch"):
        import torch

        torch.set_num_threads(1)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A toy data set that the tests of one file share and leave as it is; its recipes come and go."""
    folder = tmp_path_factory.mktemp("toy")
    toy.make_set(folder)
    return folder
