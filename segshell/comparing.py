"""The out-of-fold records of an experiment, of all folds and replicates, read for a comparison."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from segcore.against import MOST, Against, against_best, measure_of
from segcore.comparability import Side
from segcore.config import ExperimentConfig
from segcore.out_of_fold import OutOfFold
from segcore.reports import Report
from segcore.selection import chosen_stage
from segshell import out_of_fold_file
from segshell.configs import open_config
from segshell.folder import Folder


def _numbers(folder: Folder) -> list[int]:
    """Return the replicates that have a folder; the first has the experiment's own."""
    below = folder.replicate(1).root.parent
    names = (one.name for one in below.iterdir()) if below.is_dir() else ()
    return [
        0,
        *sorted(int(name) for name in names if name.isdecimal() and str(int(name)) == name and name != "0"),
    ]


def _records(
    folder: Folder, config: ExperimentConfig, stage: int
) -> Iterator[tuple[tuple[int, int], OutOfFold]]:
    for number in _numbers(folder):
        for fold in range(config.folds_count):
            found = out_of_fold_file.read(folder.replicate(number), fold, stage)
            if found is not None:
                yield (number, fold), found


def side_in(folder: Folder, config: ExperimentConfig, name: str, stage: int = -1) -> Side:
    """Return the records of an experiment whose config is read already; arguments as in `side`.

    Raises
    ------
    DataError
        ``stage``: there is no such stage, or it is not trained.

    """
    return Side(name, config.folds_count, dict(_records(folder, config, chosen_stage(config, stage))))


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

    Records of weights that are no longer there are left out. All replicates that have a folder are read, those of
    numbers that the config no longer asks for, too.

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
