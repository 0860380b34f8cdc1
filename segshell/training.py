"""Perform one StageRun: from its starting weights, or from where it was interrupted, to its kept weights."""

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from segcore.history import EpochRow, best_value, is_better, kept_epoch
from segcore.ledger import Result
from segcore.plans import StageRun
from segshell import (
    checkpoints,
    examples,
    files,
    generations,
    memory,
    run_record,
    training_state,
)
from segshell.beginning import begun, found, show_beginning
from segshell.callback_states import not_resumable
from segshell.callbacks import Observer
from segshell.fold_stage import (
    FoldStage,
    TrainingError,
    Work,
    train_epoch,
    validate,
)
from segshell.generations import Saved
from segshell.history_file import write_history
from segshell.recording import write_record
from segshell.replicas import replicas_for
from segshell.run_record import RunRecord
from segshell.saving import Saver, state_bytes
from segshell.set_aside import set_aside
from segshell.stopping import Stopped
from segshell.versions import devices, versions


def _look(
    current: FoldStage, saver: Saver, epoch: int, logs: dict[str, float], best: float | None
) -> tuple[dict[str, float], bool]:
    """Validate the weights that would be kept, and hold them where they are the best so far."""
    run = current.run
    with current.average.lent():
        seen = {**logs, **validate(current), "lr": float(current.traced.optimizer.learning_rate)}
        improved = is_better(seen[run.settings.watch.column], best, run.settings.watch)
        if improved:
            # Before the callbacks hear of the epoch: EarlyStopping may put other weights back.
            try:
                saver.hold(epoch + 1, current.traced)
            except FloatingPointError as error:
                raise TrainingError(
                    f"fold {run.fold} stage {run.stage}: {error}. Lower lr or set clipnorm."
                ) from error
            examples.write(run, current.work.folder, current.traced, current.pixels, epoch + 1)
    return seen, improved


def _one_epoch(current: FoldStage, saver: Saver, rows: tuple[EpochRow, ...]) -> tuple[EpochRow, ...]:
    run, epoch = current.run, len(rows)
    current.hooks.on_epoch_begin(epoch)
    best = best_value(rows, run.settings.watch)
    logs, improved = _look(current, saver, epoch, train_epoch(current, epoch), best)
    rows = (*rows, EpochRow(epoch + 1, tuple(logs.items()), improved))
    write_history(current.work.folder.metrics(run.fold, run.stage), rows)
    current.work.progress.epoch(run, rows[-1])
    current.hooks.on_epoch_end(epoch, logs)
    return rows


def _epochs(current: FoldStage, saver: Saver, rows: tuple[EpochRow, ...]) -> tuple[EpochRow, ...]:
    """Train epoch after epoch; after each the metrics file is complete, and after some a checkpoint lies on disk."""
    is_resumable = not not_resumable(current.callbacks)
    saver.guess(state_bytes(current.traced))
    while len(rows) < current.run.settings.epochs and not current.traced.watched.stop_training:
        started = time.monotonic()
        rows = _one_epoch(current, saver, rows)
        current.work.events.add(
            "epoch", run=current.run.name, epoch=len(rows), columns=dict(rows[-1].columns)
        )
        is_last = len(rows) == current.run.settings.epochs or current.traced.watched.stop_training
        is_due = saver.after(time.monotonic() - started)
        if is_resumable and not is_last:
            state = training_state.state_of(current.traced, current.average, current.callbacks)
            if is_due:
                saver.write(current.traced, rows, state)
            else:
                saver.wait(rows, state)
    return rows


def _safe_epochs(current: FoldStage, saver: Saver, rows: tuple[EpochRow, ...]) -> tuple[EpochRow, ...]:
    """Train all epochs; where something ends it, what was complete before is written, and an error says so."""
    try:
        return _epochs(current, saver, rows)
    except files.WriteError as error:
        with suppress(files.WriteError):  # what could not be written may have been a picture
            saver.flush(current.traced)
        epochs = [one.epoch for one in generations.newest(current.work.folder) if one.key == current.run.key]
        safe = f"Epoch {epochs[0]} is safe: run again and it goes on from there." if epochs else ""
        raise files.WriteError(f"{error} {safe}".rstrip()) from error
    except TrainingError as error:
        saver.flush(current.traced)
        path = saver.keep(current.traced)
        if saver.kept is None:
            raise
        message = f"{error} The best weights so far, of epoch {saver.kept.epoch}, are in {path}."
        raise TrainingError(message) from error
    except MemoryError:
        raise  # writing would need more of it
    except (Exception, Stopped):
        saver.flush(current.traced)
        raise


def _result(run: StageRun, work: Work, rows: tuple[EpochRow, ...], weights: Path | None) -> Result:
    kept = kept_epoch(tuple(dict(row.columns)[run.settings.watch.column] for row in rows), run.settings.watch)
    if kept is None or weights is None:
        raise TrainingError(
            f"fold {run.fold} stage {run.stage}: {run.settings.watch.column} was not finite in any epoch, so "
            "no weights are kept. Lower lr or watch another metric."
        )
    return Result(
        run.fold,
        run.stage,
        run.key,
        run.parts,
        work.config_name,
        files.sha256(weights),
        rows[kept].epoch,
        len(rows),
        rows[kept].columns,
        rows[-1].columns,
        tuple(work.table.fingerprints[row] for row in run.trained_rows),
        versions(),
        weights.stat().st_size,
    )


def _facts(run: StageRun, work: Work) -> dict[str, Any]:
    return {
        "fold": run.fold,
        "stage": run.stage,
        "versions": dict(versions()),
        "devices": list(devices()),
        **({"replicas": list(replicas_for(run.settings.gpus))} if run.settings.gpus > 1 else {}),
        "leaks": run.leaks,
        "validation_samples": len(run.validation_rows),
        "parts": dict(run.parts),
        **dict(work.provenance),
    }


def _finished(current: FoldStage, saver: Saver, rows: tuple[EpochRow, ...], record: RunRecord) -> Result:
    """Leave what an ended training leaves; its record comes first, so that no result is without one.

    What can be made again from the kept weights comes last: until these are safe, an hour may be lost.
    """
    observers = _end_of_training(current)
    work, kept = current.work, saver.keep(current.traced)
    result = _result(current.run, work, rows, kept)
    seen = () if not_resumable(current.callbacks) else current.callbacks
    state = training_state.digest(training_state.state_of(current.traced, current.average, seen))
    record.end(
        _how(result, current.run),
        epochs=result.epochs,
        kept_epoch=result.epoch,
        final_state=state,
        epoch_seconds=saver.epoch_seconds,
        checkpoint_seconds=saver.cost,
        checkpoint_every=saver.every,
    )
    checkpoints.finish(work.folder, result, kept or Path())
    for one in observers:
        one.on_train_end()
    write_record(current.run, result, work, current.traced, kept or Path())
    return result


def _end_of_training(current: FoldStage) -> list[Observer]:
    """Tell the callbacks that training has ended; return those that only look on, who hear it when all is safe."""
    hooks = current.hooks
    observers = [one for one in hooks.callbacks if isinstance(one, Observer)]
    hooks.callbacks = [one for one in hooks.callbacks if not isinstance(one, Observer)]
    hooks.on_train_end()
    return observers


def _how(result: Result, run: StageRun) -> str:
    return "all epochs" if result.epochs == run.settings.epochs else "stopped early"


def _trained(run: StageRun, work: Work, saved: Saved | None, saver: Saver, record: RunRecord) -> Result:
    with memory.told(f"fold {run.fold} stage {run.stage}", run.settings.batch, run.network.shape):
        current = begun(run, work, saved)
        if saved is None:
            show_beginning(current)
        rows = _safe_epochs(current, saver, saved.record.rows if saved else ())
        return _finished(current, saver, rows, record)


def _note_end(error: BaseException, run: StageRun, work: Work, record: RunRecord) -> None:
    """Write what ended a training; where that cannot be written, the error itself is still the one to tell."""
    told = run_record.without_places(str(error), work.folder.config_folder) or type(error).__name__
    with suppress(files.WriteError):
        record.end(told)
    with suppress(files.WriteError):
        work.events.add("end", run=run.name, exit=told)


def perform(run: StageRun, work: Work) -> Result:
    """Train one stage of one fold and leave its weights, sidecar, metrics, run.json and example pictures.

    The result does not depend on what ran before in this process, nor on interruptions. An earlier result is set
    aside first.

    Raises
    ------
    DeviceError
        When there are fewer devices than the config asks for.
    TrainingError
        When the loss or the primary metric is not finite.
    DataError
        When a sample cannot be read.
    WeightsError
        When the starting weights are missing, damaged or of another network.
    WriteError
        When results cannot be written.
    Stopped
        When a signal asks for it.

    """
    where = work.folder.checkpoints(run.fold, run.stage, run.key)
    replicas_for(run.settings.gpus)  # where they are missing, nothing has been touched
    set_aside(work.folder, run.fold, run.stage)
    saved = found(run, work, where)
    rows = saved.record.rows if saved else ()
    if run_record.read(work.folder.record(run.fold, run.stage)).get("key", run.key) != run.key:
        examples.clear(run, work.folder)  # of another training, which was interrupted later than this one
    record = RunRecord(work.folder.record(run.fold, run.stage), run.key, _facts(run, work), len(rows))
    work.events.add("begin", run=run.name, key=run.key, epoch=len(rows) + 1)
    saver = Saver(
        run, where, work.share, saved.record.kept if saved else None, saved.record.seconds if saved else 0
    )
    try:
        result = _trained(run, work, saved, saver, record)
    except BaseException as error:
        _note_end(error, run, work, record)
        raise
    work.events.add("end", run=run.name, exit=_how(result, run), kept_epoch=result.epoch)
    generations.forget(where)
    return result
