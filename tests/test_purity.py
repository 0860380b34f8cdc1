"""The core is pure: as text (nets over its syntax), and as it runs (under a seal that nothing passes)."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.purity import nets
from tests.purity.cases import CASES
from tests.purity.planted_calls import PLANTED
from tests.purity.sources import has_public_function, sources

ROOT = Path(__file__).parents[1]


HERE = {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"}
THERE = {"PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "TZ": "Asia/Kolkata", "PYTHONUTF8": "1"}


@cache
def sealed(*arguments, elsewhere=False):
    """Return what the seal says of each call, by its name."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.purity.seal", *arguments],
        cwd=ROOT,
        env={**os.environ, **(THERE if elsewhere else HERE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    rows = map(json.loads, ran.stdout.splitlines())
    return {row["name"]: row for row in rows}


@pytest.mark.parametrize(
    "net", [nets.impure, nets.mutable_state, nets.careless], ids=lambda net: net.__name__
)
def test_the_text_of_the_packages_passes_the_net(net):
    assert net(ROOT) == []


@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_a_call_reaches_nothing_changes_nothing_and_answers_twice_the_same(name):
    assert sealed()[name]["fault"] == ""


def test_every_call_has_a_name_of_its_own():
    assert len({case.name for case in CASES}) == len(CASES)


def test_every_public_module_of_the_core_runs_under_the_seal():
    """A new module with a public function needs a line in tests/purity/cases.py that makes it run."""
    ran = {module for row in sealed().values() for module in row["modules"]}
    public = {source.name for source in sources(ROOT, ("segcore",)) if has_public_function(source)}
    assert sorted(public - ran) == []


def test_results_are_the_same_under_another_hash_seed_locale_and_time_zone():
    here, there = sealed(), sealed(elsewhere=True)
    differing = [name for name, row in here.items() if row["digest"] != there[name]["digest"]]
    assert here
    assert differing == []


@pytest.mark.parametrize("name", [case.name for case in PLANTED])
def test_the_seal_refuses_what_is_impure(name):
    assert sealed("planted")[name]["fault"] != ""
