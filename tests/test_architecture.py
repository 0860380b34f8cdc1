"""The house stands as it was drawn: layers, sizes, empty `__init__` files, mirrored tests, light starts."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.benchmarks.startup import make_experiment
from tests.purity import mirror, nets
from tests.purity.contracts import contracts
from tests.purity.plantings import PLANTINGS, planted

ROOT = Path(__file__).parents[1]
# What a verb that trains nothing, and reads no new image, must not load.
HEAVY = (
    "tensorflow", "keras", "pandas", "sklearn", "scipy", "skimage", "cv2", "PIL", "imgaug", "matplotlib", "tifffile",
)  # fmt: skip
REFUSING = f"""
import runpy, sys
class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {HEAVY!r}:
            raise RuntimeError("loads " + name)
sys.meta_path.insert(0, Refusing())
sys.argv = ["segshell", *sys.argv[1:]]
runpy.run_module("segshell", run_name="__main__")
"""


def python(*words, cwd=ROOT):
    """Run a Python process and return it."""
    return subprocess.run([sys.executable, *words], cwd=cwd, capture_output=True, text=True, check=False)


@cache
def faults(net):
    """Return what a net finds in the house itself."""
    return frozenset(net(ROOT))


def test_every_contract_of_pyproject_is_kept():
    report = contracts(ROOT)
    assert not report.broken, report.text
    assert report.kept


@pytest.mark.parametrize("net", [nets.oversize, nets.filled_inits, nets.heavy], ids=lambda net: net.__name__)
def test_the_packages_pass_the_net(net):
    assert faults(net) == frozenset()


def test_every_source_has_a_test_file_of_its_own_or_a_reason():
    assert list(mirror.untested(ROOT)) == []


def test_every_mirrored_test_file_has_a_source_or_a_reason():
    assert list(mirror.unfounded(ROOT)) == []


@pytest.mark.parametrize("planting", PLANTINGS, ids=lambda planting: planting.name)
def test_a_planted_fault_is_caught(planting, tmp_path):
    assert set(planting.net(planted(ROOT, tmp_path, planting))) - faults(planting.net)


def test_the_run_length_codec_costs_numpy_and_no_more():
    """Importing `segcore.rle` loads none of the libraries that the rest of the core needs."""
    shown = python("-c", "import segcore.rle, sys; print(*sys.modules)").stdout.split()
    assert "numpy" in shown
    assert not {"attr", "attrs", "cattrs", "yaml", "typing_extensions", *HEAVY} & set(shown)


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """Return the config of a small experiment whose data set is indexed and split."""
    path = str(make_experiment(tmp_path_factory.mktemp("experiment")))
    first = python("-m", "segshell", "plan", path)
    assert first.returncode == 0, first.stderr
    return path


@pytest.mark.parametrize("verb", ["check", "plan"])
def test_a_verb_on_known_data_loads_no_heavy_library(verb, config):
    ran = python("-c", REFUSING, verb, config)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == python("-m", "segshell", verb, config).stdout


def test_the_refusal_of_heavy_libraries_works(tmp_path):
    """Reading new images needs a decoder, which the hook refuses."""
    ran = python("-c", REFUSING, "plan", str(make_experiment(tmp_path)))
    assert ran.returncode == 1
    assert "loads " in ran.stderr


def test_the_core_loads_without_any_framework():
    """Fault 44: without the contract `core-without-frameworks` a core module may import TensorFlow or imgaug."""
    names = sorted(source.name for source in nets.sources(ROOT, ("segcore",)))
    code = f"import sys, importlib; [importlib.import_module(n) for n in {names!r}]; print(*sys.modules)"
    ran = python("-c", code)
    assert ran.returncode == 0, ran.stderr
    assert not set(HEAVY) & set(ran.stdout.split())
