"""How command tests call the program: in this process, with what it wrote."""

import contextlib
import io

from attrs import frozen

from segshell.__main__ import main

# The architecture of the catalog that is built and traced fastest.
CONFIG = {
    "architecture": "PSPNet",
    "backbone": "vgg16",
    "downsample_factor": 4,
    "psp_conv_filters": 8,
    "psp_dropout": 0.2,
    "shape": [48, 48, 3],
    "lr": 0.001,
    "stages": [{"epochs": 2}],
}


@frozen
class Said:
    """What a call returned and wrote."""

    code: int
    out: str
    err: str


def call(*words):
    """Call the program with some words and return its exit code, stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(word) for word in words])
        except SystemExit as leave:  # argparse leaves this way
            code = leave.code
    return Said(code, out.getvalue(), err.getvalue())
