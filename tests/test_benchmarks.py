"""The benchmarks: turns and ratios are what they say, each one starts without its peers, each is written of."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks import harness, pipeline_data, scaling

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "tests" / "benchmarks"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.py") if "\ndef main(" in path.read_text("utf-8")))
PEERS = (
    "torch", "albumentations", "albucore", "pycocotools", "rlemasklib", "sklearn", "deepdiff", "onnxruntime",
    "openvino", "segmentation_pipeline", "musket_core",
)  # fmt: skip
HELPS = f"""
import contextlib, io, runpy, sys
class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {PEERS!r}:
            raise ModuleNotFoundError("a peer that is not installed: " + name, name=name)
sys.meta_path.insert(0, Refusing())
for name in sys.argv[1:]:
    sys.argv = [name, "--help"]
    shown = io.StringIO()
    try:
        with contextlib.redirect_stdout(shown):
            runpy.run_module("tests.benchmarks." + name, run_name="__main__")
        print(name, "did not end")
    except SystemExit as end:
        print(name, end.code, "usage:" in shown.getvalue())
    except Exception as error:
        print(name, repr(error))
"""
SECONDS = st.floats(0.001, 1000)


class Clock:
    """Time that passes by what is called: a contender adds its seconds."""

    def __init__(self):
        self.now, self.called = 0.0, []

    def __call__(self):
        return self.now

    def contender(self, name, seconds):
        def run():
            self.called.append(name)
            self.now += seconds

        return run


@given(st.lists(SECONDS, min_size=1, max_size=4), st.integers(1, 6), st.integers(1, 3), st.integers(0, 2))
def test_contenders_take_turns_whose_order_is_turned_round_and_a_turn_gives_the_mean_of_its_calls(
    lengths, rounds, calls, warm
):
    clock = Clock()
    names = "abcd"[: len(lengths)]
    contenders = {name: clock.contender(name, long) for name, long in zip(names, lengths, strict=True)}
    times = harness.in_turns(contenders, rounds, clock, calls, warm)
    there_and_back = [names, names[::-1]] * rounds
    turns = "".join(name * calls for names_ in there_and_back[:rounds] for name in names_)
    assert "".join(clock.called) == "".join(name * warm for name in names) + turns
    assert {name: len(every) for name, every in times.items()} == dict.fromkeys(names, rounds)
    for name, long in zip(names, lengths, strict=True):
        assert times[name] == pytest.approx([long] * rounds, rel=1e-6)


@given(st.lists(st.tuples(SECONDS, SECONDS), min_size=1, max_size=9))
def test_a_ratio_is_the_middle_one_of_the_ratios_of_the_rounds(rounds):
    """By exact fractions: half of the rounds lie on either side, which the ratio of two medians does not promise."""
    times = {"one": [pair[0] for pair in rounds], "base": [pair[1] for pair in rounds]}
    exact = sorted(Fraction(one) / Fraction(base) for one, base in rounds)
    middle = (exact[(len(exact) - 1) // 2] + exact[len(exact) // 2]) / 2
    assert harness.ratio(times, "one", "base") == pytest.approx(float(middle), rel=1e-12)


@given(st.floats(0, 1), st.integers(2, 64))
def test_the_serial_share_is_found_again_from_the_gain_that_it_leaves(share, threads):
    gain = 1 / (share + (1 - share) / threads)
    assert scaling.serial_share(gain, threads) == pytest.approx(share, abs=1e-9)


def test_the_pictures_of_a_seed_are_the_same_and_hold_objects(tmp_path):
    made = [
        pipeline_data.make(tmp_path / name, 3, 96, 128, seed) for name, seed in (("a", 5), ("b", 5), ("c", 6))
    ]
    first, again, other = ([path.read_bytes() for path in (*one.images, *one.masks)] for one in made)
    assert first == again
    assert first != other
    for image, mask in zip(made[0].images, made[0].masks, strict=True):
        assert cv2.imread(str(image)).shape == (96, 128, 3)
        values = cv2.imread(str(mask), cv2.IMREAD_UNCHANGED)
        assert values.shape == (96, 128)
        assert list(np.unique(values)) == [0, 255]


def test_every_benchmark_explains_itself_where_no_peer_is_installed():
    done = subprocess.run(
        [sys.executable, "-c", HELPS, *NAMES], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == [f"{name} 0 True" for name in NAMES], done.stderr


def test_every_benchmark_is_written_of():
    written = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    assert [name for name in NAMES if f"tests.benchmarks.{name}" not in written] == []
