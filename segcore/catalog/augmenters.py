"""The augmenters: imgaug's, and a turn by quarters that imgaug spells in two words."""

from segcore.catalog import imgaug_augmenters

OWN: tuple[str, ...] = ("Rotate90(p: Number(0, 1) = 1)",)

LINES: tuple[str, ...] = imgaug_augmenters.LINES + OWN

# Those that move pixels, so that the mask has to move with the image.
GEOMETRIC: frozenset[str] = frozenset((*imgaug_augmenters.GEOMETRIC, "Rotate90"))

# Those that use random numbers even where no argument is drawn.
RANDOM: frozenset[str] = frozenset((*imgaug_augmenters.RANDOM, "Rotate90"))

# Those that look at the mask, which an image to predict does not have.
NEEDS_MASK: frozenset[str] = frozenset({"BlendAlphaSegMapClassIds"})

# Chances: between 0 and 1, what the parameter says is done to some images and not to others.
CHANCES: frozenset[str] = frozenset(
    {
        "p",
        "p_replace",
        "p_drop_points",
        "per_channel",
        "invert_above_threshold",
        "squared",
        "fill_per_channel",
    }
)

# Parameters of which one has to be given, or imgaug draws from ranges of its own.
DRAWN_UNLESS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("AddToHueAndSaturation", ("value", "value_hue", "value_saturation")),
    ("MultiplyHueAndSaturation", ("mul", "mul_hue", "mul_saturation")),
)

_REPLACER = (
    "BackgroundReplacer(path: PathText, rate: Number(0, 1) = 0.5,"
    ' erosion: Stochastic(0, 1024, whole=True) = 0, augmenters: NamedList("augmenter") = ())'
)
DATASET_LINES: tuple[str, ...] = (_REPLACER,)

_BROKEN = "imgaug 0.4's own is broken with today's NumPy; "
_CODE = "it takes Python code, which a config does not hold; add an augmenter of your own to the builders"
_OBJECT = "it takes a Python object, which a config does not hold; "
_CORRUPTION = "it needs the package imagecorruptions, which does not install beside today's NumPy; "

# Names of other families that people look for here.
ELSEWHERE: tuple[tuple[str, str], ...] = (
    (
        "BackgroundReplacer",
        "it stands under dataset_augmenter, and its rate is the chance to replace the background, not to keep it",
    ),
)

REFUSED: tuple[tuple[str, str], ...] = (
    ("Autocontrast", f"{_BROKEN}write LinearContrast or CLAHE"),
    ("RandAugment", "imgaug's own cannot take the mask along; write SomeOf with the augmenters themselves"),
    ("AffineCv2", "imgaug itself calls it old; write Affine with backend: cv2"),
    ("Lambda", _CODE),
    ("AssertLambda", _CODE),
    ("AssertShape", "a check is no augmentation; shape already brings every image to one size"),
    (
        "SaveDebugImageEveryNBatches",
        "it writes files while it augments; look at the example pictures instead",
    ),
    ("BlendAlphaBoundingBoxes", "images come with masks, not with boxes; write BlendAlphaSegMapClassIds"),
    ("BlendAlphaMask", f"{_OBJECT}write one of the other BlendAlpha names"),
    ("Voronoi", f"{_OBJECT}write UniformVoronoi or RegularGridVoronoi"),
    ("Alpha", "imgaug calls it BlendAlpha today, and first and second are foreground and background"),
    ("AlphaElementwise", "imgaug calls it BlendAlphaElementwise today"),
    ("SimplexNoiseAlpha", "imgaug calls it BlendAlphaSimplexNoise today"),
    ("FrequencyNoiseAlpha", "imgaug calls it BlendAlphaFrequencyNoise today"),
    ("InColorspace", "imgaug calls it WithColorspace today"),
    ("Scale", "imgaug calls it Resize today"),
    ("GaussianNoise", f"{_CORRUPTION}write AdditiveGaussianNoise"),
    ("ShotNoise", f"{_CORRUPTION}write AdditivePoissonNoise"),
    ("SpeckleNoise", f"{_CORRUPTION}write MultiplyElementwise"),
    ("GlassBlur", f"{_CORRUPTION}write GaussianBlur"),
    ("DefocusBlur", f"{_CORRUPTION}write AverageBlur"),
    ("ZoomBlur", f"{_CORRUPTION}write MotionBlur"),
    ("Frost", f"{_CORRUPTION}write Fog"),
    ("Snow", f"{_CORRUPTION}write Snowflakes"),
    ("Spatter", f"{_CORRUPTION}write Rain"),
    ("Contrast", f"{_CORRUPTION}write LinearContrast"),
    ("Brightness", f"{_CORRUPTION}write MultiplyBrightness"),
    ("Saturate", f"{_CORRUPTION}write MultiplySaturation"),
    ("Pixelate", f"{_CORRUPTION}write AveragePooling"),
    ("ElasticTransform", f"{_CORRUPTION}write ElasticTransformation"),
)
