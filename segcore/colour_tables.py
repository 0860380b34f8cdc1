"""Colour operations that give each value another, whatever stands beside it: drawn, and as tables of 256 bytes.

The formulas are those of imgaug 0.4.0 for uint8, in its own precision (float32, cut towards zero; bins in float64
as on NumPy 2), so that equal parameters give equal bytes.
"""

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.picking import NotDrawnError, number, whole
from segcore.seeds import generator
from segcore.values import Call, Range, Value

Tables: TypeAlias = tuple[bytes, ...]
"""One table for all channels, or one for each: the new value of each old one."""
NOTHING = bytes(range(256))
# Added before rounding, so that it cuts towards zero. A product and a sum of float32 below 256 are together wrong by no
# more than 2**-16, so that a value which is further than 2**-13 from the next whole number is rounded to its own.
FACTOR_SHIFT = 2**-15 - 0.5


@frozen
class Colour:
    """An operation by its name in imgaug, with the parameters that were drawn for all channels together."""

    name: str
    values: tuple[float, ...]


@frozen
class EachChannel:
    """An operation whose parameters are drawn for each channel of its own.

    Attributes
    ----------
    call
        The call whose arguments say what is drawn.
    shared
        Parameters that are the same for all channels nevertheless.
    seed
        From 0 to 2**31 - 1; the numbers of a channel do not depend on how many there are.

    """

    call: Call
    shared: tuple[float, ...]
    seed: int


def _levels() -> NDArray[np.uint8]:
    return np.frombuffer(NOTHING, np.uint8)


def _shares() -> NDArray[np.float32]:
    return np.linspace(0, 1.0, num=256, dtype=np.float32)


def _single(value: float) -> NDArray[np.float32]:
    # An array, as in imgaug: NumPy raises to a lone 2 or 0.5 by another road, which may differ in the last bit.
    return np.array([value], np.float32)


def _bytes(table: NDArray[Any]) -> bytes:
    clipped: NDArray[np.uint8] = np.minimum(np.maximum(table, 0), 255).astype(np.uint8)
    return clipped.tobytes()


def _add(value: float) -> bytes:
    added = int(np.clip(np.round(np.float32(value)), -255, 255))
    return _bytes(np.arange(256) + added)


def _multiply(factor: float) -> bytes:
    return _bytes(_levels() * np.float32(factor))


def _linear(alpha: float) -> bytes:
    return _bytes(127 + np.float32(alpha) * (_levels() - np.float32(127)))


def _gamma(gamma: float) -> bytes:
    return _bytes(_shares() ** _single(gamma) * 255)


def _sigmoid(gain: float, cutoff: float) -> bytes:
    return _bytes(255 * 1 / (1 + np.exp(_single(gain) * (_single(cutoff) - _shares()))))


def _logarithm(gain: float) -> bytes:
    return _bytes(255 * _single(gain) * np.log2(1 + _shares()))


def _invert(low: float, high: float, threshold: float, is_above: float) -> bytes:
    """Return the table of ``Invert``: a `threshold` below 0 means all values, `is_above` those from it on."""
    levels = np.arange(256)
    inverted = 255 - levels if (low, high) == (0, 255) else high - np.abs(levels - low)
    table = np.clip(inverted, low, high).astype(np.uint8).tobytes()
    if threshold < 0:
        return table
    cut = int(np.float32(threshold))  # imgaug draws float32: a little less than 2 is 2
    return NOTHING[:cut] + table[cut:] if is_above else table[:cut] + NOTHING[cut:]


def _quantize(bins: float, is_centred: float) -> bytes:
    """Return the table of as many equal bins, each of which becomes its centre or its lower end.

    imgaug's own table of 255 bins is missing and makes every image black; this one is like the others.
    """
    if bins >= 256:
        return NOTHING
    width = 256 / bins
    table = np.floor(np.arange(256) / width) * width
    return _bytes(np.round((table + width / 2 if is_centred else table).astype(np.float32)))


# From a name of imgaug to its table, and to the arguments that are drawn with their defaults.
_TABLES: MappingProxyType[str, Callable[..., bytes]] = MappingProxyType(
    {
        "Add": _add,
        "Multiply": _multiply,
        "LinearContrast": _linear,
        "ContrastNormalization": _linear,
        "GammaContrast": _gamma,
        "SigmoidContrast": _sigmoid,
        "LogContrast": _logarithm,
        "Invert": _invert,
        "Solarize": _invert,
        "UniformColorQuantization": _quantize,
        "UniformColorQuantizationToNBits": _quantize,
        "Posterize": _quantize,
    }
)
_DRAWN: MappingProxyType[str, tuple[tuple[str, Value], ...]] = MappingProxyType(
    {
        "Add": (("value", Range(-20, 20)),),
        "Multiply": (("mul", Range(0.8, 1.2)),),
        "LinearContrast": (("alpha", Range(0.6, 1.4)),),
        "ContrastNormalization": (("alpha", 1.0),),
        "GammaContrast": (("gamma", Range(0.7, 1.7)),),
        "SigmoidContrast": (("gain", Range(5, 6)), ("cutoff", Range(0.3, 0.6))),
        "LogContrast": (("gain", Range(0.4, 1.6)),),
    }
)
_INVERTING = frozenset({"Invert", "Solarize"})
COLOURS = frozenset(_TABLES)
# Those whose fourth channel imgaug takes for transparency, and leaves.
_SPARING = frozenset({"UniformColorQuantization", "UniformColorQuantizationToNBits", "Posterize"})


def _inversion(call: Call, units: Sequence[float]) -> tuple[float, ...]:
    low, high = call.get("min_value"), call.get("max_value")
    threshold = call.get("threshold", Range(64, 192) if call.name == "Solarize" else None)
    is_above = units[1] < number(call.get("invert_above_threshold", 1 if call.name == "Solarize" else 0.5), 0)
    ends = number(0 if low is None else low, 0), number(255 if high is None else high, 0)
    if ends[0] >= ends[1]:
        raise NotDrawnError("min_value must be below max_value")
    return (*ends, -1.0 if threshold is None else number(threshold, units[0]), float(is_above))


def _quantization(call: Call, unit: float) -> Colour:
    if call.get("to_colorspace") is not None or call.get("max_size") is not None:
        raise NotDrawnError("another colour space, or another size, is left to the library")
    if call.name == "UniformColorQuantization":
        return Colour(call.name, (max(whole(call.get("n_colors", Range(2, 16)), unit), 2), 1.0))
    bits = min(max(whole(call.get("nb_bits", Range(1, 8)), unit), 1), 8)
    return Colour(call.name, (2**bits, 0.0))


def draw_colour(call: Call, units: Sequence[float]) -> Colour | EachChannel | None:
    """Return a colour operation as it is drawn, or None where an inversion does not happen.

    Parameters
    ----------
    call
        One of `COLOURS`, with imgaug's arguments.
    units
        At least five uniform numbers, each of which has its own use.

    Raises
    ------
    NotDrawnError
        When an argument is left to the library.

    """
    if call.name in _SPARING:
        return _quantization(call, units[2])
    is_inverting = call.name in _INVERTING
    shared = _inversion(call, units[3:5]) if is_inverting else ()
    if units[1] < number(call.get("per_channel", 0), 0):
        return EachChannel(call, shared, int(units[0] * 2**31))
    if is_inverting:
        return Colour(call.name, shared) if units[2] < number(call.get("p", 1), 0) else None
    drawn = enumerate(_DRAWN[call.name])
    return Colour(
        call.name, tuple(number(call.get(name, default), units[2 + at]) for at, (name, default) in drawn)
    )


def _of_channel(step: EachChannel, units: Sequence[float]) -> bytes:
    call = step.call
    if call.name in _INVERTING:
        return _invert(*step.shared) if units[0] < number(call.get("p", 1), 0) else NOTHING
    drawn = zip(_DRAWN[call.name], units, strict=False)
    return _TABLES[call.name](*(number(call.get(name, default), unit) for (name, default), unit in drawn))


def tables(step: Colour | EachChannel, channels: int) -> Tables:
    """Return the tables of a colour operation for an image of so many channels: one, or one for each."""
    if isinstance(step, EachChannel):
        draws = generator(step.seed, "channels").random((channels, 2)).tolist()
        return tuple(_of_channel(step, units) for units in draws)
    table = _TABLES[step.name](*step.values)
    return (table, table, table, NOTHING) if step.name in _SPARING and channels == 4 else (table,)


def scaled(step: Colour | EachChannel) -> tuple[bytes, float] | None:
    """Return the table of a step that multiplies, with its factor, where the one can stand for the other; else None.

    ``round(factor * value + FACTOR_SHIFT)`` is then the value in the table, however a machine rounds that sum of
    float32: no product comes nearer to the next whole number than could be doubted. About one in twenty does.
    """
    if not (isinstance(step, Colour) and step.name == "Multiply" and 0.01 < step.values[0] < 256):
        return None
    factor = float(np.float32(step.values[0]))
    # A float is a whole number over a power of two, so that all products are whole numbers too. (A loop over 256 of
    # them takes less of a processor that has just seen an image than NumPy's own way to its loops.)
    numerator, denominator = factor.as_integer_ratio()
    shift, doubt = denominator.bit_length() - 1, denominator >> 13
    products = range(0, min(256 * numerator, 256 * denominator), numerator)
    table = [one >> shift for one in products]
    if table != [one + doubt >> shift for one in products]:
        return None
    return bytes(table).ljust(256, b"\xff"), factor


def chained(first: Tables, second: Tables) -> Tables:
    """Return the tables that do `first` and then `second`."""
    channels = max(len(first), len(second))
    before, after = (one * channels if len(one) < channels else one for one in (first, second))
    return tuple(one.translate(other) for one, other in zip(before, after, strict=True))


def is_gentle(given: Tables, most: int = 8) -> bool:
    """Return whether neighbouring values stay neighbours: no two differ by more than `most` afterwards.

    Only then a mean of values that are changed is nearly the changed mean of the values.
    """
    steps = (np.diff(np.frombuffer(table, np.uint8).astype(np.int16)) for table in given)
    return all(int(np.abs(one).max()) <= most for one in steps)
