"""What the program writes when nobody looks, when few characters can be shown, and when whoever reads has gone."""

import json
import os
import pty
import subprocess
import sys

import pytest

from tests.shell.pictures import noise, save

CONTROL = [chr(number) for number in (*range(9), *range(11, 32), 127)]
IDS = ("=cmd", "NA", "00012", "a,b", "é", "p1")
CONFIG = "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nfolds_count: 2\nstages: [{epochs: 1}]\n"
# A terminal that can do everything, whatever the tests run in.
RICH = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """Give the config of an experiment whose ids are unpleasant to show."""
    folder = tmp_path_factory.mktemp("output")
    for number, name in enumerate(IDS):
        save(folder / "images" / f"{name}.png", noise(16, 16, 3, seed=number))
        save(folder / "masks" / f"{name}.png", (noise(16, 16, seed=number) > 99).astype("uint8") * 255)
    path = folder / "config.yaml"
    path.write_text(f"{CONFIG}dataset: {{images: images, masks: masks}}\n", encoding="utf-8")
    return path


def shell(command, *words, **environment):
    """Run a command of a shell in which `$P` is the program, and return its process."""
    given = {**os.environ, "P": f"{sys.executable} -m segshell", **environment}
    called = ["bash", "-c", command, "bash", *map(str, words)]
    return subprocess.run(called, capture_output=True, text=True, check=False, env=given)


def test_what_is_piped_is_data_without_control_codes(config):
    """Fault 50: without notes on stderr alone, a pipe into a JSON reader breaks at the first note."""
    done = shell("$P plan $1 --json --ids", config, **RICH)
    assert done.returncode == 0, done.stderr
    runs = json.loads(done.stdout)["runs"]
    assert set(IDS) == {name for run in runs for name in run["validation_ids"]}
    assert not [letter for letter in CONTROL if letter in done.stdout + done.stderr]


@pytest.mark.parametrize(
    "words", ["plan $1 --ids | (exec <&-)", "check $1 | (exec <&-)", "schema | head -1 >/dev/null"]
)
def test_a_reader_that_goes_early_is_met_quietly(config, words):
    """Fault 50: without the answer of `segshell.failures.told` to BrokenPipeError `| head -1` shows a traceback."""
    done = shell(f"$P {words}; echo ${{PIPESTATUS[0]}}", config)
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("check $1 >&-", 0),
        ("plan $1 <&- >&- 2>&-", 0),
        ("check $1.gone >&- 2>&-", 2),
        ("check $1.gone 2>/dev/full", 2),
    ],
)
def test_closed_or_full_streams_do_not_change_the_exit_code(config, words, code):
    """Fault 50: without `segshell.streams.prepare` a closed stdout ends every verb with a traceback."""
    done = shell(f"$P {words}", config)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_the_exit_code_outlives_a_reader_of_the_messages(config):
    done = shell("$P check $1.gone 2>&1 | (exec <&-); echo ${PIPESTATUS[0]}", config)
    assert (done.stdout, done.stderr) == ("2\n", "")


def test_ids_that_an_ascii_terminal_cannot_show_are_escaped(config):
    """Fault 50: without `segshell.streams.prepare` one accent in an id ends `plan --ids` with an error."""
    done = shell("$P plan $1 --ids", config, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert '"\\xe9"' in done.stdout


BAR = """
from types import SimpleNamespace as Some
from segshell.progress import Bar
run = Some(fold=0, stage=0, settings=Some(epochs=2))
with Bar(4) as bar:
    bar.step(run, 1, 1, 2, 0.5)
    bar.epoch(run, Some(epoch=1, columns=(("loss", 0.5),), improved=True))
"""


def on_terminal(code, **environment):
    """Return what a Python process writes to a terminal that is its stderr."""
    ours, its = pty.openpty()
    given = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "FORCE_COLOR"}}
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=its,
        check=True,
        env={**given, **environment},
    )
    os.close(its)
    said = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert done.stdout == b""
    return said


def test_a_terminal_that_knows_no_control_codes_gets_none():
    """Fault 50: without a bar that asks for the terminal's kind TERM=dumb shows escape codes as text."""
    assert "\x1b[" in on_terminal(BAR, **RICH)
    said = on_terminal(BAR, TERM="dumb")
    assert said.rstrip() == "fold 0 stage 0 epoch 1/2  loss 0.5  kept"


def test_no_color_shows_no_color():
    """Fault 50: without heeding NO_COLOR the bar is coloured where the user wants none."""
    colour = "\x1b[38;"
    assert colour in on_terminal(BAR, **RICH)
    assert colour not in on_terminal(BAR, **RICH, NO_COLOR="1")
