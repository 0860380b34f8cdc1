"""README and docs are true: configs parse, Python runs, commands exist, outputs and links are those of today."""

import contextlib
import io
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml
from attrs import frozen

from segcore.parsing.experiment import parse
from segshell import __main__ as program
from segshell import demo_data, images
from segshell.commands import demo
from tests import make_reference

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
README, TUTORIAL = ROOT / "README.md", ROOT / "docs" / "tutorial.md"
BASE = {"architecture": "Unet", "backbone": "resnet18", "shape": [64, 64, 3], "stages": [{"epochs": 1}]}
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@frozen
class Fence:
    """A fenced block of a page: the words after the backticks, and what it holds."""

    page: Path
    info: str
    text: str
    line: int

    @property
    def place(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@cache
def fences(page):
    text = page.read_text(encoding="utf-8")
    return [
        Fence(page, found[1].strip(), found[2], text.count("\n", 0, found.start()) + 1)
        for found in _FENCE.finditer(text)
    ]


def every(info):
    return [one for page in PAGES for one in fences(page) if one.info == info]


def place(fence):
    return fence.place


def commands(page):
    """Return the words after `-m segshell` of every command line of a page."""
    lines = [line for one in fences(page) if one.info == "shell" for line in one.text.splitlines()]
    return [line.partition("-m segshell ")[2].split() for line in lines if "-m segshell " in line]


def said(words):
    """Return what a command writes to stdout and stderr, called in this process."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        program.main(words)
    return out.getvalue()


def without_keys(text):
    """Return text without the keys of fold-stages, in which the bytes of an encoded jpeg count."""
    return re.sub(r"\b[0-9a-f]{8}\b", "--------", text)


def test_every_fence_has_a_kind_that_is_tested_here():
    known = {"python", "yaml", "yaml fragment", "yaml own", "shell", "text"}
    assert [one.place for page in PAGES for one in fences(page) if one.info not in known] == []


@pytest.mark.parametrize("fence", every("yaml"), ids=place)
def test_a_config_on_a_page_is_valid(fence):
    parse(fence.text, fence.place)


@pytest.mark.parametrize("fence", every("yaml fragment"), ids=place)
def test_a_part_of_a_config_on_a_page_is_valid_and_stands_in_the_demos_config(fence):
    """A fragment is laid over a small config; what the tutorial shows of the demo is what the demo has."""
    part = yaml.safe_load(fence.text)
    parse(yaml.safe_dump({**BASE, **part}), fence.place)
    if fence.page == TUTORIAL:
        whole = yaml.safe_load(demo.CONFIG)
        assert {name: whole[name] for name in part} == part


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_on_a_page_is_one_that_the_program_takes(page):
    """An unknown verb or argument would leave by SystemExit."""
    for words in commands(page):
        assert program._parser(words).parse_args(words).verb == words[0]


def test_the_tutorials_commands_are_those_that_the_demo_performs():
    steps = [list(one) for one in demo.steps(Path("segshell-demo"))]
    assert commands(TUTORIAL) == [["demo"], *steps]


def test_what_the_tutorial_shows_of_check_and_plan_is_what_they_print(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("segshell-demo").mkdir()
    demo.draw(Path("segshell-demo"))
    shown = {
        before.text.split()[3]: after.text
        for before, after in zip(fences(TUTORIAL), fences(TUTORIAL)[1:], strict=False)
        if before.info == "shell"
    }
    for verb in ("check", "plan"):
        assert without_keys(shown[verb]) == without_keys(said([verb, "segshell-demo/config.yaml"]))


def test_what_the_tutorial_shows_of_a_wrong_config_is_what_check_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("segshell-demo").mkdir()
    wrong = demo.CONFIG.replace("patience: 4", "patiense: 4").replace("val_iou", "val_iuo")
    Path("segshell-demo/wrong.yaml").write_text(wrong, encoding="utf-8")
    shown = next(one.text for one in fences(TUTORIAL) if one.text.startswith("segshell-demo/wrong.yaml"))
    assert said(["check", "segshell-demo/wrong.yaml"]) == shown


def test_readme_and_tutorial_show_the_same_run():
    tutorial = TUTORIAL.read_text(encoding="utf-8")
    result = next(one.text for one in fences(README) if one.info == "text")
    for line in result.splitlines():
        assert line == "..." or line in tutorial


def test_the_reference_is_what_the_generator_writes():
    """Write it anew with `python -m tests.make_reference`."""
    assert make_reference.FILE.read_text(encoding="utf-8") == make_reference.text()


def _slugs(page):
    heads = re.findall(r"^#+ (.*)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_within_the_project_leads_somewhere(page):
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        name, _, anchor = link.partition("#")
        if not name.startswith("http"):
            target = (page.parent / name).resolve() if name else page
            assert target.exists(), link
            assert not anchor or anchor in _slugs(target), link


def test_the_check_script_runs_the_readmes_own_test_command():
    """The script takes the one line of README that ends in pytest; here both sides of that are looked at."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    lines = [line for line in README.read_text(encoding="utf-8").splitlines() if "-m pytest" in line]
    assert len(lines) == 1
    assert re.search(r" && \.venv/bin/python -m pytest( -[\w-]+ \w+)*$", lines[0])
    assert "grep -e '-m pytest' README.md" in script
    subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=True)


# --- Python on the pages: each page's fences in their order, as one program in a folder with small data ----


def write_data(folder):
    """Write `pics/` and `segshell-demo/` with a dozen small pictures each, and the demo's config cut short."""
    for number in range(15):
        drawn = demo_data.picture(7, number, (48, 64))
        for home, known in (("pics", ("train", "train_mask")), ("segshell-demo", ("images", "masks"))):
            names = known if number < 12 else ("unseen", "unseen_mask")
            for name, pixels in zip(names, (drawn.image, drawn.mask), strict=True):
                (folder / home / name).mkdir(parents=True, exist_ok=True)
                images.write_png(folder / home / name / f"{number:03}.png", pixels)
    short = re.sub(r"epochs: \d+", "epochs: 1", demo.CONFIG)
    (folder / "segshell-demo" / "config.yaml").write_text(short, encoding="utf-8")


def run_page(page, folder):
    """Write the page's named configs, run its Python in a process of its own and return that."""
    for one in fences(page):
        named = re.match(r"# (\w+\.yaml)\n", one.text)
        if one.info.startswith("yaml") and named:
            (folder / named[1]).write_text(one.text, encoding="utf-8")
    code = "\n".join(one.text for one in fences(page) if one.info == "python")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def pages_with_python():
    for page in PAGES:
        code = "".join(one.text for one in fences(page) if one.info == "python")
        if code:
            marks = [pytest.mark.slow] if ".fit(" in code else []
            yield pytest.param(page, id=page.stem, marks=marks)


@pytest.mark.parametrize("page", pages_with_python())
def test_the_python_of_a_page_runs(page, tmp_path):
    write_data(tmp_path)
    done = run_page(page, tmp_path)
    assert done.returncode == 0, done.stderr
