"""Before fold-stages are performed: what lies there is brought into order, and what cannot begin is refused."""

from segcore.errors import DataError, Finding
from segcore.ledger import Result
from segcore.plan_notes import removed_lines
from segcore.plans import FromStage, RunPlan, StageRun
from segshell import files, set_aside
from segshell.folder import Folder
from segshell.preparing import Prepared
from segshell.progress import Noting
from segshell.tidying import is_tidy, tidy
from segshell.worker_locks import require_gone


def check_starts(chosen: tuple[StageRun, ...], ledger: tuple[Result, ...]) -> None:
    """Refuse to begin where a chosen run starts from one that is neither chosen nor done.

    Raises
    ------
    DataError
        Naming the runs that are missing.

    """
    there = {run.key for run in chosen} | {one.key for one in ledger}
    missing = [
        Finding(
            "start-missing",
            f"fold {run.fold} stage {run.stage} starts from fold {run.starts.fold} stage {run.starts.stage}, "
            "which is not trained with this config.",
            ("stages", run.stage),
            None,
            (),
            "Train it first, or choose more folds and stages.",
        )
        for run in chosen
        if isinstance(run.starts, FromStage) and run.starts.key not in there
    ]
    if missing:
        raise DataError(missing)


def settled(whole: RunPlan, folder: Folder, progress: Noting) -> None:
    """Put back results that match again, and sum them up: what is left to train may be nothing."""
    back = set_aside.bring_back(folder, whole)
    for one in back:
        progress.note(f"fold {one.fold} stage {one.stage}: a result that matches this config was put back")
    if back:
        tidy(whole, folder)


def finish(whole: RunPlan, folder: Folder) -> None:
    """Do what a kill at the very end has left undone, of an experiment of which nothing is left to train.

    Raises
    ------
    LockedError
        When another process trains there.

    """
    if not is_tidy(whole, folder) or folder.worker_locks.exists():
        with files.lock(folder.config_folder):
            require_gone(folder)
            tidy(whole, folder)


def tell_of_samples(prepared: Prepared, progress: Noting) -> None:
    """Name the samples that are not trained on though one might think so."""
    left_out = (f"note      {one}" for one in getattr(prepared.dataset, "notes", ()))
    for line in (*removed_lines(prepared.plan.origin), *left_out):
        progress.note(line)
