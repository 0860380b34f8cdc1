"""What holds during one stage, resolved from the config: the network, and how it trains."""

from attrs import evolve

from segcore.catalog.catalog import Catalog
from segcore.catalog.encoders import rule_of
from segcore.channels import Bands, Choice
from segcore.config import ExperimentConfig
from segcore.monitors import Watch, callback_monitor, direction, watch
from segcore.network import NetworkSpec
from segcore.plans import Training, WatchedCallback
from segcore.schedules import filled, starting_rate
from segcore.values import Call, Value


def _range(given: Value) -> tuple[float, float] | None:
    match given:
        case (int() | float() as low, int() | float() as high):
            return float(low), float(high)
        case _:
            return None


def _choice(given: Value) -> Choice:
    if isinstance(given, tuple):
        return tuple(one for one in given if isinstance(one, int))
    return given if isinstance(given, str) else None


def bands_of(dataset: Call | None, count: int) -> Bands:
    """Return what of the images of a data set goes into a network of `count` channels."""
    if dataset is None:
        return Bands(count)
    return Bands(count, _choice(dataset.get("channels")), _range(dataset.get("range")))


def network_spec(config: ExperimentConfig, momentum: float, encoder_weights: str | None) -> NetworkSpec:
    """Return the network that a config describes."""
    rule = (
        (rule_of(config.backbone) or "identity") if config.preprocessing == "auto" else config.preprocessing
    )
    height, width, channels = config.shape
    return NetworkSpec(
        config.architecture.name,
        config.backbone,
        config.architecture.arguments,
        config.classes,
        config.activation,
        (height, width, channels),
        rule,
        momentum,
        encoder_weights,
        config.copy_weights or channels == 3 or encoder_weights is None,  # else nothing is copied
        config.precision,
        config.transforms,
    )


def _rate(config: ExperimentConfig, catalog: Catalog) -> float:
    if isinstance(config.lr, Call):
        return starting_rate(config.lr)
    if config.lr is not None:
        return config.lr
    row = catalog.find("optimizer", config.optimizer.name)
    default = (
        next((one.default for one in row.parameters if one.name == "learning_rate"), 0.001) if row else 0.001
    )
    given = config.optimizer.get("learning_rate", default if isinstance(default, float) else 0.001)
    return float(given) if isinstance(given, int | float) else 0.001


def _watched(call: Call, config: ExperimentConfig, primary: Watch, catalog: Catalog) -> WatchedCallback:
    column = callback_monitor(call, primary.column, catalog)
    if column is None:
        return WatchedCallback(call, None)
    given = call.get("mode", "auto")
    if given == "auto":
        given = primary.mode if column == primary.column else direction(column, config.metrics, catalog)
    return WatchedCallback(call, Watch(column, str(given)))


def training(config: ExperimentConfig, epochs: int, catalog: Catalog) -> Training:
    """Return how a stage trains, with every rate and direction resolved; `config` is the one that holds in it."""
    primary = watch(config.primary_metric, config.primary_metric_mode, config.metrics, catalog)
    callbacks = tuple(_watched(call, config, primary, catalog) for call in config.callbacks)
    without_rate = tuple(pair for pair in config.optimizer.arguments if pair[0] != "learning_rate")
    return Training(
        epochs,
        config.batch,
        config.loss,
        Call(config.optimizer.name, without_rate),
        _rate(config, catalog),
        config.clipnorm,
        config.clipvalue,
        config.metrics,
        callbacks,
        primary,
        config.augmentation,
        config.augment_at,
        config.freeze_encoder,
        crops=config.crops,
        schedule=config.lr if isinstance(config.lr, Call) else None,
        ema=config.ema,
        max_epoch_size=config.max_epoch_size,
        dataset_augmenter=config.dataset_augmenter,
        gpus=config.gpus,
    )


def timed(settings: Training, steps: int, catalog: Catalog) -> Training:
    """Return the settings with a schedule that knows how many steps the stage has.

    Parameters
    ----------
    settings
        As `training` returned them.
    steps
        Training steps of one epoch.
    catalog
        The names that the config may use.

    """
    if settings.schedule is None:
        return settings
    row = catalog.find("schedule", settings.schedule.name)
    fills = row is not None and "decay_steps" in {one.name for one in row.parameters}
    return evolve(settings, schedule=filled(settings.schedule, settings.epochs * steps, fills=fills))
