"""A key given as a seed is the key: the same stream, without asking the system for anything."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.philox_keys import PhiloxKey


@given(st.integers(0, 2**128 - 1))
def test_the_stream_is_that_of_the_key(number):
    ours, numpys = np.random.Philox(PhiloxKey(number)), np.random.Philox(key=number)
    np.testing.assert_array_equal(ours.random_raw(9), numpys.random_raw(9))


@pytest.mark.parametrize(("words", "dtype"), [(4, np.uint64), (2, np.uint32), (1, np.uint64)])
def test_a_key_is_no_entropy_for_another_generator(words, dtype):
    with pytest.raises(ValueError, match="2 words of uint64"):
        PhiloxKey(5).generate_state(words, dtype)
    with pytest.raises(ValueError, match="2 words of uint64"):
        np.random.PCG64(PhiloxKey(5))
