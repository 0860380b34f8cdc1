"""Cells of a page's tables: what they say, and the number by which they sort."""

import math
from collections.abc import Iterator, Mapping

from attrs import frozen

from segcore.against import Against, text
from segcore.outcomes import Score
from segcore.page_costs import Cost, amount, duration

NONE = "-"


@frozen
class Tuning:
    """Post-processing that was chosen out of fold: the metric without it and with it, and what was chosen, in words."""

    metric: str
    untuned: float
    tuned: float
    choice: str


@frozen
class Heading:
    """A column: its name, whether it holds numbers, and ``min`` or ``max`` where one end is the better one."""

    text: str
    is_number: bool = False
    best: str = ""


@frozen
class Cell:
    """What a cell says, and the number by which it sorts; `dots` are places from 0 to 1 to draw, `hint` says more."""

    text: str
    value: float | None = None
    dots: tuple[float, ...] = ()
    hint: str = ""


@frozen
class TableRow:
    """The cells of an experiment, whose rank is `number`."""

    number: int
    path: str
    cells: tuple[Cell, ...]


@frozen
class Table:
    """Columns and rows; beside the columns stand rank and path of each row."""

    headings: tuple[Heading, ...]
    rows: tuple[TableRow, ...]


@frozen
class Extras:
    """What stands in the leaderboard beside the report, by the paths of experiments; each may be known of some only.

    Attributes
    ----------
    costs
        What training took.
    against
        The difference to the best one.
    tuned
        Of those whose post-processing was chosen out of fold, their scores without and with it.

    """

    costs: tuple[tuple[str, Cost], ...] = ()
    against: tuple[tuple[str, Against], ...] = ()
    tuned: tuple[tuple[str, Tuning], ...] = ()


def number(value: float | None, digits: int = 4) -> str:
    """Return a number as a table shows it; a dash where there is none."""
    if value is None:
        return NONE
    return f"{value:.{digits}f}" if abs(value) < 1e6 else f"{value:.{digits}g}"


def score_text(score: Score | None) -> str:
    """Return mean and deviation over folds."""
    if score is None:
        return NONE
    return number(score.mean) + ("" if score.deviation is None else f" ± {number(score.deviation)}")


def score_cell(score: Score | None) -> Cell:
    """Return mean and deviation as a cell that sorts by the mean."""
    value = score.mean if score is not None and math.isfinite(score.mean) else None
    return Cell(score_text(score), value)


def against_cells(known: Mapping[str, Against], path: str) -> Iterator[Cell]:
    """Yield the difference to the best one; nothing where it is known of no experiment."""
    if known:
        found = known.get(path)
        yield Cell(NONE) if found is None else Cell(text(found), found.difference, hint=" ".join(found.notes))


def tuned_cells(known: Mapping[str, Tuning], path: str) -> Iterator[Cell]:
    """Yield the scores without and with post-processing; nothing where it is known of no experiment."""
    if not known:
        return
    found = known.get(path)
    if found is None:
        yield from (Cell(NONE), Cell(NONE))
        return
    yield Cell(f"{found.metric} {number(found.untuned)}", found.untuned)
    yield Cell(f"{found.metric} {number(found.tuned)}", found.tuned, hint=found.choice)


def cost_cells(cost: Cost | None) -> Iterator[Cell]:
    """Yield epochs, time and memory."""
    if cost is None:
        yield from (Cell(NONE), Cell(NONE), Cell(NONE))
        return
    least = "at least " if cost.is_least else ""
    yield Cell(str(cost.epochs), cost.epochs)
    yield Cell(f"{least}{duration(cost.seconds)}", cost.seconds)
    memory = cost.peak_memory
    yield Cell(NONE) if memory is None else Cell(amount(memory), memory)
