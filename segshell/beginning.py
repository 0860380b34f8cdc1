"""How a fold-stage begins: from its starting weights, or from the checkpoint of an interrupted training."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
from numpy.typing import NDArray

from segcore.checkpointing import differences
from segcore.network import NetworkSpec
from segcore.plans import Fresh, FromFile, FromStage, StageRun
from segcore.state_trees import Tree, decode
from segshell import callbacks, checkpoints, examples, files, generations, networks, schedules, training_state
from segshell.averaging import average_of
from segshell.callback_states import not_resumable
from segshell.engine import Traced
from segshell.fold_stage import FoldStage, Work
from segshell.folder import sidecar_of
from segshell.generations import Saved
from segshell.versions import versions


def _given_file(given: FromFile, network: NetworkSpec) -> Path:
    """Return the path of weights from elsewhere: those of the plan and, where they have a sidecar, verified by it."""
    path = Path(given.path)
    if files.sha256(path) != given.digest:
        raise checkpoints.WeightsError(f"{path} has changed since the plan was made. Run again.")
    return checkpoints.verified(path, network) if sidecar_of(path).exists() else path


def start_variables(run: StageRun, work: Work, traced: Traced) -> Sequence[NDArray[Any]]:
    """Return the variables that a stage starts from, in the order of the model's."""
    match run.starts:
        case Fresh():
            return networks.initial_variables(run.network, run.seed, run.fold, work.engines.builders)
        case FromStage(fold=fold, stage=stage):
            path = checkpoints.verified(work.folder.weights(fold, stage), run.network)
        case FromFile() as given:
            path = _given_file(given, run.network)
    checkpoints.load_into(traced.model, path)
    return traced.variables()


def _built_callbacks(run: StageRun, work: Work) -> tuple[Any, ...]:
    built = [
        callbacks.build(
            one.call,
            one.watch.column if one.watch else None,
            one.watch.mode if one.watch else None,
            work.engines.builders,
        )
        for one in run.settings.callbacks
    ]
    if run.settings.schedule is not None:
        built.append(schedules.scheduled(run.settings.schedule))
    return tuple(built)


def _hooks(run: StageRun, work: Work, traced: Traced, built: Sequence[Any]) -> Any:
    folders = {"folder": str(work.folder.root), "config_folder": str(work.folder.config_folder)}
    place = {"fold": run.fold, "stage": run.stage, "key": run.key, **folders}
    told = {"epochs": run.settings.epochs, "steps": run.steps, "lr": run.settings.lr, **place}
    return keras.callbacks.CallbackList(
        list(built), add_history=False, add_progbar=False, model=traced.watched, **told
    )


def found(run: StageRun, work: Work, where: Path) -> Saved | None:
    """Return the checkpoint to go on from, and say what is not as it was."""
    if not work.resumes:
        generations.forget(where)
        return None
    saved = generations.latest(where, run.key, lambda text: work.progress.note(f"{run.name}: {text}"))
    if saved is not None:
        work.progress.note(f"resuming fold {run.fold} stage {run.stage} epoch {saved.record.epoch + 1}")
        for one in differences(saved.record.versions, versions()):
            work.progress.note(f"warning: bits may differ from an uninterrupted training: {one}")
    return saved


def _check_fit(saved: Saved, state: Tree, traced: Traced, where: Path) -> None:
    """Refuse a checkpoint of other variables: other versions of the libraries may make others for one network."""
    had = [one.shape for one in (*state["model"], *state["optimizer"])]
    if had != [tuple(one.shape) for one in (*traced.model.variables, *traced.optimizer.variables)]:
        changed = ", ".join(differences(saved.record.versions, versions())) or "no version differs"
        raise checkpoints.WeightsError(
            f"{where}: the checkpoint has other variables than the network and the optimizer have now ({changed}). "
            "Go back to the versions of before, or remove that folder: the stage then begins again."
        )


def begun(run: StageRun, work: Work, saved: Saved | None) -> FoldStage:
    """Return a fold-stage as it stands before its next epoch."""
    traced, pixels = work.engines.get(run), work.pixels(run)
    state = None
    if saved:
        state = decode(json.loads(saved.record.state), saved.arrays)
        _check_fit(saved, state, traced, work.folder.checkpoints(run.fold, run.stage, run.key))
    variables = state["model"] if state else start_variables(run, work, traced)
    traced.reset(variables, run.settings.lr, (run.seed, run.fold, run.stage), run.settings.class_weights)
    average = average_of(traced.model, run.settings.ema)
    built = _built_callbacks(run, work)
    hooks = _hooks(run, work, traced, built)
    hooks.on_train_begin()
    if state:
        training_state.restore(state, traced, average, built)
    return FoldStage(run, work, traced, pixels, work.augmenters(run), average, hooks, built)


def show_beginning(current: FoldStage) -> None:
    """Remove the pictures of an earlier training, picture samples where asked, and say what cannot be resumed."""
    run, work = current.run, current.work
    examples.clear(run, work.folder)
    if work.shows_data:
        examples.write_data(run, work.folder, current.pixels, current.augmenter)
    for name in not_resumable(current.callbacks):
        work.progress.note(
            f"fold {run.fold} stage {run.stage}: {name} has no get_state and set_state, so that "
            "this stage begins again when it is interrupted"
        )
