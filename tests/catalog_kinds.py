"""What the libraries' signatures do not say: the names we offer, and what each parameter may be."""

from collections.abc import Mapping
from types import MappingProxyType

from attrs import frozen


@frozen
class Family:
    """The hand-made part of one generated file.

    Attributes
    ----------
    offered
        Names of the library, in the order of the file.
    kinds
        Kind of each parameter; a key is ``parameter``, or ``Name.parameter`` where one name differs.
    left_out
        Parameters that a config may not give.
    defaults
        Where our default differs from the library's, by parameter.
    minimised
        Metrics of which less is better; None for what is no metric.

    """

    offered: tuple[str, ...]
    kinds: Mapping[str, str]
    left_out: frozenset[str] = frozenset()
    defaults: Mapping[str, str] = MappingProxyType({})
    minimised: frozenset[str] | None = None


def _names(text):
    return tuple(text.split())


OPTIMIZERS = Family(
    offered=_names("SGD RMSprop Adam AdamW Adadelta Adagrad Adamax Adafactor Nadam Ftrl Lion Lamb Muon"),
    kinds={
        "learning_rate": "Number(above=0)",
        "weight_decay": "Optional(Number(0))",
        "adam_weight_decay": "Number(0)",
        "momentum": "Number(0, 1)",
        "rho": "Number(0, 1)",
        "epsilon": "Number(above=0)",
        "epsilon_1": "Number(above=0)",
        "epsilon_2": "Number(above=0)",
        "beta_1": "Number(0, below=1)",
        "beta_2": "Number(0, below=1)",
        "adam_beta_1": "Number(0, below=1)",
        "adam_beta_2": "Number(0, below=1)",
        "Lion.beta_1": "Number(above=0, maximum=1)",
        "Lion.beta_2": "Number(0, 1)",
        "beta_2_decay": "Number(maximum=0)",
        "clip_threshold": "Number(above=0)",
        "initial_accumulator_value": "Number(0)",
        "learning_rate_power": "Number(maximum=0)",
        "l1_regularization_strength": "Number(0)",
        "l2_regularization_strength": "Number(0)",
        "l2_shrinkage_regularization_strength": "Number(0)",
        "beta": "Number(0)",
        "muon_a": "Number",
        "muon_b": "Number",
        "muon_c": "Number",
        "adam_lr_ratio": "Number(above=0)",
        "ns_steps": "Integer(1)",
        "rms_rate": "Optional(Number(above=0))",
        "exclude_layers": "Optional(ListOf(Text))",
        **dict.fromkeys(_names("amsgrad nesterov centered relative_step exclude_embeddings"), "Flag"),
    },
    # The config has its own keys for clipping; averaged weights and scaled losses are not available yet.
    left_out=frozenset(
        _names(
            "name clipnorm clipvalue global_clipnorm use_ema ema_momentum ema_overwrite_frequency"
            " loss_scale_factor gradient_accumulation_steps kwargs"
        )
    ),
)

METRICS = Family(
    offered=_names(
        "AUC BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy CategoricalCrossentropy"
        " CategoricalHinge CosineSimilarity FalseNegatives FalsePositives Hinge KLDivergence LogCoshError"
        " MeanAbsoluteError MeanSquaredError MeanSquaredLogarithmicError OneHotIoU OneHotMeanIoU Poisson"
        " Precision PrecisionAtRecall Recall RecallAtPrecision RootMeanSquaredError SensitivityAtSpecificity"
        " SpecificityAtSensitivity SquaredHinge TopKCategoricalAccuracy TrueNegatives TruePositives"
    ),
    kinds={
        "name": "Optional(Text)",
        "num_thresholds": "Integer(1)",
        "AUC.num_thresholds": "Integer(2)",
        "curve": 'Text("ROC", "PR", "PRGAIN")',
        "summation_method": 'Text("interpolation", "minoring", "majoring")',
        # A column holds one number, so only AUC, which sums over its thresholds, takes several.
        "thresholds": "Optional(Number(0, 1))",
        "AUC.thresholds": "Optional(ListOf(Number(0, 1), minimum=1))",
        "threshold": "Number(0, 1)",
        "BinaryAccuracy.threshold": "Number(above=0, below=1)",
        "label_smoothing": "Number(0, 1)",
        "class_id": "Optional(Integer(0))",
        "top_k": "Optional(Integer(1))",
        "k": "Integer(1)",
        "num_classes": "Integer(2)",
        "target_class_ids": "ListOf(Integer(0), minimum=1)",
        "BinaryIoU.target_class_ids": "ListOf(Integer(0, 1), minimum=1)",
        "ignore_class": "Optional(Integer(0))",
        **dict.fromkeys(_names("recall precision sensitivity specificity"), "Number(0, 1)"),
    },
    # What a metric is given is always probabilities (b, h, w, c); these speak of other shapes and types.
    left_out=frozenset(_names("dtype from_logits axis sparse_y_pred multi_label num_labels label_weights")),
    # None stands for the column's own name.
    defaults={"name": "None"},
    minimised=frozenset(
        _names(
            "BinaryCrossentropy CategoricalCrossentropy CategoricalHinge FalseNegatives FalsePositives Hinge"
            " KLDivergence LogCoshError MeanAbsoluteError MeanSquaredError MeanSquaredLogarithmicError"
            " Poisson RootMeanSquaredError SquaredHinge"
        )
    ),
)

LOSSES = Family(
    offered=_names(
        "binary_crossentropy binary_focal_crossentropy categorical_crossentropy"
        " categorical_focal_crossentropy categorical_hinge cosine_similarity hinge huber kl_divergence"
        " log_cosh mean_absolute_error mean_squared_error mean_squared_logarithmic_error poisson"
        " squared_hinge tversky"
    ),
    kinds={},
    # A loss is named without parameters; the first two are what it compares.
    left_out=frozenset(
        _names("y_true y_pred from_logits label_smoothing axis apply_class_balancing alpha beta gamma delta")
    ),
)

CALLBACKS = Family(
    offered=_names("EarlyStopping ReduceLROnPlateau TerminateOnNaN"),
    kinds={
        "monitor": "Monitor",
        "mode": 'Text("auto", "min", "max")',
        "baseline": "Optional(Number)",
        "factor": "Number(above=0, below=1)",
        "verbose": "Integer(0, 2)",
        **dict.fromkeys(_names("min_delta min_lr"), "Number(0)"),
        **dict.fromkeys(_names("patience cooldown start_from_epoch"), "Integer(0)"),
        **dict.fromkeys(_names("restore_best_weights raise_error"), "Flag"),
    },
    left_out=frozenset({"kwargs"}),
    # None stands for the experiment's primary metric.
    defaults={"monitor": "None"},
)
