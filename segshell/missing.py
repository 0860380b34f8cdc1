"""Libraries of the extras: which one a verb lacks, and how it is installed."""

from types import MappingProxyType

# The name under which a library is imported, the one under which it is installed, and the extra that brings it.
_TRAIN = (
    ("tensorflow", "tensorflow"),
    ("keras", "keras"),
    ("segmentation_models", "segmentation-models"),
    ("efficientnet", "efficientnet"),
    ("classification_models", "image-classifiers"),
    ("imgaug", "imgaug"),
    ("cv2", "opencv-python"),
    ("PIL", "pillow"),
    ("sklearn", "scikit-learn"),
    ("skimage", "scikit-image"),
    ("scipy", "scipy"),
    ("h5py", "h5py"),
    ("tifffile", "tifffile"),
    ("pandas", "pandas"),
    ("rich", "rich"),
    ("filelock", "filelock"),
    ("platformdirs", "platformdirs"),
)
LIBRARIES = MappingProxyType(
    {
        **{name: (shown, "train") for name, shown in _TRAIN},
        "matplotlib": ("matplotlib", "plot"),
        "tensorboard": ("tensorboard", "tensorboard"),
        "mlflow": ("mlflow-skinny", "mlflow"),
        "jinja2": ("jinja2", "report"),
        "optuna": ("optuna", "search"),
        "onnx": ("onnx", "export"),
        "tf2onnx": ("tf2onnx", "export"),
        "onnxruntime": ("onnxruntime", "export"),
        "ai_edge_litert": ("ai-edge-litert", "export"),
        "ray": ("ray", "scale"),
    }
)


def told(error: ImportError) -> str:
    """Return in one line which library an import lacks and how to install it; empty where it is none of ours."""
    found = LIBRARIES.get((error.name or "").partition(".")[0])
    if found is None:
        return ""
    library, extra = found
    remedy = f"pip install 'segshell[{extra}]'"
    if isinstance(error, ModuleNotFoundError):
        return f"{library} is not installed. Install it: {remedy}."
    # Such as OpenCV on a machine without a graphics library.
    reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason is given"
    return f"{library} is installed but cannot be loaded: {reason}. Repair it, or install it anew: {remedy}."
