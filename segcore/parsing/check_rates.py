"""Does a rate make sense: one thing sets it in a stage, and its arguments agree with each other."""

from collections.abc import Iterator
from itertools import pairwise

from segcore.parsing.problems import Path, Problem, Setting
from segcore.values import Call, Value

_SETTERS = frozenset({"CyclicLR", "LRVariator", "ReduceLROnPlateau"})


def _setters(setting: Setting) -> Iterator[tuple[str, Path]]:
    """Return what sets the rate in a stage, with where it was written; what the stage itself wrote comes last."""
    lr = setting.config.lr
    found = [(lr.name, setting.path("lr"))] if isinstance(lr, Call) else []
    found += [
        (call.name, setting.callback_path(position))
        for position, call in enumerate(setting.config.callbacks)
        if call.name in _SETTERS
    ]
    return iter(sorted(found, key=lambda one: one[1][0] == "stages"))


def setter_problems(setting: Setting) -> Iterator[Problem]:
    """Find a second callback or schedule that sets the learning rate in the same stage."""
    for (first, _), (second, path) in pairwise(_setters(setting)):
        message = f"{first} and {second} would both set the learning rate."
        advice = "Keep one of them in a stage; a stage may replace lr and callbacks."
        yield Problem("two-rates", message, path, advice)


def _bad(message: str, path: Path, advice: str) -> Problem:
    return Problem("rate-arguments", message, path, advice)


def _cyclic(call: Call, path: Path) -> Iterator[Problem]:
    low, high = call.get("base_lr", 0.001), call.get("max_lr", 0.006)
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        message = f"CyclicLR goes up from base_lr, got {low:g}, to max_lr, got {high:g}."
        yield _bad(message, path, "Exchange the two, or write both.")


def _variation(call: Call, path: Path) -> Iterator[Problem]:
    if call.get("relSize") is not None and call.get("absSize") is not None:
        message = "relSize (a share of the stage's steps) and absSize (steps) exclude each other."
        yield _bad(
            message, (*path, "absSize"), "Write one of them, or none to go on to the end of the stage."
        )
    is_const, goes_to = call.get("style") == "const", call.get("toVal")
    if is_const and goes_to is not None:
        message = "LRVariator with style const keeps its rate, so toVal has no meaning."
        yield _bad(message, (*path, "toVal"), "Write fromVal, or another style.")
    if not is_const and goes_to is None:
        yield _bad("LRVariator needs toVal, the rate that it goes to.", path, "Write toVal, or style: const.")


def _variations(call: Call, path: Path) -> Iterator[Problem]:
    following: Value = call
    while isinstance(following, Call):
        yield from _variation(following, path)
        following, path = following.get("then"), (*path, "then")


def callback_problems(setting: Setting) -> Iterator[Problem]:
    """Find arguments of CyclicLR and LRVariator that contradict each other."""
    for position, call in enumerate(setting.config.callbacks):
        path = setting.callback_path(position)
        if call.name == "CyclicLR":
            yield from _cyclic(call, path)
        if call.name == "LRVariator":
            yield from _variations(call, path)


def _piecewise(schedule: Call) -> str:
    boundaries, values = schedule.get("boundaries"), schedule.get("values")
    if not isinstance(boundaries, tuple) or not isinstance(values, tuple):
        return ""
    if len(values) != len(boundaries) + 1:
        return f"{len(boundaries)} boundaries need {len(boundaries) + 1} values, got {len(values)}."
    rises = all(
        isinstance(low, int) and isinstance(high, int) and low < high for low, high in pairwise(boundaries)
    )
    return "" if rises else "boundaries are steps of the stage and go up."


def schedule_problems(setting: Setting) -> Iterator[Problem]:
    """Find arguments of a schedule that contradict each other."""
    schedule, path = setting.config.lr, setting.path("lr")
    if not isinstance(schedule, Call):
        return
    message = _piecewise(schedule)
    if message:
        yield _bad(message, path, "One value holds before the first boundary and one after each.")
    if (schedule.get("warmup_target") is None) != (not schedule.get("warmup_steps", 0)):
        message = "a warm-up needs both warmup_target, the rate it reaches, and warmup_steps."
        yield _bad(message, path, "Write both or none of them.")
