"""What running imgaug's augmenters shows: which change a mask, which are random; and arguments to run them with."""

from types import MappingProxyType

from segcore.catalog.augmenters import CHANCES
from segcore.values import Call, Choice, Range
from tests.augmenter_kinds import SIZED
from tests.catalog_kinds import _names

# Change a mask: they move pixels, or empty image and mask.
GEOMETRIC = (
    *_names(
        "Fliplr Flipud HorizontalFlip VerticalFlip Rot90 Affine Rotate ScaleX ScaleY ShearX ShearY"
        " TranslateX TranslateY PerspectiveTransform PiecewiseAffine ElasticTransformation WithPolarWarping Jigsaw"
        " Resize Crop Pad CropAndPad Dropout2d TotalDropout"
    ),
    *(f"{center}{edit}To{size}" for edit in ("Crop", "Pad") for size in SIZED for center in ("", "Center")),
)

# Use random numbers even where no argument is drawn.
RANDOM = _names(
    "Affine TranslateX TranslateY PerspectiveTransform PiecewiseAffine ElasticTransformation Jigsaw Crop Pad CropAndPad"
    " CropToAspectRatio CropToFixedSize CropToMultiplesOf CropToPowersOf CropToSquare PadToAspectRatio PadToFixedSize"
    " PadToMultiplesOf PadToPowersOf PadToSquare ReplaceElementwise Canny AdditiveGaussianNoise AdditiveLaplaceNoise"
    " AdditivePoissonNoise ImpulseNoise SaltAndPepper Salt Pepper CoarseSaltAndPepper CoarseSalt CoarsePepper Cutout"
    " ChannelShuffle UniformVoronoi Clouds Fog CloudLayer Rain RainLayer Snowflakes SnowflakesLayer"
    " BlendAlphaSimplexNoise BlendAlphaFrequencyNoise OneOf SomeOf"
)

_OTHER_COLOURS = (Call("Add", (("value", 40),)), Call("Invert"))

# What the tests give to parameters: to those without a default, and to those whose default does nothing.
EXAMPLES = MappingProxyType(
    {
        **dict.fromkeys(_names("children foreground then_list"), _OTHER_COLOURS),
        "width": 48,
        "height": 32,
        **dict.fromkeys(_names("PadToFixedSize.width CenterPadToFixedSize.width"), 64),
        **dict.fromkeys(_names("PadToFixedSize.height CenterPadToFixedSize.height"), 50),
        "width_multiple": 10,
        "height_multiple": 6,
        "width_base": 2,
        "height_base": 3,
        "aspect_ratio": 1.1,
        "ContrastNormalization.alpha": 1.5,
        "Dropout2d.p": 1,
        "Dropout2d.nb_keep_channels": 0,
        "matrix": ((0, 0, 0), (0, -4, 1), (0, 2, 1)),
        "mask": 0.3,
        "replacement": Range(0, 255),
        "to_colorspace": "HSV",
        "Resize.size": 0.7,
        "fraction": 0.5,
        "BlendAlphaCheckerboard.nb_rows": 3,
        "BlendAlphaCheckerboard.nb_cols": 4,
        "BlendAlphaRegularGrid.nb_rows": 3,
        "BlendAlphaRegularGrid.nb_cols": 4,
        "class_ids": 5,
        "density": 0.2,
        "density_uniformity": 0.5,
        **dict.fromkeys(_names("RainLayer.drop_size SnowflakesLayer.flake_size"), 0.5),
        **dict.fromkeys(_names("drop_size_uniformity SnowflakesLayer.flake_size_uniformity"), 0.5),
        **dict.fromkeys(_names("RainLayer.angle SnowflakesLayer.angle"), 10),
        **dict.fromkeys(_names("RainLayer.speed SnowflakesLayer.speed"), 0.1),
        "blur_sigma_fraction": 0.01,
        "intensity_mean": 220,
        **dict.fromkeys(_names("intensity_freq_exponent alpha_freq_exponent"), -2),
        "intensity_coarse_scale": 2,
        "alpha_min": 0,
        "alpha_multiplier": 0.5,
        "alpha_size_px_max": 8,
        **dict.fromkeys(_names("sparsity density_multiplier"), 1),
        "AddToHueAndSaturation.value": 30,
        "MultiplyHueAndSaturation.mul": 1.5,
        "SomeOf.n": 1,
    }
)


def example(row):
    """Return a call of a row that does something, without the parameters that have a default of their own."""
    found = {
        one.name: EXAMPLES.get(f"{row.name}.{one.name}", EXAMPLES.get(one.name)) for one in row.parameters
    }
    # A colour space to choose from is more than one.
    has_choice = {one.name for one in row.parameters if isinstance(one.default, tuple) and one.default}
    return Call(
        row.name, tuple(pair for pair in found.items() if pair[1] is not None and pair[0] not in has_choice)
    )


def _settled(one, value):
    """Return one value of those that a parameter is drawn from: the highest of a range, the first of several."""
    if one.name in CHANCES and not isinstance(value, bool):
        return 1 if value != 0 else 0
    if one.name == "random_order":
        return False
    if isinstance(value, Range):
        return value.high
    if isinstance(value, Choice):
        return value.options[0]
    if isinstance(value, tuple) and value and isinstance(value[0], str):
        return value[0]
    return tuple(_settled(one, item) for item in value) if isinstance(value, tuple) else value


def without_draws(row):
    """Return a call of a row whose arguments are all written out, none of them drawn."""
    given = example(row)
    pairs = ((one.name, _settled(one, given.get(one.name, one.default))) for one in row.parameters)
    return Call(row.name, tuple(pair for pair in pairs if pair[1] not in (None, ())))
