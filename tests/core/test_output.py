"""The outputs of one forward pass belong together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.core.output import Output

sizes = st.integers(1, 4)


def output(n=2, labels=3, **changes):
    arrays = {"logits": np.zeros((n, labels)), "cam": np.zeros((n, labels, 4, 5)), "embedding": np.zeros((n, 6))}
    arrays["mask_logits"] = np.zeros((n, 2, 4, 5))
    return Output(**(arrays | changes))


@given(sizes, sizes, sizes, sizes)
def test_outputs_agree_on_the_number_of_inputs_and_of_classes(n, labels, other_n, other_labels):
    changes = {"cam": np.zeros((other_n, other_labels, 4, 5))}
    if (n, labels) == (other_n, other_labels):
        assert output(n, labels, **changes).logits.dtype == np.float32
    else:
        with pytest.raises(ValueError, match="the same"):
            output(n, labels, **changes)


@pytest.mark.parametrize("name", ["logits", "cam", "embedding", "mask_logits"])
def test_no_output_may_describe_another_number_of_inputs(name):
    with pytest.raises(ValueError, match="the same inputs"):
        output(**{name: np.concatenate([getattr(output(), name)] * 2)})


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["logits", "cam", "embedding", "mask_logits"])
def test_an_output_that_is_not_finite_is_named(name, bad):
    values = getattr(output(), name).copy()
    values.flat[-1] = bad
    with pytest.raises(ValueError, match=f"{name} is not finite"):
        output(**{name: values})


@pytest.mark.parametrize("name", ["logits", "cam", "embedding", "mask_logits"])
def test_an_output_without_its_dimensions_is_refused(name):
    with pytest.raises(ValueError, match="dimensions, needed"):
        output(**{name: getattr(output(), name)[..., 0]})


def test_a_network_that_only_outlines_has_no_labels_and_one_that_does_not_has_no_masks():
    assert output(labels=0).cam.shape == (2, 0, 4, 5)
    assert output(mask_logits=None).mask_logits is None
