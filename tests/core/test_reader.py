"""What readers pass on."""

import numpy as np
import pytest

from secondread.core.reader import Prepared


@pytest.mark.parametrize("shape", [(2, 1, 4, 4), (1, 3, 4, 4), (1, 4, 4), (4, 4)])
def test_a_prepared_picture_is_one_grey_picture(shape):
    with pytest.raises(ValueError, match="found"):
        Prepared(np.zeros(shape, np.float32), lambda values: values)


def test_a_prepared_picture_keeps_its_way_back():
    prepared = Prepared(np.zeros((1, 1, 4, 6)), lambda values: values[::2])
    assert prepared.tensor.dtype == np.float32
    assert prepared.to_source(np.ones((4, 6), np.float32)).shape == (2, 6)
