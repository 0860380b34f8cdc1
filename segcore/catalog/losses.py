"""The losses: Keras' own that compare maps of 0 and 1 with probabilities, and ours."""

from attrs import frozen

from segcore.catalog import keras_losses
from segcore.catalog.signatures import bare

OURS: tuple[str, ...] = ("dice_loss", "jaccard_loss", "iou_loss", "focal_loss", "lovasz_loss")

LINES: tuple[str, ...] = (*OURS, *keras_losses.LINES)

_ONE_HOT = "masks are given one-hot, not as class numbers; write categorical_crossentropy"
_SHORT = "it is Keras' short name; write "

REFUSED: tuple[tuple[str, str], ...] = (
    ("dice", "dice is a metric; the loss is dice_loss"),
    ("iou", "iou is a metric; the loss is iou_loss, or jaccard_loss for each image alone"),
    ("jaccard", "the loss is called jaccard_loss"),
    ("focal", "the loss is called focal_loss"),
    ("lovasz", "the loss is called lovasz_loss"),
    ("sparse_categorical_crossentropy", _ONE_HOT),
    ("ctc", "it aligns sequences of labels, which masks are not"),
    ("circle", "it compares embeddings by their labels, which masks are not"),
    ("mean_absolute_percentage_error", "it divides by the truth, which is 0 on the background"),
    ("mape", "it divides by the truth, which is 0 on the background"),
    ("categorical_generalized_cross_entropy", "it needs a parameter, and losses take none in this version"),
    ("accuracy", "an accuracy is a metric; a loss has to have a gradient"),
    ("crossentropy", "write binary_crossentropy (sigmoid) or categorical_crossentropy (softmax)"),
    ("bce", f"{_SHORT}binary_crossentropy"),
    ("mse", f"{_SHORT}mean_squared_error"),
    ("mae", f"{_SHORT}mean_absolute_error"),
    ("msle", f"{_SHORT}mean_squared_logarithmic_error"),
    ("kld", f"{_SHORT}kl_divergence"),
    ("huber_loss", f"{_SHORT}huber"),
)


@frozen
class LossFacts:
    """What a loss expects of the network that it trains.

    Attributes
    ----------
    activations
        Last activations that it goes with: ``sigmoid``, ``softmax``, ``linear``.
    note
        Why, in one sentence, for the message when it does not fit.
    classes
        The fewest output channels with which it has a meaning.
    weighting
        What class weights act on: its ``pixels``, its pixels where classes exclude each other (``exclusive``), its
        ``classes``, or ``none``.

    """

    name: str
    activations: tuple[str, ...]
    note: str
    classes: int = 1
    weighting: str = "pixels"


_ANY = ("sigmoid", "softmax", "linear")
_PROBABILITIES = ("sigmoid", "softmax")
_DISTANCE = "it is a distance between numbers and takes any output"
_OVERLAP = "it counts probabilities as shares of a pixel, so they must lie between 0 and 1"
_PER_CHANNEL = "each channel is a probability of its own, which is what sigmoid gives"
_ONE_OF_MANY = "the channels of a pixel must sum to 1, which is what softmax gives"
_SCORES = "it compares the channels of a pixel with those of the truth"

FACTS: tuple[LossFacts, ...] = (
    LossFacts("dice_loss", _PROBABILITIES, _OVERLAP, weighting="classes"),
    LossFacts("jaccard_loss", _PROBABILITIES, _OVERLAP, weighting="classes"),
    LossFacts("iou_loss", _PROBABILITIES, _OVERLAP, weighting="classes"),
    LossFacts("focal_loss", _PROBABILITIES, "it takes the logarithm of a probability"),
    LossFacts(
        "lovasz_loss",
        _ANY,
        "it works on scores, and gets them back from probabilities",
        weighting="none",
    ),
    LossFacts("binary_crossentropy", ("sigmoid",), _PER_CHANNEL),
    LossFacts("binary_focal_crossentropy", ("sigmoid",), _PER_CHANNEL),
    LossFacts("categorical_crossentropy", ("softmax",), _ONE_OF_MANY, 2),
    LossFacts("categorical_focal_crossentropy", ("softmax",), _ONE_OF_MANY, 2),
    LossFacts("categorical_hinge", _ANY, _SCORES, weighting="exclusive"),
    LossFacts("cosine_similarity", _ANY, _SCORES, 2, weighting="exclusive"),
    LossFacts("hinge", _ANY, "it reads 0 and 1 as -1 and 1, and is made for outputs between these"),
    LossFacts("huber", _ANY, _DISTANCE),
    LossFacts("kl_divergence", ("softmax",), _ONE_OF_MANY, 2),
    LossFacts("log_cosh", _ANY, _DISTANCE),
    LossFacts("mean_absolute_error", _ANY, _DISTANCE),
    LossFacts("mean_squared_error", _ANY, _DISTANCE),
    LossFacts("mean_squared_logarithmic_error", _PROBABILITIES, "it takes the logarithm of 1 + the output"),
    LossFacts("poisson", _PROBABILITIES, "it takes the logarithm of the output, which must be positive"),
    LossFacts("squared_hinge", _ANY, "it reads 0 and 1 as -1 and 1, and is made for outputs between these"),
    LossFacts("tversky", _PROBABILITIES, _OVERLAP, weighting="none"),
)


def facts(name: str) -> LossFacts | None:
    """Return what a loss expects, whatever the name's case and underscores, or None for an unknown name."""
    return next((one for one in FACTS if bare(one.name) == bare(name)), None)
