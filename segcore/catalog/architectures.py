"""The architectures with the options that are theirs alone: four of segmentation-models 1.0.1, and two of ours.

What every architecture shares (shape, classes, activation, weights, freezing) stands in the config itself.
"""

_BLOCKS = 'decoder_block_type: Text("upsampling", "transpose") = "upsampling"'
_DROPOUT = "Optional(Number(0, below=1)) = None"
_FACTORS = "Either(Integer(4, 4), Integer(8, 8), Integer(16, 16))"

# Only a decoder of five blocks gives an output of the input's size, since encoders shrink by 2**5.
_UNET = "ListOf(Integer(1), length=5) = (256, 128, 64, 32, 16)"
# Linknet takes the filters of its first four blocks from the encoder; null says so.
_LINKNET = "ListOf(Optional(Integer(1)), length=5) = (None, None, None, None, 16)"
# The output stride; null is what the public weights were measured with: 8 for mobilenetv2, 16 for xception.
_STRIDE = "Optional(Either(Integer(8, 8), Integer(16, 16))) = None"

ARCHITECTURES: tuple[str, ...] = (
    f"Unet({_BLOCKS}, decoder_filters: {_UNET}, decoder_use_batchnorm: Flag = True)",
    (
        "FPN(pyramid_block_filters: Integer(2) = 256, pyramid_use_batchnorm: Flag = True, "
        f'pyramid_aggregation: Text("sum", "concat") = "concat", pyramid_dropout: {_DROPOUT})'
    ),
    f"Linknet({_BLOCKS}, decoder_filters: {_LINKNET}, decoder_use_batchnorm: Flag = True)",
    (
        f"PSPNet(downsample_factor: {_FACTORS} = 8, psp_conv_filters: Integer(1) = 512, "
        'psp_pooling_type: Text("avg", "max") = "avg", psp_use_batchnorm: Flag = True, '
        f"psp_dropout: {_DROPOUT})"
    ),
    f"DeepLabV3(alpha: Number(0.1, 4) = 1.0, OS: {_STRIDE})",
    "UPerNet(channels: Integer(1, 4096) = 128, dropout: Number(0, below=1) = 0.1)",
)
