"""The formats of exported networks: how each is written, and how its own runtime reads it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf
from attrs import frozen
from numpy.typing import NDArray

from segcore.errors import SegmentationError
from segcore.exports import INPUT, LITERT, ONNX, OUTPUT, SAVED_MODEL, Format, size_fault
from segshell.export_graph import ExportGraph
from segshell.memory import is_shortage

Run: TypeAlias = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
OPSET = 17  # ONNX Runtime reads it from 1.12 on
_SIGNATURE = "serving_default"


class ExportError(SegmentationError):
    """A network cannot be written in a format, or its file does not say what we say. Exit code 5."""

    exit_code = 5


def _write_saved_model(graph: ExportGraph, path: Path, card: str) -> None:
    tf.saved_model.save(graph, str(path), signatures={_SIGNATURE: graph.serve})
    # TensorFlow's own place for what users put beside a model.
    extra = path / "assets.extra"
    extra.mkdir()
    (extra / "segshell.json").write_text(card, encoding="utf-8")


def _read_saved_model(path: Path) -> Run:
    loaded = tf.saved_model.load(str(path))

    def run(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        # A signature alone does not keep the variables alive.
        return np.asarray(loaded.signatures[_SIGNATURE](**{INPUT: tf.constant(pixels)})[OUTPUT])

    return run


@contextmanager
def _inlined() -> Iterator[None]:
    """Trace what Keras compiles apart, such as grouped convolutions, as plain operations, which tf2onnx knows."""
    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


@contextmanager
def _unlogged(name: str) -> Iterator[None]:
    """Hold back what a library logs of faults, a line for each operation: all are told at once, as an error."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


def _erfc(graph: Any, node: Any, name: str, _arguments: Any) -> Any:
    """Turn 1 - erf(x), of the exact GELU, into operations that ONNX has; called by tf2onnx."""
    node.type = "Erf"
    one = graph.make_const(f"{name}_one", np.array(1, np.float32)).output[0]
    inputs = [one, node.output[0]]
    return graph.insert_new_node_on_output("Sub", node.output[0], inputs=inputs, name=f"{name}_complement")


def _converted(graph: ExportGraph) -> Any:
    """Return a graph as a model of ONNX, before anything is checked."""
    import tf2onnx

    signature = graph.serve.input_signature
    with _inlined():
        graph.serve.get_concrete_function()
    with _unlogged("tf2onnx"):
        options: Any = {"opset": OPSET, "custom_op_handlers": {"Erfc": (_erfc, [])}}
        return tf2onnx.convert.from_function(graph.serve, input_signature=signature, **options)[0]


def _write_onnx(graph: ExportGraph, path: Path, card: str) -> None:
    import onnx

    model = _converted(graph)
    # What tf2onnx cannot convert it leaves as TensorFlow's.
    left = {node.op_type for node in model.graph.node if not onnx.defs.has(node.op_type, node.domain)}
    if left:
        raise ValueError(f"ONNX has no {', '.join(sorted(left))}")
    for tensor in (*model.graph.input, *model.graph.output):
        tensor.type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.helper.set_model_props(model, {"segshell": card})
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString(deterministic=True))


def _read_onnx(path: Path) -> Run:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return lambda pixels: np.asarray(session.run([OUTPUT], {INPUT: pixels})[0])


def _write_litert(graph: ExportGraph, path: Path, _card: str) -> None:
    function = graph.serve.get_concrete_function()
    # By default it takes the operations that LiteRT itself has, and refuses what would need TensorFlow beside it.
    path.write_bytes(tf.lite.TFLiteConverter.from_concrete_functions([function], graph).convert())


def _read_litert(path: Path) -> Run:
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(model_path=str(path)).get_signature_runner()
    return lambda pixels: np.array(runner(**{INPUT: pixels})[OUTPUT])


@frozen
class Way:
    """How a format is written and read, and the modules that this takes."""

    write: Callable[[ExportGraph, Path, str], None]
    read: Callable[[Path], Run]
    modules: tuple[str, ...] = ()


_WAYS = MappingProxyType(
    {
        SAVED_MODEL: Way(_write_saved_model, _read_saved_model),
        ONNX: Way(_write_onnx, _read_onnx, ("onnx", "tf2onnx", "onnxruntime")),
        LITERT: Way(_write_litert, _read_litert, ("ai_edge_litert.interpreter",)),
    }
)


def require(form: Format) -> None:
    """Load what a format takes, before any work is done for it.

    Raises
    ------
    ImportError
        With the name of the module that is missing.

    """
    for name in _WAYS[form].modules:
        import_module(name)


def runtime(form: Format) -> str:
    """Return the library that reads a format, with its version."""
    return f"{form.runtime} {version(form.runtime)}"


def _guarded(action: Callable[[], Any], message: str) -> Any:
    try:
        return action()
    # What a converter or a runtime raises is of its own kind: of tf2onnx a ValueError, of protobuf, of C++ …
    except Exception as error:
        if is_shortage(error) or isinstance(error, OSError | ImportError):
            raise
        said = " ".join(str(error).split())[:400]
        raise ExportError(f"{message}: {type(error).__name__}: {said}. Take another format.") from error


def write(graph: ExportGraph, form: Format, path: Path, card: str) -> None:
    """Write a graph to a file, or to a folder, that does not exist yet.

    Parameters
    ----------
    graph
        With a batch where the format needs one.
    form
        The format.
    path
        Where it goes.
    card
        What is to be known of it; goes into the file where the format has a place for it.

    Raises
    ------
    ExportError
        Where the weights are too large, or the format lacks an operation of the network.
    OSError
        Where the operating system refuses.

    """
    if fault := size_fault(form, graph.size):
        raise ExportError(f"{fault}. Take fewer folds, or --format {SAVED_MODEL.name}.")
    message = f"the network cannot be written as {form.name}"
    _guarded(partial(_WAYS[form].write, graph, path, card), message)


def read(form: Format, path: Path) -> Run:
    """Return what a file computes, by the format's own runtime: uint8 (b,h,w,c) to float32 (b,h,w,classes).

    Raises
    ------
    ExportError
        Where the runtime refuses the file, or the pixels later.

    """
    message = f"{runtime(form)} cannot use the file of {form.name}"
    run = _guarded(partial(_WAYS[form].read, path), message)
    return lambda pixels: _guarded(partial(run, pixels), message)
