"""What decides a network before training: a record that the shell can build and a key can contain."""

from attrs import frozen

from segcore.values import Call, Value


@frozen
class NetworkSpec:
    """A network as a value.

    Attributes
    ----------
    architecture, backbone
        Names of the catalog, as it spells them.
    options
        Arguments of the architecture that differ from its defaults, sorted by name.
    classes
        Number of output channels.
    activation
        Last activation (``sigmoid``, ``softmax``, ``linear`` for none).
    shape
        Input (height, width, channels) in pixels.
    preprocessing
        Resolved input rule: ``identity``, ``tf`` ([-1, 1]), ``torch`` (ImageNet mean and deviation), ``caffe``.
    batchnorm_momentum
        Momentum of every BatchNormalization layer.
    encoder_weights
        None, ``imagenet``, ``pascal_voc`` or an absolute path of a weights file.
    copy_weights
        Whether weights of the first convolution are spread over other than three channels; else it starts anew.
    precision
        ``float32``, ``mixed_bfloat16`` or ``mixed_float16``: what the layers compute in; outputs are float32.
    transforms
        What is done to every image, at its own size, before it is brought to `shape`.

    """

    architecture: str
    backbone: str
    options: tuple[tuple[str, Value], ...]
    classes: int
    activation: str
    shape: tuple[int, int, int]
    preprocessing: str
    batchnorm_momentum: float
    encoder_weights: str | None = None
    copy_weights: bool = True
    precision: str = "float32"
    transforms: tuple[Call, ...] = ()

    @property
    def is_exclusive(self) -> bool:
        """Whether a pixel belongs to exactly one class: several classes, and the last activation is not sigmoid."""
        return self.classes > 1 and self.activation != "sigmoid"
