"""Does a stage make sense: loss against activation, metrics against each other, what is watched, where it starts."""

from collections.abc import Iterator

from segcore.catalog.catalog import Catalog
from segcore.catalog.losses import facts
from segcore.config import ExperimentConfig
from segcore.monitors import callback_monitor, columns, direction, metric_columns, primary
from segcore.parsing.problems import Problem, Setting
from segcore.parsing.reading import near
from segcore.stages import own_weights


def loss_problems(setting: Setting) -> Iterator[Problem]:
    """Find losses that do not go with the last activation."""
    activation = setting.config.activation
    for term in setting.config.loss:
        known = facts(term.name)
        if known is not None and activation not in known.activations:
            message = f"{term.name} needs {' or '.join(known.activations)}, but activation is {activation}."
            yield Problem("loss-activation", message, setting.path("loss"), (), known.note)


def metric_problems(setting: Setting) -> Iterator[Problem]:
    """Find two metrics that would write the same column."""
    names = metric_columns(setting.config.metrics)
    for name in sorted({one for one in names if names.count(one) > 1}):
        message = f"two metrics write the column {name!r}."
        yield Problem(
            "duplicate-metric", message, setting.path("metrics"), (), "Give one of them a name argument."
        )
    if "loss" in names:
        yield Problem("duplicate-metric", "a metric may not be named 'loss'.", setting.path("metrics"))


def _watched(
    column: str, mode: str, path: tuple[str | int, ...], setting: Setting, catalog: Catalog
) -> Iterator[Problem]:
    metrics = setting.config.metrics
    valid = columns(metrics)
    if column not in valid:
        nearest = near(column, valid) or tuple(one for one in valid if one == f"val_{column}")
        message = f"{column!r} is not measured; measured are {', '.join(valid)}."
        yield Problem("unknown-monitor", message, path, nearest)
    elif mode == "auto" and not direction(column, metrics, catalog):
        yield Problem(
            "unknown-direction",
            f"it is not known whether more {column!r} is better.",
            path,
            (),
            "Set the mode to min or max.",
        )


def monitor_problems(setting: Setting, catalog: Catalog) -> Iterator[Problem]:
    """Find watched columns that are not measured or whose direction nobody knows."""
    config = setting.config
    column = primary(config.primary_metric, config.metrics)
    yield from _watched(column, config.primary_metric_mode, setting.path("primary_metric"), setting, catalog)
    for call in config.callbacks:
        monitored = callback_monitor(call, column, catalog)
        if monitored is not None:
            mode = call.get("mode", "auto")
            path = (*_callback_path(setting, call.name), call.name, "monitor")
            yield from _watched(monitored, str(mode), path, setting, catalog)


def _callback_path(setting: Setting, name: str) -> tuple[str | int, ...]:
    stage = setting.config.stages[setting.stage]
    added = any(call.name == name for call in stage.extra_callbacks)
    return ("stages", setting.stage, "extra_callbacks") if added else setting.path("callbacks")


def rate_problems(setting: Setting) -> Iterator[Problem]:
    """Find a learning rate that is given both as `lr` and as the optimizer's argument."""
    if setting.config.lr is not None and "learning_rate" in dict(setting.config.optimizer.arguments):
        message = "the rate is given both as lr and as learning_rate of the optimizer."
        yield Problem("given-twice", message, setting.path("optimizer"), (), "Keep lr.")


def start_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find initial weights of this experiment that no earlier stage makes."""
    for position, stage in enumerate(config.stages):
        own = own_weights(stage.initial_weights or "")
        path = ("stages", position, "initial_weights")
        if own and own.stage >= position:
            message = (
                f"stage {position} cannot start from stage {own.stage}, which is trained later or is itself."
            )
            yield Problem(
                "initial-weights",
                message,
                path,
                (),
                "Name an earlier stage." if position else "Remove the key.",
            )
        elif own and config.stages[own.stage].epochs == 0:
            yield Problem("initial-weights", f"stage {own.stage} has 0 epochs and leaves no weights.", path)
        if own and own.fold is not None and own.fold >= config.folds_count:
            message = f"there is no fold {own.fold}; folds are 0 to {config.folds_count - 1}."
            yield Problem("initial-weights", message, path)


def epochs_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find an experiment in which every stage is skipped."""
    if all(stage.epochs == 0 for stage in config.stages):
        yield Problem("nothing-to-train", "every stage has 0 epochs.", ("stages",))
