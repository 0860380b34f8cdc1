"""Other engines that run the same network: ONNX Runtime and OpenVINO, from one ONNX file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

Run = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def _onnx_runtime(path: Path) -> Run:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda batch: np.asarray(session.run(None, {name: batch})[0])


def _openvino(path: Path) -> Run:
    import openvino

    # As exact as the others: on some processors its default computes in half precision.
    model: Any = openvino.Core().compile_model(str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda batch: np.array(model(batch)[0])


def engines(model: keras.Model, folder: Path) -> dict[str, Run]:
    """Return what runs a network under each engine that is installed.

    Parameters
    ----------
    model
        uint8 (b,h,w,c) in, float32 (b,h,w,classes) out.
    folder
        Where the exported network is written.

    """
    path, found = folder / "network.onnx", {}
    model.export(path, format="onnx", verbose=False)
    for name, make in (("ONNX Runtime", _onnx_runtime), ("OpenVINO", _openvino)):
        try:
            found[name] = make(path)
        except ModuleNotFoundError as error:
            print(f"- {name}: not installed ({error})")
    return found
