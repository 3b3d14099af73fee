"""Arrays that nobody can change behind the holder's back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from secondread.core.arrays import frozen

ANY = (1, 2, 3, 4)
DTYPES = st.sampled_from([np.uint8, np.int32, np.float32, np.float64])


@given(arrays(np.uint8, array_shapes(max_dims=4)), DTYPES, st.sampled_from("CF"))
def test_the_same_numbers_come_back_in_the_wanted_type_and_order(values, dtype, order):
    held = frozen(np.asarray(values, order=order), dtype, ANY)
    assert held.dtype == dtype
    assert held.flags.c_contiguous
    assert np.array_equal(held, values)


@given(arrays(np.uint8, array_shapes(max_dims=4)), DTYPES)
def test_changing_the_input_later_changes_nothing(values, dtype):
    values = values.astype(dtype)
    before, held = values.copy(), frozen(values, dtype, ANY)
    values += 1
    assert np.array_equal(held, before)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_held_cannot_be_written_copied_or_converted(dtype):
    held = frozen(np.zeros((2, 3), np.float32), dtype, ANY)
    with pytest.raises(ValueError, match="read-only"):
        held[...] = 0


def test_the_callers_own_array_stays_writeable():
    values = np.zeros(3)
    frozen(values, np.float64, (1,))
    values[0] = 1.0
    assert values.tolist() == [1.0, 0.0, 0.0]


def test_what_is_frozen_already_is_not_copied():
    held = frozen(np.zeros((3, 4), np.float32), np.float32, (2,))
    assert frozen(held, np.float32, (2,)) is held
    row = held[1]
    assert frozen(row, np.float32, (1,)) is row


def test_numbers_in_bytes_which_nobody_can_change_are_not_copied():
    values = np.frombuffer(bytes(range(16)), np.uint8)
    assert frozen(values, np.uint8, (1,)) is values


def locked(values):
    values.flags.writeable = False
    return values


@pytest.mark.parametrize(
    "look_into",
    [
        lambda owner: locked(owner[:]),
        lambda owner: locked(owner.reshape(2, 2)[:1].reshape(2)),
        lambda owner: np.broadcast_to(owner, (1, 4)),
        lambda owner: np.lib.stride_tricks.as_strided(owner, writeable=False),
        lambda owner: locked(np.frombuffer(memoryview(owner), np.float32)),
    ],
    ids=["view", "reshaped", "broadcast", "strided", "buffer"],
)
def test_a_read_only_window_into_a_writeable_array_is_copied(look_into):
    owner = np.ones(4, np.float32)
    window = look_into(owner)
    assert not window.flags.writeable
    held = frozen(window, np.float32, (1, 2))
    owner[:] = 7.0
    assert (held == 1.0).all()


def test_a_read_only_window_into_a_bytearray_is_copied():
    store = bytearray(4)
    held = frozen(locked(np.frombuffer(store, np.uint8)), np.uint8, (1,))
    store[0] = 255
    assert held.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("wanted", [(2,), (3,), (2, 3), (3, 4), ANY], ids=str)
@pytest.mark.parametrize("shape", [(2,), (2, 3), (2, 3, 1), (1, 2, 3, 4)], ids=str)
def test_only_the_wanted_numbers_of_dimensions_pass(shape, wanted):
    values = np.zeros(shape)
    if values.ndim in wanted:
        assert frozen(values, np.float32, tuple(wanted)).shape == values.shape
    else:
        with pytest.raises(ValueError, match=f"found {values.ndim} dimensions, needed"):
            frozen(values, np.float32, tuple(wanted))


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_an_empty_axis_is_refused(shape):
    with pytest.raises(ValueError, match="empty array"):
        frozen(np.zeros(shape), np.float32, ANY)


def test_a_list_is_as_good_as_an_array():
    assert frozen([[1, 2], [3, 4]], np.float32, (2,)).tolist() == [[1.0, 2.0], [3.0, 4.0]]
