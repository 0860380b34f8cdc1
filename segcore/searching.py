"""The space of a search as frozen records, and what is drawn from it: every combination, or one at random."""

import json
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final, Literal, TypeAlias

from attrs import frozen

from segcore.seeds import generator

Number: TypeAlias = int | float
Method: TypeAlias = Literal["grid", "random", "tpe"]
Values: TypeAlias = tuple[tuple[str, str], ...]  # by parameter, each as JSON

_DIGITS: Final = 6  # of what is drawn from a range of real numbers: more only make configs hard to read


@frozen
class Range:
    """Numbers between two ends, both allowed.

    Attributes
    ----------
    low, high
        ``low < high``; above 0 where `is_log`.
    step
        Between neighbours, counted from `low`; None for all numbers between the ends.
    is_log
        Whether numbers are drawn uniformly in their logarithm.
    is_whole
        Whether numbers are whole; the step is 1 then, or more.

    """

    low: Number
    high: Number
    step: Number | None = None
    is_log: bool = False
    is_whole: bool = False


@frozen
class Choices:
    """Values of which one is taken, each as JSON: equal texts are equal values, and 1 is not 1.0."""

    options: tuple[str, ...]


@frozen
class Parameter:
    """A place in the config that a search varies.

    Attributes
    ----------
    path
        Keys and positions, such as ``("stages", "0", "epochs")``.
    domain
        What it may be.

    """

    path: tuple[str, ...]
    domain: Range | Choices

    @property
    def name(self) -> str:
        """The path as it is written: ``stages.0.epochs``."""
        return ".".join(self.path)


@frozen
class Search:
    """What a config says of a search.

    Attributes
    ----------
    trials
        How many are made; None for every combination.
    metric, mode
        A column of the metrics file on validation data, and ``min`` or ``max``.
    folds
        Those that a trial trains.
    over
        What is varied, at least one.

    """

    method: Method
    trials: int | None
    seed: int
    metric: str
    mode: str
    folds: tuple[int, ...]
    over: tuple[Parameter, ...]

    @property
    def wanted(self) -> int | None:
        """How many trials there are in the end; None where their number has no end, which a config cannot say."""
        known = [one for one in (self.trials, size(self)) if one is not None]
        return min(known) if known else None


def written(value: Any) -> str:
    """Return plain data as JSON on one line, by which values are told apart."""
    return json.dumps(value, allow_nan=False)


def count(domain: Range | Choices) -> int | None:
    """Return how many values a domain has; None for a range of real numbers without a step."""
    if isinstance(domain, Choices):
        return len(domain.options)
    step = 1 if domain.is_whole and domain.step is None else domain.step
    if step is None:
        return None
    return int((_exact(domain.high) - _exact(domain.low)) / _exact(step)) + 1


def size(search: Search) -> int | None:
    """Return how many combinations a space has; None where a range of real numbers is among its parameters."""
    counts = [count(one.domain) for one in search.over]
    known = [one for one in counts if one is not None]
    return math.prod(known) if len(known) == len(counts) else None


def _exact(value: Number) -> Fraction:
    """Return the decimal number that is written, not the double nearest to it."""
    return Fraction(repr(value))


def _at(domain: Range | Choices, position: int) -> str:
    """Return the value at a position of a domain that can be counted, as JSON."""
    if isinstance(domain, Choices):
        return domain.options[position]
    value = _exact(domain.low) + position * _exact(1 if domain.step is None else domain.step)
    return written(int(value) if domain.is_whole else float(value))


def combination(search: Search, position: int) -> Values:
    """Return one combination of a space that can be counted; the last parameter changes fastest.

    Parameters
    ----------
    search
        Its `size` is no None.
    position
        From 0 to ``size(search) - 1``.

    """
    found = []
    for one in reversed(search.over):
        position, inner = divmod(position, count(one.domain) or 1)
        found.append((one.name, _at(one.domain, inner)))
    return tuple(reversed(found))


def combinations(search: Search) -> Iterator[Values]:
    """Yield every combination of a space that can be counted, in order, none before it is asked for."""
    return (combination(search, position) for position in range(size(search) or 0))


def rounded(domain: Range, value: float) -> float:
    """Return a real number with six digits of the range's width, or of itself in a logarithmic range, inside it.

    Configs stay readable, and the last bit of a machine's logarithm plays no part.
    """
    width = domain.high - domain.low
    scale = min(abs(value), width) if domain.is_log else width
    kept = round(value, _DIGITS - 1 - math.floor(math.log10(scale)))
    return float(min(max(kept, domain.low), domain.high))


def _real(domain: Range, share: float) -> float:
    """Return the number at a share in [0, 1) of a range."""
    if domain.is_log:
        low, high = math.log(domain.low), math.log(domain.high)
        return rounded(domain, math.exp(low + share * (high - low)))
    return rounded(domain, domain.low + share * (domain.high - domain.low))


def _whole_log(domain: Range, share: float) -> int:
    """Return a whole number, each as likely as the logarithmic width of what rounds to it."""
    low, high = math.log(domain.low - 0.5), math.log(domain.high + 0.5)
    found = round(math.exp(low + share * (high - low)))
    return int(min(max(found, domain.low), domain.high))


def _drawn(domain: Range | Choices, seed: int, *place: int | str) -> str:
    random = generator(seed, "search", *place)
    if isinstance(domain, Range) and domain.is_log and domain.is_whole:
        return written(_whole_log(domain, float(random.random())))
    if isinstance(domain, Range) and count(domain) is None:
        return written(_real(domain, float(random.random())))
    return _at(domain, int(random.integers(count(domain) or 1)))


def drawn(search: Search, number: int, attempt: int = 0) -> Values:
    """Return the values of one trial at random: a function of the seed, the trial's number and the attempt.

    What is drawn for one parameter does not depend on which others there are. Choices and numbers with a step are
    equally likely, others uniform between the ends, in the logarithm where the range says so. Whole numbers of a
    logarithmic range are as likely as the logarithm of ``(n + 0.5) / (n - 0.5)``.
    """
    return tuple(
        (one.name, _drawn(one.domain, search.seed, number, attempt, one.name)) for one in search.over
    )


def _in_range(domain: Range, value: Any) -> bool:
    is_number = isinstance(value, int if domain.is_whole else int | float) and not isinstance(value, bool)
    if not is_number or not domain.low <= value <= domain.high:
        return False
    if domain.step is None:
        return True
    steps = round((_exact(value) - _exact(domain.low)) / _exact(domain.step))
    return _at(domain, steps) == written(value)


def holds(domain: Range | Choices, value: str) -> bool:
    """Return whether a value, as JSON, is one of a domain."""
    return value in domain.options if isinstance(domain, Choices) else _in_range(domain, json.loads(value))


def fits(search: Search, values: Values) -> bool:
    """Return whether values are those of the search's parameters, each one of its domain."""
    given = dict(values)
    return set(given) == {one.name for one in search.over} and all(
        holds(one.domain, given[one.name]) for one in search.over
    )


def nearest(domain: Range | Choices, value: str | Number) -> str:
    """Return a value that a sampler has given as one of a domain, as JSON: on a step, whole, or with six digits.

    Parameters
    ----------
    domain
        Of choices, `value` is one of its texts.
    value
        Between the ends of a range.

    """
    if isinstance(domain, Choices) or isinstance(value, str):
        return str(value)
    if domain.is_whole and domain.is_log:
        return written(int(value))
    if count(domain) is None:
        return written(rounded(domain, value))
    step = _exact(1 if domain.step is None else domain.step)
    return _at(domain, round((_exact(value) - _exact(domain.low)) / step))
