"""A key of 128 bits in the form in which NumPy's counter-based generator takes it at a fifth of the cost."""

from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import NDArray


class PhiloxKey(ISeedSequence):
    """What ``Philox(key=number)`` is keyed by, as a seed: given as ``key``, NumPy asks the system for entropy first.

    Parameters
    ----------
    number
        From 0 to 2**128 - 1; the streams are those of ``Philox(key=number)``.

    """

    def __init__(self, number: int) -> None:
        self._words = np.array([number & 0xFFFF_FFFF_FFFF_FFFF, number >> 64], np.uint64)

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[Any]:
        """Return the two words of 64 bits that Philox asks for.

        Raises
        ------
        ValueError
            When anything else is asked for: this is no entropy, and must not be stretched.

        """
        if n_words != 2 or dtype is not np.uint64:
            raise ValueError(f"a Philox key is 2 words of uint64, not {n_words} of {dtype}")
        return self._words
