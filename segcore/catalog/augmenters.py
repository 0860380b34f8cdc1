"""The augmenters: imgaug's common ones."""

from segcore.catalog import imgaug_augmenters

LINES: tuple[str, ...] = imgaug_augmenters.LINES

KNOWN_LATER: tuple[str, ...] = imgaug_augmenters.LATER

_BROKEN = "imgaug 0.4's own is broken with today's NumPy; "

REFUSED: tuple[tuple[str, str], ...] = (
    ("ChangeColorTemperature", f"{_BROKEN}write Multiply with per_channel"),
    ("RandAugment", f"{_BROKEN}write the augmenters themselves"),
    *((name, f"imgaug's {name} is not available in this version") for name in KNOWN_LATER),
)
