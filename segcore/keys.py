"""The key of a stage: a hash of all that decides its weights, made of named parts so that a change can be named."""

import hashlib
import json
from collections.abc import Iterable

from segcore.catalog.callbacks import OBSERVING
from segcore.channels import Bands
from segcore.network import NetworkSpec
from segcore.parsing.dumping import plain
from segcore.plans import RECIPE, Fresh, FromFile, FromStage, Training, WatchedCallback
from segcore.values import Call, Table

Parts = tuple[tuple[str, str], ...]

# Arguments of callbacks that only change what is shown.
_DISPLAY = frozenset({"verbose"})


def canonical(value: object) -> str:
    """Return a value as JSON text that is equal for equal values, on every machine."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"))


def _start(starts: Fresh | FromStage | FromFile) -> str:
    match starts:
        case FromStage(key=key):
            return f"stage {key}"
        case FromFile(digest=digest):
            return f"file {digest}"
        case Fresh():
            return "initial"


def _callback(watched: WatchedCallback) -> object:
    shown = {
        name: plain(value)
        for name, value in watched.call.arguments
        if name not in _DISPLAY | {"monitor", "mode"}
    }
    watch = [watched.watch.column, watched.watch.mode] if watched.watch else None
    return [watched.call.name, shown, watch]


def _deciding(callbacks: Iterable[WatchedCallback]) -> list[object]:
    """Return what the callbacks say that can change the weights."""
    return [_callback(one) for one in callbacks if one.call.name not in OBSERVING]


def _measured(settings: Training) -> list[object]:
    """Return the calls of the metrics that something watches: the others cannot change the weights."""
    from segcore.catalog.columns import column_name

    watches = [settings.watch, *(one.watch for one in settings.callbacks if one.watch)]
    columns = {watch.column.removeprefix("val_") for watch in watches}
    return [plain(call) for call in settings.metrics if column_name(call.name, call.arguments) in columns]


def _without_path(call: Call | None) -> Call | None:
    """Return the call of a dataset augmenter without its folder, which counts by its content."""
    return call and Call(call.name, tuple(pair for pair in call.arguments if pair[0] != "path"))


def network_parts(network: NetworkSpec, weights_digest: str | None) -> Parts:
    """Return the parts of a key that describe the network; a weights file counts by its content."""
    options = {name: plain(value) for name, value in network.options}
    return (
        ("architecture", canonical([network.architecture, options])),
        ("backbone", network.backbone),
        ("classes", str(network.classes)),
        ("activation", network.activation),
        ("shape", canonical(network.shape)),
        ("preprocessing", network.preprocessing),
        ("batchnorm_momentum", repr(network.batchnorm_momentum)),
        ("encoder_weights", canonical(weights_digest or network.encoder_weights)),
        ("copyWeights", str(network.copy_weights)),
        ("precision", network.precision),
        ("transforms", canonical(network.transforms)),
    )


def reading_parts(bands: Bands) -> Parts:
    """Return the parts of a key that say how image files become channels: none for the default."""
    shortest = bands.shortest
    if shortest == Bands(bands.count):
        return ()
    chosen = Table((("channels", shortest.channels), ("range", shortest.range)))
    return (("reading", canonical(chosen)),)


def _sharing(settings: Training) -> Parts:
    """Return the part that several GPUs are; one is none, so that keys are those from before there could be more."""
    return (("gpus", str(settings.gpus)),) if settings.gpus > 1 else ()


def training_parts(settings: Training) -> Parts:
    """Return the parts of a key that describe how a stage trains."""
    return (
        ("epochs", str(settings.epochs)),
        ("batch", str(settings.batch)),
        ("loss", canonical(settings.loss)),
        ("optimizer", canonical(settings.optimizer)),
        ("lr", repr(settings.lr)),
        ("clipnorm", repr(settings.clipnorm)),
        ("clipvalue", repr(settings.clipvalue)),
        ("callbacks", canonical(_deciding(settings.callbacks))),
        ("primary_metric", f"{settings.watch.column} {settings.watch.mode}"),
        ("watched metrics", canonical(_measured(settings))),
        ("augmentation", canonical([plain(call) for call in settings.augmentation])),
        ("augment_at", settings.augment_at),
        ("dataset_augmenter", canonical(_without_path(settings.dataset_augmenter))),
        ("freeze_encoder", str(settings.freeze_encoder)),
        ("class_weights", canonical(settings.class_weights)),
        ("crops", canonical(settings.crops)),
        ("schedule", canonical(settings.schedule)),
        ("ema", repr(settings.ema)),
        ("maxEpochSize", repr(settings.max_epoch_size)),
        *_sharing(settings),
    )


def place_parts(seed: int, fold: int, stage: int, starts: Fresh | FromStage | FromFile) -> Parts:
    """Return the parts of a key that say where in the plan a stage stands and what it starts from."""
    return (
        ("recipe", str(RECIPE)),
        ("seed", str(seed)),
        ("place", f"{fold}.{stage}"),
        ("starts from", _start(starts)),
    )


def extension_parts(extensions: Parts) -> Parts:
    """Return the parts of a key that say which modules added names, by the digests of their files."""
    return tuple((f"extension {name}", digest) for name, digest in extensions)


def key(parts: Parts) -> str:
    """Return the key of some parts: 32 hexadecimal digits of SHA-256 over their JSON."""
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()[:32]


def changed(old: Parts, new: Parts) -> tuple[str, ...]:
    """Return the names of parts that differ, in the order of the new ones, then those that are gone."""
    before, after = dict(old), dict(new)
    return tuple(name for name in {**after, **before} if before.get(name) != after.get(name))
