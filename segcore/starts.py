"""Where the weights of a stage come from, and which samples they have seen."""

from collections.abc import Mapping
from types import MappingProxyType

from attrs import frozen

from segcore.errors import DataError, Finding
from segcore.plans import Fresh, FromFile, FromStage, StageRun
from segcore.samples import SampleTable
from segcore.stages import own_weights
from segcore.values import Indices


@frozen
class KnownWeights:
    """A weights file outside the experiment: where it lies, its digest, and which contents it was trained on."""

    path: str
    digest: str
    trained_on: frozenset[str] | None = None


NO_WEIGHTS: Mapping[str, KnownWeights] = MappingProxyType({})


def start(
    place: tuple[int, int], path: str | None, done: list[StageRun], weights: Mapping[str, KnownWeights]
) -> Fresh | FromStage | FromFile:
    """Return where the weights of a fold and stage come from.

    Parameters
    ----------
    place
        Fold and stage.
    path
        The stage's `initial_weights`; None goes on from the fold's stage before, or from initial weights.
    done
        The runs planned so far, in order.
    weights
        Files outside the experiment, by the path that the config gives.

    Raises
    ------
    DataError
        When the path names weights of this experiment that are trained later.

    """
    fold, stage = place
    if path is None:
        before = done[-1] if done and done[-1].fold == fold else None
        return FromStage(before.fold, before.stage, before.key) if before else Fresh()
    own = own_weights(path)
    if own is None:
        known = weights[path.replace("{fold}", str(fold))]
        return FromFile(known.path, known.digest)
    named = (fold if own.fold is None else own.fold, own.stage)
    run = next((one for one in done if (one.fold, one.stage) == named), None)
    if run is None:
        message = f"fold {fold} stage {stage} would start from {named[0]}.{named[1]}, which is trained later."
        where = ("stages", stage, "initial_weights")
        raise DataError([Finding("initial-weights", message, where, None, (), "Use {fold}.")])
    return FromStage(run.fold, run.stage, run.key)


def _rows_of(contents: frozenset[str] | None, table: SampleTable) -> Indices | None:
    if contents is None:
        return None
    return Indices(row for row, content in enumerate(table.fingerprints) if content in contents)


def leaked(scored: Indices, learned: Indices, own: Indices, table: SampleTable) -> int:
    """Return how many samples are scored by weights that have seen them, or another sample of their content.

    Parameters
    ----------
    scored
        Rows that are scored.
    learned
        Rows that the weights were trained on.
    own
        Rows that are dealt to training and so stand apart from `scored`: those that are alike are the audit's to tell.
    table
        Tells the contents.

    """
    foreign = learned.array[~learned.among(own)].tolist()
    if not foreign:
        return 0
    contents = {table.fingerprints[row] for row in foreign}
    return sum(table.fingerprints[row] in contents for row in scored)


def inherited(
    starts: Fresh | FromStage | FromFile,
    done: list[StageRun],
    weights: Mapping[str, KnownWeights],
    table: SampleTable,
) -> tuple[Indices, bool]:
    """Return the rows that the starting weights were trained on, and whether that is known."""
    match starts:
        case FromStage(fold=fold, stage=stage):
            run = next(one for one in done if (one.fold, one.stage) == (fold, stage))
            return run.trained_rows, run.leaks is not None
        case FromFile(path=path):
            known = next(one for one in weights.values() if one.path == path)
            rows = _rows_of(known.trained_on, table)
            return rows or Indices(), rows is not None
        case Fresh():
            return Indices(), True
