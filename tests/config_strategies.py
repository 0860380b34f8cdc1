"""Hypothesis strategies of valid configs over the whole vocabulary: every name, arguments by their kinds."""

from types import MappingProxyType

from attrs import evolve
from hypothesis import strategies as st

from segcore import kinds
from segcore.catalog.encoders import encoders_of, least_side
from segcore.catalog.losses import FACTS
from segcore.catalog.rows import REQUIRED
from segcore.catalog.standard import STANDARD
from segcore.catalog.strides import stride
from segcore.config import ExperimentConfig, Stage
from segcore.declaring import keys
from segcore.loss_text import Term
from segcore.monitors import columns
from segcore.parsing.check_crops import MOST_PIXELS
from segcore.tiles import Crops, canvas_of
from segcore.values import Call, Choice, Range, Table
from tests.dataset_strategies import sampling
from tests.rate_strategies import SETTERS, cycles, schedules, variators

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
paths = texts.filter(lambda one: "\0" not in one)
names = st.from_regex(r"m[a-z]{0,5}[0-9]", fullmatch=True)
weights = st.floats(1e-6, 1e6) | st.just(1.0)


def _numbers(low, high, above=None, below=None):
    ends = [bound for bound in (low, above) if bound is not None]
    tops = [bound for bound in (high, below) if bound is not None]
    smallest = max(ends, default=min(-1000.0, *tops) if tops else -1000.0)
    largest = min(tops, default=max(1000.0, smallest + 1))
    return st.floats(
        float(smallest), float(largest), exclude_min=above is not None, exclude_max=below is not None
    )


def _integers(low, high):
    smallest = -1000 if low is None else low
    return st.integers(smallest, smallest + 1000 if high is None else high)


def _stochastic(kind):
    is_whole = kind.whole
    single = (_integers if is_whole else _numbers)(kind.minimum, kind.maximum)
    ranges = st.tuples(single, single).map(sorted).map(lambda ends: Range(*ends))
    choices = st.lists(single, min_size=1, max_size=3).map(lambda options: Choice(tuple(options)))
    return single | ranges | choices


def _lists(kind):
    size = kind.length
    least, most = (kind.minimum, kind.minimum + 3) if size is None else (size, size)
    drawn = st.lists(values(kind.of), min_size=least, max_size=most).map(tuple)
    # Two numbers without a null are a range wherever one is allowed.
    return drawn.filter(lambda items: None in items) if isinstance(kind.of, kinds.Optional) else drawn


def _leaves(family):
    """Return a strategy of calls that hold no calls themselves."""
    rows = (STANDARD.find(family, name) for name in STANDARD.names(family))
    plain = [row for row in rows if not any(isinstance(one.kind, kinds.NamedList) for one in row.parameters)]
    return st.sampled_from(plain).flatmap(lambda row: calls(family, name=row.name))


def _tables(kind, watched):
    one = values(kind.of, watched)
    given = st.fixed_dictionaries({}, optional=dict.fromkeys(kind.keys, one))
    return given.map(lambda pairs: Table(tuple((name, pairs[name]) for name in kind.keys if name in pairs)))


_STRATEGIES = MappingProxyType(
    {
        kinds.Flag: lambda _kind, _watched: st.booleans(),
        kinds.Integer: lambda kind, _watched: _integers(kind.minimum, kind.maximum),
        kinds.Number: lambda kind, _watched: _numbers(kind.minimum, kind.maximum, kind.above, kind.below),
        kinds.Text: lambda kind, _watched: st.sampled_from(kind.choices) if kind.choices else texts,
        kinds.PathText: lambda _kind, _watched: paths,
        kinds.Monitor: lambda _kind, watched: st.sampled_from(watched),
        kinds.Optional: lambda kind, watched: st.none() | values(kind.of, watched),
        kinds.Stochastic: lambda kind, _watched: _stochastic(kind),
        kinds.ListOf: lambda kind, _watched: _lists(kind),
        kinds.TableOf: _tables,
        kinds.NamedList: lambda kind, _watched: st.lists(_leaves(kind.family), max_size=2).map(tuple),
        kinds.Either: lambda kind, watched: st.one_of(*(values(one, watched) for one in kind.of)),
    }
)


def values(kind, watched=("val_loss",)):
    """Return a strategy of the values of a kind, as the parser gives them."""
    return _STRATEGIES[type(kind)](kind, watched)


@st.composite
def calls(draw, family, watched=("val_loss",), name=None):
    """Draw a call of one of a family's names, with any arguments that do not equal their defaults."""
    row = STANDARD.find(family, name or draw(st.sampled_from(STANDARD.names(family))))
    given = [one for one in row.parameters if one.default is REQUIRED or draw(st.integers(0, 2)) == 0]
    drawn = [(one.name, draw(values(one.kind, watched)), one.default) for one in given]
    return Call(
        row.name,
        tuple((name, value) for name, value, default in drawn if default is REQUIRED or value != default),
    )


def _metric(call, number, classes):
    """Give a metric a column of its own, and classes that exist."""
    fixed = {name: value for name, value in call.arguments if name not in ("target_class_ids", "class_id")}
    fixed |= {"name": f"m{number}"}
    if call.name.startswith("OneHot"):
        fixed |= {"num_classes": classes}
    if call.name == "OneHotIoU":
        fixed |= {"target_class_ids": (classes - 1,)}
    if isinstance(fixed.get("of_class"), int):
        fixed |= {"of_class": fixed["of_class"] % classes}
    return Call(call.name, tuple(fixed.items()))


_SEVERAL = ("Categorical", "CosineSimilarity", "TopK", "OneHot")


@st.composite
def metrics(draw, classes):
    drawn = draw(st.lists(calls("metric"), max_size=3))
    fitting = [call for call in drawn if classes > 1 or not call.name.startswith(_SEVERAL)]
    return tuple(_metric(call, number, classes) for number, call in enumerate(fitting))


def losses(activation, classes):
    fitting = [one.name for one in FACTS if activation in one.activations and classes >= one.classes]
    terms = st.lists(st.sampled_from(fitting), min_size=1, max_size=3, unique=True)
    return terms.flatmap(
        lambda chosen: st.tuples(
            *(weights.map(lambda weight, name=name: Term(weight, name)) for name in chosen)
        )
    )


def _optional(draw, strategies):
    """Draw some of several named values."""
    return {name: draw(one) for name, one in strategies.items() if draw(st.booleans())}


def _plain_callbacks(watched):
    """Return a strategy of callbacks that set no learning rate."""
    names = [name for name in STANDARD.names("callback") if name not in SETTERS]
    return st.sampled_from(names).flatmap(lambda name: calls("callback", watched, name))


def _callbacks(watched):
    """Return a strategy of callbacks of which one at most sets the learning rate."""
    setter = calls("callback", watched, "ReduceLROnPlateau") | cycles | variators
    return st.tuples(
        st.lists(_plain_callbacks(watched), max_size=2).map(tuple),
        st.just(()) | setter.map(lambda one: (one,)),
    ).map(lambda two: two[0] + two[1])


def _sets_rate(config):
    """Return whether a callback sets the learning rate in any stage."""
    lists = [config.callbacks, *(dict(stage.overrides).get("callbacks", ()) for stage in config.stages)]
    return any(call.name in SETTERS for one in lists for call in one)


@st.composite
def _measuring(draw, classes):
    """Draw what goes together: metrics, the primary one of them, and callbacks that watch them."""
    measured = draw(metrics(classes))
    watched = columns(measured)
    return {
        "metrics": measured,
        "primary_metric": draw(st.none() | st.sampled_from(watched)),
        "primary_metric_mode": draw(st.sampled_from(("auto", "min", "max"))),
        "callbacks": draw(_callbacks(watched)),
    }


@st.composite
def _training(draw, activation, classes):
    """Keys that a stage may replace, but for those of `_measuring`."""
    rates = st.floats(1e-6, 10)
    given = _optional(
        draw,
        {
            "augmentation": st.lists(calls("augmenter"), max_size=3).map(tuple),
            "dataset_augmenter": st.none() | calls("dataset_augmenter"),
            "augment_at": st.sampled_from(("network", "source")),
            "optimizer": calls("optimizer"),
            "loss": losses(activation, classes),
            "lr": rates,
            "batch": st.integers(1, 65536),
            "ema": st.none() | st.floats(0, 1, exclude_min=True, exclude_max=True),
            "max_epoch_size": st.none() | st.integers(1, 1000),
        },
    )
    optimizer = given.get("optimizer")
    if optimizer:
        kept = tuple(pair for pair in optimizer.arguments if pair[0] != "learning_rate")
        given["optimizer"] = Call(optimizer.name, kept)
    bound = draw(st.sampled_from((None, "clipnorm", "clipvalue")))
    clips = {"clipnorm": None, "clipvalue": None} | ({bound: draw(rates)} if bound else {})
    return given | clips


_SHARES = st.sampled_from(("none", "real")) | st.floats(0, 100, exclude_min=True)


@st.composite
def stages(draw, number, activation, classes, watched):
    """Draw a stage that replaces any keys; one that starts from an earlier stage names one that trains."""
    overrides = draw(_training(activation, classes)) if draw(st.booleans()) else {}
    if draw(st.booleans()):
        measuring = draw(_measuring(classes))
        overrides, watched = overrides | measuring, columns(measuring["metrics"])
    own = st.just("weights/best-{fold}.0.weights.h5") if number else paths
    given = _optional(
        draw,
        {
            "negatives": _SHARES,
            "validation_negatives": st.none() | _SHARES,
            "initial_weights": st.none() | paths | own,
            "extra_callbacks": st.lists(_plain_callbacks(watched), max_size=1).map(tuple),
        },
    )
    epochs = draw(st.integers(0 if number else 1, 1000))
    return Stage(epochs=epochs, overrides=tuple(overrides.items()), **given)


def _shape(draw, architecture):
    step = stride(architecture.name, architecture.arguments)
    sides = st.integers(1, 16384 // step).map(lambda count: count * step)
    return (draw(sides), draw(sides), draw(st.integers(1, 16)))


def _encoder(draw, architecture, shape):
    """Draw a backbone that the architecture takes with the options it has, and weights that there are of it."""
    names = [
        one
        for one in encoders_of(architecture.name)
        if (one != "xception" or architecture.get("alpha") is None) and min(shape[:2]) >= least_side(one)
    ]
    has_imagenet = architecture.name != "DeepLabV3"
    own = st.just("imagenet") if has_imagenet else st.nothing()
    path = paths.filter(lambda one: one != "pascal_voc")
    return {"backbone": draw(st.sampled_from(names)), "encoder_weights": draw(st.none() | own | path)}


def _framing(draw, shape):
    """Draw crops whose canvas can be held, or none, and then either kind of inference."""
    count = draw(st.sampled_from((1, 2, 3, 16)))
    drawn = Crops(count, draw(st.floats(0, 1, exclude_max=True)))
    height, width = canvas_of(shape[:2], drawn)
    crops = drawn if count > 1 and height * width <= MOST_PIXELS else Crops()
    kinds_of = ("resize",) if crops.count > 1 else ("resize", "windows")
    return {"crops": crops, "inference": draw(st.sampled_from(kinds_of)), "flip_pred": draw(st.booleans())}


_DATA_KEYS = (
    "trust_unsigned",
    "show_data_examples",
    "checkpoint_share",
    "cache",
    "cache_size",
    "preprocessing",
    "batchnorm_momentum",
    "inference_batch",
    "seed",
    "replicates",
    "folds_count",
    "random_state",
    "validation_split",
    "test_split",
    "test_split_seed",
    "split",
)


# Draw nothing and move nothing.
_TRANSFORMS = (
    Call("Grayscale"),
    Call("Add", (("value", 10.0),)),
    Call("CLAHE", (("clip_limit", 2.5), ("tile_grid_size_px", 8))),
    Call(
        "WithChannels", (("channels", 1), ("children", (Call("Invert"), Call("Multiply", (("mul", 0.5),)))))
    ),
)


def _with_fitting_backgrounds(config):
    """Return a config without backgrounds where pictures have not the channels of its images."""
    channels = config.dataset.get("channels") if config.dataset else None
    if isinstance(channels, str) or (channels is None and config.shape[2] in {1, 3, 4}):
        return config
    stages = (
        evolve(one, overrides=tuple(pair for pair in one.overrides if pair[0] != "dataset_augmenter"))
        for one in config.stages
    )
    return evolve(config, dataset_augmenter=None, stages=tuple(stages))


def _sharing(draw, config):
    """Return a config whose batches some GPUs share, at most as many as the smallest has images."""
    batches = (dict(stage.overrides).get("batch", config.batch) for stage in config.stages)
    return evolve(config, gpus=draw(st.integers(1, min(64, config.batch, *batches)) | st.just(1)))


@st.composite
def configs(draw):
    """Draw a valid config: what is drawn together fits together."""
    classes = draw(st.integers(1, 5))
    activation = draw(st.sampled_from(("sigmoid", "linear", *(("softmax",) if classes > 1 else ()))))
    architecture = draw(calls("architecture"))
    measuring = draw(_measuring(classes))
    training = draw(_training(activation, classes))
    watched = columns(measuring["metrics"])
    # A loss is always written, since the default does not go with every activation.
    training.setdefault("loss", draw(losses(activation, classes)))
    declared = {name: key for name, key in keys(ExperimentConfig) if name in _DATA_KEYS}
    count = draw(st.integers(1, 3))
    shape = _shape(draw, architecture)
    training["transforms"] = tuple(draw(st.lists(st.sampled_from(_TRANSFORMS), max_size=2)))
    drawn = ExperimentConfig(
        architecture=architecture,
        **_encoder(draw, architecture, shape),
        shape=shape,
        **_framing(draw, shape),
        classes=classes,
        activation=activation,
        **draw(sampling(classes, shape[2], exclusive=classes > 1 and activation != "sigmoid")),
        stages=tuple(draw(stages(number, activation, classes, watched)) for number in range(count)),
        **_optional(draw, {name: values(key.kind) for name, key in declared.items()}),
        **measuring,
        **training,
    )
    drawn = _sharing(draw, _with_fitting_backgrounds(drawn))
    return drawn if _sets_rate(drawn) or draw(st.booleans()) else evolve(drawn, lr=draw(schedules))
