"""The only source of randomness: a generator that is a function of a seed, a purpose and a place."""

import hashlib
from typing import Any

import numpy as np


def digest(seed: int, purpose: str, *place: int | str) -> int:
    """Return a 128-bit number that names the place; equal places give equal numbers on every machine.

    Parameters
    ----------
    seed
        The seed that the user chose; any integer.
    purpose
        What the number is for, such as ``augmentation``; two purposes never share numbers.
    place
        Fold, stage, epoch, sample … as integers or texts; 1 and "1" are different places.

    """
    parts = [f"{type(step).__name__}:{step!r}" for step in (seed, purpose, *place)]
    return int.from_bytes(hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest(), "little")


def generator(seed: int, purpose: str, *place: int | str) -> "np.random.Generator":
    """Return a counter-based generator (Philox) keyed by the place.

    The same arguments give the same stream whatever was drawn before, in any order, thread or process.
    """
    # Here, so that who only takes a digest loads no numpy.random.
    from segcore.philox_keys import PhiloxKey

    key: Any = PhiloxKey(digest(seed, purpose, *place))  # NumPy's hints know its own kind of seed only
    return np.random.Generator(np.random.Philox(key))


def integer(seed: int, purpose: str, *place: int | str) -> int:
    """Return one number from 0 to 2**31 - 1, for libraries that take an integer as their seed."""
    return digest(seed, purpose, *place) & 0x7FFFFFFF
