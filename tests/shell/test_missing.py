"""Which library is missing, in one line, and nothing of what is no library of ours."""

import re
import tomllib
from pathlib import Path

import pytest

from segshell.missing import LIBRARIES, told

EXTRAS = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"][
    "optional-dependencies"
]


@pytest.mark.parametrize("extra", ["train", "plot", "report", "search", "export"])
def test_every_library_of_an_extra_is_known_under_the_name_that_pip_installs(extra):
    installed = {re.split(r"[<>=\[]", one)[0] for one in EXTRAS[extra]}
    assert installed <= {library for library, given in LIBRARIES.values() if given == extra}


def test_a_missing_library_is_named_with_its_remedy():
    """Fault 44: without the table of `segshell.missing` nobody learns that `cv2` is opencv-python."""
    said = told(ModuleNotFoundError("No module named 'cv2'", name="cv2"))
    assert said == "opencv-python is not installed. Install it: pip install 'segshell[train]'."
    assert told(ModuleNotFoundError(name="sklearn.model_selection")).startswith("scikit-learn is not")
    assert "segshell[plot]" in told(ModuleNotFoundError(name="matplotlib.figure"))


def test_a_library_that_is_there_but_cannot_be_loaded_says_why():
    """OpenCV says so on a machine without a graphics library."""
    error = ImportError("libGL.so.1: cannot open shared object file\nmore", name="cv2")
    said = told(error)
    assert "cannot be loaded: libGL.so.1: cannot open shared object file." in said
    assert "\n" not in said
    assert "no reason is given" in told(ImportError(name="cv2"))


@pytest.mark.parametrize("name", [None, "segshell.nothing", "json", "wrapt"])
def test_what_is_no_library_of_an_extra_is_not_told(name):
    assert told(ModuleNotFoundError("No module", name=name)) == ""
