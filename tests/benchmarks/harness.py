"""How everything is measured: in turns, so that a busy machine slows all alike; medians, spread and ratios."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROUNDS = 5
Clock = Callable[[], float]
Times = dict[str, list[float]]


def cpu() -> float:
    """Return the processor seconds of this process, all its threads together."""
    return time.process_time()


def wall() -> float:
    """Return seconds of real time."""
    return time.perf_counter()


def lasting(run: Callable[[], object], clock: Clock = cpu) -> float:
    """Return the seconds of one call."""
    before = clock()
    run()
    return clock() - before


def in_turns(
    contenders: Mapping[str, Callable[[], object]],
    rounds: int = ROUNDS,
    clock: Clock = cpu,
    calls: int = 1,
    warm: int = 1,
) -> Times:
    """Return the seconds of one call of each contender, one number a round.

    Parameters
    ----------
    contenders
        What is compared, by name; the first one is the base of ratios.
    rounds
        In each round every contender runs once, the order turned round from one round to the next.
    clock
        `cpu` or `wall`.
    calls
        Calls in a round, whose mean counts; for what is short.
    warm
        Calls of each before the first round that are not counted.

    """
    for run in contenders.values():
        for _ in range(warm):
            run()
    found: Times = {name: [] for name in contenders}
    for number in range(rounds):
        names = list(contenders)
        for name in names if number % 2 == 0 else reversed(names):
            run = contenders[name]

            def repeated(run: Callable[[], object] = run) -> None:
                for _ in range(calls):
                    run()

            found[name].append(lasting(repeated, clock) / calls)
    return found


def ratio(times: Times, name: str, base: str) -> float:
    """Return the median over the rounds of a contender's time divided by the base's in the same round."""
    return statistics.median(one / other for one, other in zip(times[name], times[base], strict=True))


def machine(packages: Sequence[str] = ()) -> str:
    """Return the date, the machine, Python and the versions of packages: what stands above every table."""
    processor = platform.processor()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
        names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        processor = next(names, processor)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    date = datetime.now(UTC).date().isoformat()
    found = [
        date, f"{platform.system()} {platform.machine()}", processor, f"{cores} cores",
        f"Python {platform.python_version()}", *(f"{one} {_version(one)}" for one in packages),
    ]  # fmt: skip
    return ", ".join(found)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def table(times: Times, base: str, unit: str = "ms", scale: float = 1000.0) -> str:
    """Return a Markdown table: median, least and greatest of each contender, and its ratio to the base.

    Parameters
    ----------
    times
        Seconds by contender, one number a round.
    base
        The contender that ratios divide by.
    unit, scale
        What seconds are multiplied by, and the name of the result.

    """
    lines = [f"| | median {unit} | least | greatest | ratio to {base} |", "|---|---|---|---|---|"]
    for name, every in times.items():
        shown = [f"{scale * value:.4g}" for value in (statistics.median(every), min(every), max(every))]
        lines.append(f"| {name} | {' | '.join(shown)} | {ratio(times, name, base):.3f} |")
    return "\n".join(lines)
