"""What a result was made with."""

import platform

import keras
import numpy as np
import tensorflow as tf

from segshell import versions
from segshell.checkpoints import result_of


def test_the_libraries_that_decide_bits_are_named_with_their_versions():
    found = dict(versions.versions())
    assert found["python"] == platform.python_version()
    assert (found["tensorflow"], found["keras"], found["numpy"]) == (
        tf.__version__,
        keras.__version__,
        np.__version__,
    )
    assert all(isinstance(name, str) and isinstance(value, str) and value for name, value in found.items())


def test_a_package_that_is_not_installed_is_said_to_be_so():
    assert versions.package_version("no-such-package-at-all") == "not installed as a package"


def test_a_result_records_them(trained):
    assert result_of(trained.folder.weights(0, 0)).versions == versions.versions()
