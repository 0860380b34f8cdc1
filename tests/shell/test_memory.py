"""Memory that is used up, as the libraries really say it: one error with the way out."""

import subprocess
import sys

import cv2
import numpy as np
import pytest
import tensorflow as tf

from segshell.memory import OutOfMemoryError, is_shortage, told, words

PETABYTE = 10**15


@tf.function
def graph():
    return tf.reduce_sum(tf.tile(tf.ones((1000, 1000)), (10**6, 10**6)))


REAL = {
    "python": lambda: bytes(PETABYTE),
    "numpy": lambda: np.zeros(PETABYTE, np.uint8),
    "opencv": lambda: cv2.resize(np.zeros((1, 1), np.uint8), (2**30, 2**20)),
    "tensorflow": graph,  # which waits ten seconds for memory to come free
}


@pytest.mark.parametrize("ask", REAL.values(), ids=REAL.keys())
def test_whoever_runs_out_of_memory_the_user_reads_what_needs_less(ask):
    """Fault 47: without `segshell.memory.told` what runs out of memory is an unexpected error without advice."""
    with pytest.raises(OutOfMemoryError) as caught, told("fold 0 stage 1", 16, (320, 256, 3)):
        ask()
    said = str(caught.value)
    assert caught.value.exit_code == 4
    assert said.startswith("fold 0 stage 1: out of memory")
    assert "Lower batch (16 now)" in said
    assert "shape (320x256 now)" in said
    assert "\n" not in said
    assert is_shortage(caught.value.__cause__)


def test_a_batch_of_one_is_not_to_be_lowered():
    with (
        pytest.raises(OutOfMemoryError, match="batch is 1 already: lower height and width"),
        told("x", 1, (8, 8, 3)),
    ):
        bytes(PETABYTE)


def test_the_key_that_the_config_has_for_the_batch_is_named():
    with (
        pytest.raises(OutOfMemoryError, match=r"Lower inference_batch \(4 now\)"),
        told("x", 4, (8, 8), "inference_batch"),
    ):
        bytes(PETABYTE)


def test_how_much_was_asked_for_is_told():
    with pytest.raises(MemoryError) as caught:
        np.zeros(PETABYTE, np.uint8)
    assert "Unable to allocate 909. TiB" in words(caught.value)


@pytest.mark.parametrize(
    "message",
    [
        "CUDNN_STATUS_ALLOC_FAILED",
        "Failed to allocate memory for 1 requests",
        "std::bad_alloc",
        "Dst tensor is not initialized.",
        "could not create a memory object, in file tensorflow/core/kernels/mkl/x.cc:1",
        "failed call to cuInit: CUDA_ERROR_OUT_OF_MEMORY: out of memory",
    ],
)
def test_what_a_gpu_says_counts_whatever_its_kind(message):
    """The texts are TensorFlow's own; no GPU is needed to read them."""
    assert is_shortage(tf.errors.InternalError(None, None, message))
    assert is_shortage(tf.errors.UnknownError(None, None, message))


@pytest.mark.parametrize(
    "error",
    [
        ValueError("out of memory, says my own code"),
        tf.errors.InvalidArgumentError(None, None, "Incompatible shapes: [2] vs. [3]"),
        RuntimeError("the room is too small"),
        KeyboardInterrupt(),
    ],
)
def test_every_other_error_stays_as_it_is(error):
    with pytest.raises(type(error)) as caught, told("x", 1, (8, 8, 3)):
        raise error
    assert caught.value is error


def test_an_opencv_error_of_another_kind_is_no_shortage():
    with pytest.raises(cv2.error) as caught:
        cv2.resize(np.zeros((0, 0), np.uint8), (4, 4))
    assert not is_shortage(caught.value)


GROWING = """
from segshell.memory import peak
before = peak()
held = bytearray(2**26)
held[:] = b"x" * 2**26
most = peak()
del held
print(before, most, peak())
"""


def test_the_peak_is_in_bytes_grows_with_what_is_touched_and_never_falls():
    done = subprocess.run([sys.executable, "-c", GROWING], capture_output=True, text=True, check=True)
    before, most, after = map(int, done.stdout.split())
    assert before > 2**20
    assert before + 2**26 <= most <= before + 2**28
    assert after >= most
