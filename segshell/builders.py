"""The frozen table from a catalog name to what builds it; TensorFlow is imported when something is built.

Names are found whatever their case and underscores, as in the catalog.
"""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, TypeAlias

from attrs import evolve, field, fields, frozen

from segcore.catalog.signatures import bare
from segcore.errors import ConfigError, Finding
from segcore.values import Table, Value

Entries: TypeAlias = tuple[tuple[str, Callable[..., Any]], ...]


@frozen
class Reference:
    """A builder by the name of its module, imported at the first call; `leading` arguments come first."""

    module: str
    name: str
    leading: tuple[str, ...] = ()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Import the module and call the builder in it."""
        return getattr(import_module(self.module), self.name)(*self.leading, *arguments, **named)


@frozen
class Versioned:
    """A builder from somebody's module, with a text that changes whenever the code of such modules does."""

    builder: Callable[..., Any]
    version: str

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call the builder."""
        return self.builder(*arguments, **named)


def _sorted(given: Mapping[str, Callable[..., Any]] | Entries) -> Entries:
    pairs = given.items() if isinstance(given, Mapping) else given
    return tuple(sorted(pairs, key=lambda pair: pair[0]))


@frozen
class Builders:
    """Name to builder, one table per family.

    Attributes
    ----------
    architectures
        ``(spec: NetworkSpec) -> keras.Model`` from float32 (b, h, w, c), already brought to what the encoder
        expects, to (b, h, w, classes). In mixed precision the spec's activation is ``linear``: the real one
        follows in float32.
    losses
        ``(activation: str) -> ((truth, predicted) -> tensor)``; truth and predicted are float32 (b, h, w, c),
        predicted are logits for ``linear``; the mean of the tensor is the cost.
    metrics
        ``(arguments: dict, activation: str, classes: int) -> keras.metrics.Metric``; ``name`` is among them.
    callbacks
        ``(arguments: dict, monitor: str | None, mode: str | None) -> keras.callbacks.Callback``.
    augmenters
        ``(arguments: dict) -> object`` with ``augment(image, mask, generator) -> (image, mask)``: uint8 (h, w, c)
        and (h, w, m), which it may change, and the `numpy.random.Generator` from which alone it draws. It is called
        from several threads at once and keeps no state. Ranges and choices arrive as `segcore.values`.
    datasets
        ``(arguments: dict, root: Path, classes: int, exclusive: bool)`` to a `segshell.sources.Format`, or to a whole
        data set; arguments are those that the config gives, relative paths start at `root`.

    """

    architectures: Entries = field(default=(), converter=_sorted)
    losses: Entries = field(default=(), converter=_sorted)
    metrics: Entries = field(default=(), converter=_sorted)
    callbacks: Entries = field(default=(), converter=_sorted)
    augmenters: Entries = field(default=(), converter=_sorted)
    datasets: Entries = field(default=(), converter=_sorted)

    def find(self, family: str, name: str) -> Callable[..., Any] | None:
        """Return the builder of a name in a family (``losses`` …), or None."""
        return next((builder for known, builder in getattr(self, family) if bare(known) == bare(name)), None)

    def names(self, family: str) -> tuple[str, ...]:
        """Return the names of a family, sorted."""
        return tuple(name for name, _ in getattr(self, family))

    def with_(self, **families: Mapping[str, Callable[..., Any]]) -> "Builders":
        """Return a larger table: ``STANDARD.with_(losses={"my_loss": my_builder})``.

        Raises
        ------
        ValueError
            Where a family is unknown or a name is taken.

        """
        larger = {family: _joined(self, family, added) for family, added in families.items()}
        return evolve(self, **larger)


def _joined(builders: Builders, family: str, added: Mapping[str, Callable[..., Any]]) -> Entries:
    valid = tuple(attribute.name for attribute in fields(Builders))
    if family not in valid:
        raise ValueError(f"{family!r} is no family of builders; valid: {', '.join(valid)}")
    names = [bare(name) for name in (*builders.names(family), *added)]
    taken = sorted(name for name in added if names.count(bare(name)) > 1)
    if taken:
        raise ValueError(f"{family}: the names {', '.join(taken)} are taken; choose others")
    return (*getattr(builders, family), *added.items())


def plain(value: Value) -> Any:
    """Return a value as Keras takes it: tuples as lists, tables as dictionaries."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Table):
        return {name: plain(item) for name, item in value.items}
    return value


def keywords(arguments: Iterable[tuple[str, Value]]) -> dict[str, Any]:
    """Return the arguments of a Call as keyword arguments."""
    return {name: plain(value) for name, value in arguments}


def spelled(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that equals `name` but for case and underscores, or None."""
    return next((one for one in known if bare(one) == bare(name)), None)


def unknown(kind: str, name: str, known: Iterable[str]) -> ConfigError:
    """Return the error that names what cannot be built and the nearest names that can."""
    import difflib

    valid = tuple(sorted(known))
    finding = Finding(
        code=f"unknown-{kind}",
        message=f"there is no {kind} called {name!r} to build.",
        nearest=tuple(difflib.get_close_matches(name, valid, 3)),
        advice=f"Valid: {', '.join(valid)}.",
    )
    return ConfigError((finding,))


_METRICS = ("iou", "dice", "iot", "iou_per_image", "dice_per_image", "iot_per_image")
_LOSSES = ("dice_loss", "jaccard_loss", "iou_loss", "focal_loss", "lovasz_loss")

STANDARD = Builders(
    architectures={
        **{
            name: Reference("segshell.published", "published_network")
            for name in ("Unet", "FPN", "Linknet", "PSPNet")
        },
        "DeepLabV3": Reference("segshell.deeplab", "deeplab"),
        "UPerNet": Reference("segshell.upernet", "upernet"),
    },
    losses={name: Reference("segshell.losses", "own_loss", (name,)) for name in _LOSSES},
    metrics={name: Reference("segshell.metrics", "own_metric", (name,)) for name in _METRICS},
    callbacks={
        "EarlyStopping": Reference("segshell.callbacks", "watching", ("EarlyStopping",)),
        "ReduceLROnPlateau": Reference("segshell.callbacks", "watching", ("ReduceLROnPlateau",)),
        "TerminateOnNaN": Reference("segshell.callbacks", "unwatching", ("TerminateOnNaN",)),
        "CyclicLR": Reference("segshell.schedules", "cyclic"),
        "LRVariator": Reference("segshell.schedules", "varied"),
        "TensorBoard": Reference("segshell.tensorboard_events", "build"),
        "MLflow": Reference("segshell.mlflow_tracking", "build"),
    },
    datasets={
        "folders": Reference("segshell.format_folders", "build"),
        "kaggle_rle": Reference("segshell.format_rle", "build"),
        "coco": Reference("segshell.format_coco", "build"),
    },
)
"""What comes with the package."""
