"""The catalog that everyone starts from."""

from segcore.catalog import (
    activations,
    architectures,
    augmenters,
    callbacks,
    datasets,
    encoders,
    losses,
    metrics,
    optimizers,
    schedules,
)
from segcore.catalog.catalog import Catalog

_REFUSED = (
    ("architecture", (("PSP", "it is called PSPNet"),)),
    ("loss", losses.REFUSED),
    ("metric", metrics.REFUSED),
    ("optimizer", optimizers.REFUSED),
    ("schedule", schedules.REFUSED),
    ("callback", callbacks.REFUSED),
    ("variation", callbacks.VARIATIONS_REFUSED),
    ("augmenter", augmenters.REFUSED),
    ("augmenter", augmenters.ELSEWHERE),
)

STANDARD = Catalog(
    signatures=(
        ("architecture", architectures.ARCHITECTURES),
        ("encoder", encoders.NAMES),
        ("activation", activations.ACTIVATIONS),
        ("loss", losses.LINES),
        ("metric", metrics.LINES),
        ("optimizer", optimizers.LINES),
        ("schedule", schedules.LINES),
        ("callback", callbacks.LINES),
        ("variation", callbacks.VARIATIONS),
        ("augmenter", augmenters.LINES),
        ("dataset_augmenter", augmenters.DATASET_LINES),
        ("dataset", datasets.LINES),
    ),
    refused=tuple((family, name, reason) for family, pairs in _REFUSED for name, reason in pairs),
)
