"""Learning rates that change with every training step, as functions of the step; steps are counted from 0."""

import math
from typing import Final

from attrs import frozen

from segcore.values import Call, Value

MODES: Final = ("triangular", "triangular2", "exp_range")


def cyclic_rate(
    step: int,
    base_lr: float = 0.001,
    max_lr: float = 0.006,
    step_size: int = 2000,
    mode: str = "triangular",
    gamma: float = 1.0,
) -> float:
    """Return the rate of a triangular cycle: base + (max - base) max(0, 1 - x) scale.

    With cycle = floor(1 + step / (2 step_size)) and x = abs(step / step_size - 2 cycle + 1), scale is 1 for
    ``triangular``, 1 / 2^(cycle - 1) for ``triangular2`` and gamma^step for ``exp_range``. Source: Smith, Cyclical
    Learning Rates for Training Neural Networks, 2017.

    Parameters
    ----------
    step
        Training step of the stage, from 0.
    base_lr, max_lr
        Bounds of the rate.
    step_size
        Training steps of half a cycle, from 1.
    mode
        One of `MODES`.
    gamma
        Shrinks the cycles of ``exp_range``; above 0 and at most 1.

    """
    cycle = 1 + step // (2 * step_size)
    distance = abs(step / step_size - 2 * cycle + 1)
    scales = {"triangular": 1.0, "triangular2": math.ldexp(1.0, 1 - cycle), "exp_range": gamma**step}
    return base_lr + (max_lr - base_lr) * max(0.0, 1 - distance) * scales[mode]


def share(style: str | float, x: float) -> float:
    """Return which share of the way from one rate to another is gone when the share x of the time is.

    ``linear`` x; ``sin`` sin(pi x / 2), fast at first; ``cos`` 1 - cos(pi x / 2), slow at first; ``power`` x^2; a
    number p x^p; ``const`` 0. All but ``const`` go from 0 to 1 and never back. ``sin+``, ``sin-``, ``cos+`` and
    ``cos-`` are other words for ``sin`` and ``cos``: whether a rate rises or falls, its two ends say.

    Raises
    ------
    ValueError
        For another style.

    """
    match style:
        case "linear":
            return x
        case "const":
            return 0.0
        case "sin" | "sin+" | "sin-":
            return math.sin(math.pi * x / 2)
        case "cos" | "cos+" | "cos-":
            return 1 - math.cos(math.pi * x / 2)
        case "power":
            return x**2
        case float() | int():
            return float(x**style)
    raise ValueError(f"a style is linear, const, sin, cos, power or a number, got {style!r}")


@frozen
class Variation:
    """One part of the way of a rate.

    Attributes
    ----------
    first, steps
        The step with which it begins, and how many it lasts.
    start, end
        The rate of its first step, and the one that is reached with the first step after it.
    style
        See `share`; with ``const`` the rate stays at `start`.

    """

    first: int
    steps: int
    start: float
    end: float
    style: str | float

    def rate(self, step: int) -> float:
        """Return the rate at a step, which is that of its nearer end before and after it."""
        gone = min(1.0, max(0.0, (step - self.first) / self.steps))
        way = share(self.style, gone)
        return (1 - way) * self.start + way * self.end

    @property
    def last(self) -> float:
        """The rate with which it leaves off."""
        return self.rate(self.first + self.steps)


def _float(value: Value, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default


def _steps(call: Call, first: int, total: int) -> int:
    given, part = call.get("absSize"), call.get("relSize")
    if isinstance(given, int):
        return max(1, given)
    return max(1, total - first if part is None else round(_float(part, 1.0) * total))


def variations(call: Call, rate: float, total: int) -> tuple[Variation, ...]:
    """Return what ``LRVariator`` and all that follows in its ``then`` make of the rate.

    Parameters
    ----------
    call
        Arguments ``fromVal`` (default the rate in force), ``toVal`` (default `fromVal`), ``style``, one of ``absSize``
        (steps) and ``relSize`` (share of all steps of the stage, rounded) or none of them (to the end of the stage),
        and ``then``, a call of the same kind, or None.
    rate
        The rate with which the stage begins.
    total
        Training steps of the stage.

    """
    found: list[Variation] = []
    following: Value = call
    while isinstance(following, Call):
        first = found[-1].first + found[-1].steps if found else 0
        start = _float(following.get("fromVal"), found[-1].last if found else rate)
        style = following.get("style", "linear")
        kept = style if isinstance(style, str) else _float(style, 1.0)
        end = _float(following.get("toVal"), start)
        found.append(Variation(first, _steps(following, first, total), start, end, kept))
        following = following.get("then")
    return tuple(found)


def varied_rate(step: int, parts: tuple[Variation, ...]) -> float:
    """Return the rate at a step: that of the last variation that has begun. After the last one it stays."""
    begun = [part for part in parts if part.first <= step]
    return (begun[-1] if begun else parts[0]).rate(step)


def starting_rate(schedule: Call) -> float:
    """Return the rate that a schedule of Keras names first: its initial one, or the first of its values."""
    values = schedule.get("values")
    first = values[0] if isinstance(values, tuple) and values else None
    return _float(schedule.get("initial_learning_rate", first), 0.001)


def filled(schedule: Call, total: int, *, fills: bool) -> Call:
    """Return a schedule with ``decay_steps`` where it was left out: the steps of the stage after its warm-up.

    Parameters
    ----------
    schedule
        A schedule of Keras by name.
    total
        Training steps of the stage.
    fills
        Whether the schedule has a parameter of this name.

    """
    if not fills or schedule.get("decay_steps") is not None:
        return schedule
    left = max(1, total - round(_float(schedule.get("warmup_steps"), 0)))
    return Call(schedule.name, (*_without(schedule, "decay_steps"), ("decay_steps", left)))


def _without(call: Call, name: str) -> tuple[tuple[str, Value], ...]:
    return tuple(pair for pair in call.arguments if pair[0] != name)


def average_gain(decay: float, update: int) -> float:
    """Return by how much of its distance a moving average goes towards the newest value.

    The average after n values w_1 … w_n is the mean with weights decay^(n - i): s += gain (w - s) with gain = (1 -
    decay) / (1 - decay^n). That is the exponential moving average with bias correction (Kingma and Ba, Adam, 2015):
    what was there before the first value has no part in it.

    Parameters
    ----------
    decay
        Above 0 and below 1.
    update
        Number n of the value, from 1.

    """
    return (1 - decay) / -math.expm1(update * math.log(decay))
