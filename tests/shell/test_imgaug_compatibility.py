"""The nudge for imgaug: it leaves NumPy as it was, is complete, and is still needed."""

import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from segshell.imgaug_compatibility import AT_CALL, AT_IMPORT, load

SOURCES = Path(find_spec("imgaug").origin).parent
UNTOUCHED = """
import numpy as np
names, state = set(vars(np)), np.random.get_state()
from segshell.imgaug_compatibility import load
augmenters = load()
tree = augmenters.Sequential([augmenters.Clouds(), augmenters.SomeOf(1, [augmenters.Fliplr(0.5)])])
tree(image=np.zeros((32, 32, 3), np.uint8))
assert not {"sctypes", "complex"} & set(vars(np)), "a removed name stayed in NumPy"
assert all(np.array_equal(a, b) for a, b in zip(state, np.random.get_state()))
"""
THREADS = """
from concurrent.futures import ThreadPoolExecutor
from segshell.imgaug_compatibility import load
with ThreadPoolExecutor(8) as pool:
    assert len({id(module) for module in pool.map(lambda _: load(), range(32))}) == 1
import numpy as np
assert "sctypes" not in vars(np)
"""
ALIAS = "np.sctypes = dict(float=[np.float32], int=[np.int32], uint=[np.uint8])"
ELASTIC = f"""
import numpy as np
{ALIAS}
import imgaug.augmenters as augmenters
augmenters.ElasticTransformation(alpha=30, sigma=4)(image=np.zeros((32, 32, 3), np.uint8))
"""


def run(program):
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False
    )


def names_that_numpy_lacks(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    attributes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    used = {node.attr for node in attributes if isinstance(node.value, ast.Name) and node.value.id == "np"}
    return {name for name in used if not hasattr(np, name)}


def needed():
    paths = SOURCES.rglob("*.py")
    found = {".".join(path.relative_to(SOURCES.parent).with_suffix("").parts): path for path in paths}
    return {module: names for module, path in found.items() if (names := names_that_numpy_lacks(path))}


def test_the_nudge_is_still_needed():
    """When imgaug imports and runs without it, `segshell.imgaug_compatibility` can go."""
    alone = run(
        "import imgaug.augmenters as a, numpy as np; a.Clouds()(image=np.zeros((32, 32, 3), np.uint8))"
    )
    assert alone.returncode != 0
    assert "AttributeError" in alone.stderr


def test_the_nudge_has_every_name_that_imgaug_uses_and_numpy_no_longer_has():
    given = {module: set(names) for module, names in AT_CALL.items()} | {"imgaug.imgaug": set(AT_IMPORT)}
    missing = needed()
    assert missing
    left = {module: names - given.get(module, set()) for module, names in missing.items()}
    assert not any(left.values()), left


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.0.0", reason="the promotion is NumPy 2's")
def test_the_maps_of_an_elastic_transformation_still_need_the_nudge():
    """When imgaug or OpenCV copes with them, `_float_maps` can go."""
    alone = run(ELASTIC)
    assert "convertMaps" in alone.stderr, alone.stderr
    helped = run(ELASTIC.replace(ALIAS, "from segshell.imgaug_compatibility import load; load()"))
    assert helped.returncode == 0, helped.stderr


def test_numpy_and_its_random_state_are_afterwards_what_they_were():
    finished = run(UNTOUCHED)
    assert finished.returncode == 0, finished.stderr


def test_threads_that_load_at_once_get_the_same_module():
    finished = run(THREADS)
    assert finished.returncode == 0, finished.stderr


def test_loading_gives_the_augmenters():
    assert load().Fliplr.__module__ == "imgaug.augmenters.flip"
