"""What imgaug's signatures do not say: the augmenters we offer, and what each parameter may be."""

from tests.catalog_kinds import Family, _names


def _texts(names):
    return f"Text({', '.join(map(repr, _names(names)))})".replace("'", '"')


def _text_or_several(names):
    """Return the kind of one text, or of several of which one is drawn."""
    return f"Either({_texts(names)}, ListOf({_texts(names)}, minimum=1))"


_SIDES = "Optional(Either({0}, ListOf({0}, length=4)))"
_AXES = 'Optional(Either({0}, TableOf({0}, ("x", "y"))))'
# A whole number is meant in pixels, another one as a factor.
_LENGTH = "Stochastic(1, 16384, whole=True), Stochastic(0.0001, 16)"
_SIDE_LENGTH = f'Either({_LENGTH}, Text("keep", "keep-aspect-ratio"))'
_RESIZE = (
    f'Either({_LENGTH}, Text("keep"),'
    f' TableOf({_SIDE_LENGTH}, ("height", "width", "shorter-side", "longer-side")))'
)
_CHILDREN = 'NamedList("augmenter")'
_CHANCE = "Stochastic(0, 1)"
_OFTEN = "Either(Flag, Number(0, 1))"
_BRIGHTNESS = _text_or_several("YCrCb HSV HLS Lab Luv YUV")
_COLORSPACES = _text_or_several("RGB BGR GRAY CIE YCrCb HSV HLS Lab Luv YUV")
_PAD_MODES = _texts("constant edge linear_ramp maximum mean median minimum reflect symmetric wrap")
_CORNERS = (
    " left-top left-center left-bottom center-top center-center center-bottom right-top right-center"
    " right-bottom"
)
SIZED = _names("AspectRatio FixedSize MultiplesOf PowersOf Square")
_BLENDS = (
    "BlendAlpha BlendAlphaElementwise BlendAlphaSimplexNoise BlendAlphaFrequencyNoise BlendAlphaSomeColors"
    " BlendAlphaHorizontalLinearGradient BlendAlphaVerticalLinearGradient BlendAlphaRegularGrid"
    " BlendAlphaCheckerboard BlendAlphaSegMapClassIds"
)
_PILLOW = (
    "Equalize EnhanceColor EnhanceContrast EnhanceBrightness EnhanceSharpness FilterBlur FilterSmooth"
    " FilterSmoothMore FilterEdgeEnhance FilterEdgeEnhanceMore FilterFindEdges FilterContour FilterEmboss"
    " FilterSharpen FilterDetail"
)

AUGMENTERS = Family(
    offered=(
        *_names(
            "Identity Noop Fliplr Flipud HorizontalFlip VerticalFlip Rot90 Affine Rotate ScaleX ScaleY"
            " ShearX ShearY TranslateX TranslateY PerspectiveTransform PiecewiseAffine ElasticTransformation"
            " WithPolarWarping Jigsaw Resize KeepSizeByResize Crop Pad CropAndPad"
        ),
        *(
            f"{center}{edit}To{size}"
            for edit in ("Crop", "Pad")
            for size in SIZED
            for center in ("", "Center")
        ),
        *_names(
            "Add AddElementwise Multiply MultiplyElementwise ReplaceElementwise Invert Solarize JpegCompression"
            " LinearContrast GammaContrast SigmoidContrast LogContrast ContrastNormalization"
            " CLAHE AllChannelsCLAHE HistogramEqualization AllChannelsHistogramEqualization"
            " GaussianBlur AverageBlur MedianBlur MotionBlur BilateralBlur MeanShiftBlur"
            " AveragePooling MaxPooling MedianPooling MinPooling"
            " Convolve Sharpen Emboss EdgeDetect DirectedEdgeDetect Canny"
            " AdditiveGaussianNoise AdditiveLaplaceNoise AdditivePoissonNoise ImpulseNoise"
            " SaltAndPepper Salt Pepper CoarseSaltAndPepper CoarseSalt CoarsePepper"
            " Dropout CoarseDropout Dropout2d TotalDropout Cutout"
            " Grayscale ChangeColorspace ChannelShuffle RemoveSaturation ChangeColorTemperature"
            " AddToBrightness AddToHue AddToSaturation AddToHueAndSaturation"
            " MultiplyBrightness MultiplyHue MultiplySaturation MultiplyHueAndSaturation MultiplyAndAddToBrightness"
            " KMeansColorQuantization UniformColorQuantization UniformColorQuantizationToNBits Posterize"
            " Superpixels UniformVoronoi RegularGridVoronoi RelativeRegularGridVoronoi"
            " Cartoon FastSnowyLandscape Clouds Fog CloudLayer Rain RainLayer Snowflakes SnowflakesLayer"
        ),
        *_names(_PILLOW),
        *_names(
            "Sequential SomeOf OneOf Sometimes WithChannels WithColorspace WithBrightnessChannels"
            " WithHueAndSaturation ClipCBAsToImagePlanes RemoveCBAsByOutOfImageFraction"
        ),
        *_names(_BLENDS),
    ),
    kinds={
        **dict.fromkeys(_names("p p_replace p_drop_points mask"), _CHANCE),
        **dict.fromkeys(
            _names(
                "Fliplr.p Flipud.p HorizontalFlip.p VerticalFlip.p Invert.p Solarize.p ChannelShuffle.p Sometimes.p"
            ),
            "Number(0, 1)",
        ),
        "kelvin": "Stochastic(1000, 40000)",
        **dict.fromkeys(_names("children then_list else_list foreground background"), _CHILDREN),
        "Rot90.k": "Stochastic(whole=True)",
        "k": "Stochastic(1, whole=True)",
        "MotionBlur.k": "Stochastic(3, whole=True)",
        "Affine.scale": _AXES.format("Stochastic(0.0001)"),
        **dict.fromkeys(_names("ScaleX.scale ScaleY.scale"), "Stochastic(0.0001)"),
        "PerspectiveTransform.scale": "Stochastic(0, 0.49)",
        "PiecewiseAffine.scale": "Stochastic(0, 1)",
        "translate_percent": _AXES.format("Stochastic"),
        "translate_px": _AXES.format("Stochastic(whole=True)"),
        "rotate": "Optional(Stochastic)",
        "Rotate.rotate": "Stochastic",
        "shear": _AXES.format("Stochastic"),
        **dict.fromkeys(_names("ShearX.shear ShearY.shear"), "Stochastic"),
        "order": "Integer(0, 5)",
        "mode": _texts("constant edge symmetric reflect wrap"),
        "PerspectiveTransform.mode": _text_or_several("constant replicate"),
        "ElasticTransformation.mode": _text_or_several("constant nearest reflect wrap"),
        "ElasticTransformation.alpha": "Stochastic(0)",
        "backend": _texts("auto skimage cv2"),
        "px": _SIDES.format("Stochastic(0, whole=True)"),
        "percent": _SIDES.format("Stochastic(0)"),
        **dict.fromkeys(_names("TranslateX.px TranslateY.px"), "Optional(Stochastic(whole=True))"),
        **dict.fromkeys(_names("TranslateX.percent TranslateY.percent"), "Optional(Stochastic)"),
        # imgaug wants more than -1 here, and a bound of what is drawn is allowed itself.
        "Crop.percent": _SIDES.format("Stochastic(0, 0.99)"),
        "CropAndPad.px": _SIDES.format("Stochastic(whole=True)"),
        "CropAndPad.percent": _SIDES.format("Stochastic(-0.99)"),
        "pad_mode": _PAD_MODES,
        **dict.fromkeys(_names("cval pad_cval replacement"), "Stochastic(0, 255)"),
        **dict.fromkeys(
            _names("keep_size sample_independently fit_output absolute_scale random_order allow_pad"), "Flag"
        ),
        "per_channel": _OFTEN,
        **dict.fromkeys(_names("invert_above_threshold squared fill_per_channel"), _OFTEN),
        "position": f"Either({_texts(f'uniform normal center{_CORNERS}')}, ListOf(Number(0, 1), length=2))",
        **dict.fromkeys(_names("width height width_multiple height_multiple"), "Integer(1, 16384)"),
        **dict.fromkeys(_names("width_base height_base"), "Integer(2, 16384)"),
        "aspect_ratio": "Number(0.01, 100)",
        "size": _RESIZE,
        "Cutout.size": _CHANCE,
        "Cutout.nb_iterations": "Stochastic(0, whole=True)",
        "fill_mode": _text_or_several("constant gaussian"),
        **dict.fromkeys(
            _names("nb_iterations nb_rows nb_cols n_rows n_cols n_points n_segments"),
            "Stochastic(1, whole=True)",
        ),
        **dict.fromkeys(
            _names("PiecewiseAffine.nb_rows PiecewiseAffine.nb_cols"), "Stochastic(2, whole=True)"
        ),
        **dict.fromkeys(_names("n_rows_frac n_cols_frac"), "Stochastic(0.0001, 1)"),
        "max_steps": "Stochastic(0, whole=True)",
        "mul": "Stochastic(0)",
        **dict.fromkeys(_names("value angle loc"), "Stochastic"),
        **dict.fromkeys(_names("LinearContrast.alpha ContrastNormalization.alpha"), "Stochastic"),
        **dict.fromkeys(_names("gamma gain sigma scale lam lightness strength"), "Stochastic(0)"),
        **dict.fromkeys(_names("alpha factor severity"), _CHANCE),
        "cutoff": _CHANCE,
        "direction": "Stochastic(-1, 1)",
        "DirectedEdgeDetect.direction": "Stochastic",
        "clip_limit": "Stochastic(0.0001)",
        "tile_grid_size_px": "Stochastic(1, whole=True)",
        "tile_grid_size_px_min": "Integer(1)",
        "to_colorspace": _COLORSPACES,
        **dict.fromkeys(
            _names("CLAHE.to_colorspace HistogramEqualization.to_colorspace"), _texts("Lab HLS HSV")
        ),
        **dict.fromkeys(
            _names(
                "AddToBrightness.to_colorspace MultiplyBrightness.to_colorspace"
                " MultiplyAndAddToBrightness.to_colorspace WithBrightnessChannels.to_colorspace"
            ),
            _BRIGHTNESS,
        ),
        "WithColorspace.to_colorspace": _texts("RGB BGR CIE YCrCb HSV HLS Lab Luv YUV"),
        **dict.fromkeys(
            _names(
                "KMeansColorQuantization.to_colorspace UniformColorQuantization.to_colorspace"
                " UniformColorQuantizationToNBits.to_colorspace Posterize.to_colorspace"
            ),
            f"Optional({_text_or_several('RGB YCrCb HSV HLS Lab Luv YUV')})",
        ),
        "interpolation": _text_or_several("nearest linear area cubic"),
        "max_size": "Optional(Integer(2))",
        "n_colors": "Stochastic(2, whole=True)",
        "UniformColorQuantization.n_colors": "Stochastic(2, 256, whole=True)",
        "nb_bits": "Stochastic(1, 8, whole=True)",
        "size_px": "Optional(Stochastic(1, whole=True))",
        "size_percent": "Optional(Stochastic(0, 1))",
        "min_size": "Integer(1)",
        "min_value": "Optional(Number(0, 254))",
        "max_value": "Optional(Number(1, 255))",
        "threshold": "Optional(Stochastic(0, 255))",
        "compression": "Stochastic(0, 100)",
        "d": "Stochastic(1, whole=True)",
        **dict.fromkeys(_names("sigma_color sigma_space"), "Stochastic(1)"),
        **dict.fromkeys(_names("spatial_radius color_radius"), "Stochastic(0.01)"),
        "kernel_size": "Stochastic(0, whole=True)",
        "matrix": "Optional(ListOf(ListOf(Number, minimum=1), minimum=1))",
        "hysteresis_thresholds": "ListOf(Stochastic(0, 255), length=2)",
        "sobel_kernel_size": "Stochastic(0, 7, whole=True)",
        "nb_keep_channels": "Integer(0)",
        "ChannelShuffle.channels": "Optional(ListOf(Integer(0, 15), minimum=1))",
        "WithChannels.channels": "Optional(Either(Integer(0, 15), ListOf(Integer(0, 15), minimum=1)))",
        "add": "Stochastic",
        **dict.fromkeys(_names("AddToHue.value AddToSaturation.value"), "Stochastic(-255, 255, whole=True)"),
        **dict.fromkeys(
            _names("AddToHueAndSaturation.value value_hue value_saturation"),
            "Optional(Stochastic(-255, 255, whole=True))",
        ),
        "MultiplyHue.mul": "Stochastic(-10, 10)",
        "MultiplySaturation.mul": "Stochastic(0, 10)",
        "RemoveSaturation.mul": _CHANCE,
        **dict.fromkeys(_names("MultiplyHueAndSaturation.mul mul_hue"), "Optional(Stochastic(-10, 10))"),
        "mul_saturation": "Optional(Stochastic(0, 10))",
        "blur_ksize": "Stochastic(0, whole=True)",
        **dict.fromkeys(_names("segmentation_size saturation"), "Stochastic(0)"),
        "edge_prevalence": "Stochastic(0.01)",
        "lightness_threshold": "Stochastic(0, 255)",
        "lightness_multiplier": "Stochastic(0)",
        **dict.fromkeys(
            _names(
                "density density_uniformity drop_size_uniformity flake_size_uniformity speed blur_sigma_fraction"
            ),
            _CHANCE,
        ),
        **dict.fromkeys(_names("drop_size flake_size"), "Stochastic(0.0001, 1)"),
        "blur_sigma_limits": "ListOf(Number(0), length=2)",
        **dict.fromkeys(
            _names("intensity_mean intensity_coarse_scale alpha_multiplier sparsity density_multiplier"),
            "Stochastic(0)",
        ),
        **dict.fromkeys(_names("intensity_freq_exponent alpha_freq_exponent exponent"), "Stochastic"),
        "alpha_min": _CHANCE,
        "alpha_size_px_max": "Stochastic(1, whole=True)",
        **{
            f"Enhance{what}.factor": "Stochastic(0)" for what in _names("Color Contrast Brightness Sharpness")
        },
        "fraction": "Number(0, 1)",
        "n": "Optional(Either(Stochastic(0, whole=True), ListOf(Optional(Integer(0)), length=2)))",
        "size_px_max": "Stochastic(1, whole=True)",
        "upscale_method": f"Optional({_text_or_several('nearest linear area cubic')})",
        "iterations": "Stochastic(1, whole=True)",
        "aggregation_method": _text_or_several("avg max min"),
        "sigmoid": _OFTEN,
        "sigmoid_thresh": "Optional(Stochastic)",
        "nb_bins": "Stochastic(1, 256, whole=True)",
        "smoothness": _CHANCE,
        "rotation_deg": "Stochastic(-360, 360)",
        **{
            f"BlendAlpha{axis}LinearGradient.{name}": _CHANCE
            for axis in ("Horizontal", "Vertical")
            for name in _names("min_value max_value start_at end_at")
        },
        "class_ids": "Either(Integer(0, 255), ListOf(Integer(0, 255), minimum=1))",
        "nb_sample_classes": "Optional(Stochastic(0, whole=True))",
    },
    # Randomness comes from the experiment's seed alone, images are always RGB, and there are no polygons or heatmaps.
    left_out=frozenset(
        _names(
            "seed name random_state deterministic from_colorspace polygon_recoverer colorizer"
            " interpolation_heatmaps interpolation_segmaps"
        )
    ),
    defaults={
        "hysteresis_thresholds": "(Range(60, 140), Range(160, 240))",
        **{f"{name}.{part}": "()" for name in _names(_BLENDS) for part in ("foreground", "background")},
        **dict.fromkeys(
            _names(
                "Sequential.children SomeOf.children WithChannels.children WithColorspace.children"
                " WithBrightnessChannels.children WithHueAndSaturation.children then_list else_list"
            ),
            "()",
        ),
    },
)

# imgaug writes these as functions of anything that hand on to the class.
AUGMENTER_ALIASES = (("HorizontalFlip", "Fliplr"), ("VerticalFlip", "Flipud"))
