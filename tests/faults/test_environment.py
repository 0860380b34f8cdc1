"""What the machine around the program is: libraries that are missing, locale, time zone, clock, hash seed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from segshell.missing import LIBRARIES
from tests.benchmarks.startup import make_experiment

ROOT = Path(__file__).parents[2]

# --- libraries that are missing -----------------------------------------------------------------------------

WITHOUT = f"""
import contextlib, io, json, sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in refused:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

refused = {set(LIBRARIES)!r}
sys.meta_path.insert(0, Refusing())
"""
# Each line on stdin is a call; each answer holds the code and what was said.
VERBS = f"""{WITHOUT}
from segshell.__main__ import main
for line in sys.stdin:
    words, out, err = json.loads(line), io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words)
    print(json.dumps([code, err.getvalue()]))
"""


def python(program, given):
    """Return what a program in a process of its own wrote."""
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, input=given, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Give what each verb answers where every library of the extras is missing."""
    folder = tmp_path_factory.mktemp("lacking")
    config, images = str(make_experiment(folder)), str(folder / "images")
    output = str(folder / "output")
    calls = {
        "check": [config],
        "schema": [],
        "new": [str(folder / "new")],
        "plan": [config],
        "run": [config],
        "lr-find": [config],
        "evaluate": [config],
        "predict": [config, images, "--output", output],
        "demo": [str(folder / "demo")],
    }
    given = "\n".join(json.dumps([verb, *words]) for verb, words in calls.items())
    lines = python(VERBS, given).splitlines()
    return dict(zip(calls, map(json.loads, lines), strict=True))


@pytest.mark.parametrize("verb", ["check", "schema", "new"])
def test_a_verb_that_needs_no_extra_works_without(verb, answers):
    """Fault 44: without imports where they are used a config could not be checked on a small machine."""
    assert answers[verb] == [0, ""]


@pytest.mark.parametrize("verb", ["plan", "run", "lr-find", "evaluate", "predict", "demo"])
def test_a_verb_that_needs_an_extra_says_in_one_line_what_is_missing_and_how_to_install_it(verb, answers):
    """Fault 44: without `segshell.missing` the user gets a traceback in a file for a library that is not there."""
    code, said = answers[verb]
    shown = {library for library, extra in LIBRARIES.values() if extra == "train"}
    assert code == 2
    assert said in {
        f"segshell {verb}: {library} is not installed. Install it: pip install 'segshell[train]'.\n"
        for library in shown
    }


# --- the same files everywhere ------------------------------------------------------------------------------

# No plan may need TensorFlow, and none may look at the clock: this one goes back an hour with every look.
ODD_CLOCK = """
import sys, time
class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras"):
            raise ModuleNotFoundError(name=name)
sys.meta_path.insert(0, Refusing())
now = [time.time()]
def back():
    now[0] -= 3600
    return now[0]
time.time = back
"""
WORLDS = (
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"},
    {"PYTHONHASHSEED": "1", "LC_ALL": "de_DE.UTF-8", "TZ": "Pacific/Auckland"},
    {"PYTHONHASHSEED": "random", "LC_ALL": "tr_TR.UTF-8", "TZ": "America/St_Johns"},
    # Neither the locale nor Python's own default is UTF-8 here.
    {"PYTHONHASHSEED": "2", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "TZ": "UTC-14"},
)


def planning(folder, world, odd):
    """Start `plan` on a data set that nobody has read, in a world of its own; negatives are drawn by the seed."""
    folder.mkdir()
    config = make_experiment(folder, 24)
    named = config.read_text("utf-8").replace(
        "dataset: {", "# Größe İ\ngroups: {pattern: '(.[0-9]|ä)'}\ndataset: {"
    )
    config.write_text(named.replace("epochs: 1", "epochs: 1\n    negatives: 0.5"), encoding="utf-8")
    path = os.pathsep.join([str(odd), str(ROOT)])
    return subprocess.Popen(
        [sys.executable, "-m", "segshell", "plan", "config.yaml", "--json", "--ids"],
        cwd=folder, env={"PATH": os.environ["PATH"], "PYTHONPATH": path, "HOME": str(folder), **world},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_the_plan_and_the_split_have_the_same_bytes_in_every_environment(tmp_path):
    """Fault 46: without the digests of `segcore.seeds` and `segcore.keys` a plan would depend on the process."""
    odd = tmp_path / "odd"
    odd.mkdir()
    (odd / "sitecustomize.py").write_text(ODD_CLOCK)
    homes = [tmp_path / str(number) for number in range(len(WORLDS))]
    started = [planning(home, world, odd) for home, world in zip(homes, WORLDS, strict=True)]
    printed = []
    for home, process in zip(homes, started, strict=True):
        out, err = process.communicate()
        assert (process.returncode, err) == (0, b"")
        printed.append(out.replace(os.fsencode(home), b"home"))
    assert len(json.loads(printed[0])["runs"]) == 6
    assert len(set(printed)) == 1
    splits = [
        {path.name: path.read_bytes() for path in (home / "images" / ".segshell").glob("split*")}
        for home in homes
    ]
    assert splits[0]
    assert all(split == splits[0] for split in splits)
