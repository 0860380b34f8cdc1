"""The out-of-fold records of an experiment, of all folds and replicates, read for a comparison."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from segcore.against import MOST, Against, against_best, measure_of
from segcore.belonging import Origin, fault, left_out
from segcore.comparability import Side
from segcore.config import ExperimentConfig
from segcore.out_of_fold import OutOfFold
from segcore.reports import Report
from segcore.selection import chosen_stage
from segshell import checkpoints, out_of_fold_file, run_record
from segshell.configs import open_config
from segshell.folder import Folder


def _records(folder: Folder, config: ExperimentConfig, stage: int) -> Iterator[tuple[Origin, OutOfFold]]:
    for number in range(config.replicates):
        where = folder.replicate(number)
        for fold in range(config.folds_count):
            found = out_of_fold_file.read(where, fold, stage)
            result = checkpoints.result_of(where.weights(fold, stage)) if found is not None else None
            if found is not None and result is not None:
                recorded = run_record.read(where.record(fold, stage)).get("config")
                yield Origin(number, fold, stage, result.config_name, recorded), found


def side_in(folder: Folder, config: ExperimentConfig, name: str, stage: int = -1) -> Side:
    """Return the records of an experiment whose config is read already; arguments as in `side`.

    Records of weights that another config has trained, or this one before it was changed, are left out and said.

    Raises
    ------
    DataError
        ``stage``: there is no such stage, or it is not trained.

    """
    every = [
        (origin, found, fault(origin, config, folder.config_name))
        for origin, found in _records(folder, config, chosen_stage(config, stage))
    ]
    own = {(origin.number, origin.fold): found for origin, found, said in every if not said}
    faults = [(origin, said) for origin, _, said in every if said]
    return Side(name, config.folds_count, own, tuple(left_out(name, faults, config.replicates)))


def against_best_of(root: Path, report: Report) -> tuple[tuple[str, Against], ...]:
    """Return how the experiments of a report differ from the best one, by their paths.

    Those without a score are left out; all are where the metric that ranks does not follow from counts of pixels.

    Parameters
    ----------
    root
        The folder of the report.
    report
        The experiments, the best first.

    """
    ranked = [
        (one.path, one.config)
        for row in report.rows
        if (one := row.experiment).config and row.score(report.sort_by) is not None
    ][:MOST]
    measure = measure_of(report.sort_by, ranked[0][1].metrics if ranked and ranked[0][1] else ())
    if measure is None:
        return ()
    sides = [
        side_in(Folder((root / path).parent, Path(path).name), config, path)
        for path, config in ranked
        if config is not None
    ]
    return against_best(sides, measure)


def side(path: str | Path, stage: int = -1, allow_imports: Iterable[str] = ()) -> Side:
    """Return what an experiment has recorded of the images that its folds did not train on; no data set is touched.

    Records of weights that are no longer there are left out, and so are those of weights that another config has
    trained, or this one before it was changed; these are said. Of replicates those are read that the config asks for.

    Parameters
    ----------
    path
        Of the config; the experiment is called by it.
    stage
        Negative numbers count from the last one.
    allow_imports
        Installed modules that the config may import.

    Raises
    ------
    ConfigError, DataError
        The config is wrong, or has no such stage.

    """
    opened, where = open_config(path, allow_imports=allow_imports), Path(path)
    return side_in(Folder(where.resolve().parent, where.name), opened.config, str(path), stage)
