"""The catalog that everyone starts from."""

from segcore.catalog import (
    activations,
    architectures,
    augmenters,
    callbacks,
    encoders,
    losses,
    metrics,
    optimizers,
)
from segcore.catalog.catalog import Catalog

_REFUSED = (
    ("architecture", architectures.REFUSED),
    ("encoder", encoders.REFUSED),
    ("loss", losses.REFUSED),
    ("metric", metrics.REFUSED),
    ("optimizer", optimizers.REFUSED),
    ("callback", callbacks.REFUSED),
    ("augmenter", augmenters.REFUSED),
)

STANDARD = Catalog(
    signatures=(
        ("architecture", architectures.ARCHITECTURES),
        ("encoder", encoders.NAMES),
        ("activation", activations.ACTIVATIONS),
        ("loss", losses.LINES),
        ("metric", metrics.LINES),
        ("optimizer", optimizers.LINES),
        ("callback", callbacks.LINES),
        ("augmenter", augmenters.LINES),
    ),
    refused=tuple((family, name, reason) for family, pairs in _REFUSED for name, reason in pairs),
)
