"""The same numbers every time."""

import pytest

import tiny_trainings as tiny

torch = pytest.importorskip("torch")

from secondread.core.errors import RecipeError  # noqa: E402 - torch decides whether this file runs
from secondread.learn.determinism import deterministic, is_deterministic  # noqa: E402
from secondread.learn.loop import fit  # noqa: E402


def flags():
    cudnn = torch.backends.cudnn
    return torch.are_deterministic_algorithms_enabled(), cudnn.deterministic, cudnn.benchmark


def test_the_mode_ends_with_its_block_also_after_an_error():
    before = flags()
    seen = []

    def fail():
        seen.append((flags(), is_deterministic()))
        raise KeyError

    with pytest.raises(KeyError), deterministic():
        fail()
    assert seen == [((True, True, False), True)]
    assert flags() == before
    with deterministic(wanted=False):
        assert flags() == before


def test_an_operation_without_a_deterministic_form_is_told():
    name = "upsample_trilinear3d_backward_out_cuda"
    message = f"{name} does not have a deterministic implementation, but you set 'torch.use_deterministic_algorithms'"
    with pytest.raises(RecipeError, match=rf"--deterministic: .* needs {name}"), deterministic():
        raise RuntimeError(message)


def test_another_fault_keeps_its_own_words():
    with pytest.raises(RuntimeError, match="out of memory"), deterministic():
        raise RuntimeError("out of memory")


@pytest.mark.parametrize("name", ["dropout and mixup", "classes read by the mask", "volumes"])
def test_the_networks_here_have_only_deterministic_operations_on_a_processor_and_train_the_same_there_anyway(
    name, tmp_path
):
    recipe = tiny.TRAININGS[name]
    plain = fit(recipe, 1, tiny.splits(recipe), tmp_path / "plain" / "checkpoint.pt")
    with deterministic():
        strict = fit(recipe, 1, tiny.splits(recipe), tmp_path / "strict" / "checkpoint.pt")
    pairs = zip(plain.state_dict().values(), strict.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
