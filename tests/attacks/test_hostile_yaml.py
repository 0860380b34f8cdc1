"""Texts made to exhaust or take over the reader: each is refused by name, in little time and memory."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

pytest.importorskip("resource", reason="memory limits need a Unix system")

ROOT = Path(__file__).parents[2]
SECONDS = 1
MEBIBYTES = 100

# The memory limit is set after the imports, on top of what the interpreter holds already. One process reads one
# text after the other: each may take as long as the limit says, and none may leave memory behind.
READER = f"""
import json, pathlib, resource, sys, time
from segcore.errors import render
from segcore.parsing.experiment import examine
from segcore.parsing.yaml_text import read
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
held = int(status["VmSize"].split()[0]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (held + {MEBIBYTES} * 2**20,) * 2)
for name in sys.argv[1:]:
    source = pathlib.Path(name).read_bytes()
    codes = sorted({{found.code for found in read(source).findings}})
    began = time.process_time()
    examined = examine(source)
    shown = render(examined.findings, "config.yaml", examined.text)
    print(json.dumps([codes, len(shown), time.process_time() - began]), flush=True)
"""


def read_all(sources, folder):
    """Return codes, length of the messages and CPU seconds of every text, as a process under limits found them."""
    if not Path("/proc/self/status").exists():
        pytest.skip("the memory in use is read from /proc")
    inputs = folder / "inputs"
    inputs.mkdir()
    for number, source in enumerate(sources):
        (inputs / f"{number:03}").write_bytes(source)
    ran = subprocess.run(
        [sys.executable, "-c", READER, *sorted(map(str, inputs.iterdir()))],
        capture_output=True,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        timeout=120,
        check=False,
    )
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.returncode == 0, f"text {len(found)}: {ran.stderr.decode()[-2000:]}"
    return found


def laughs(levels, width):
    """Return lists of aliases of lists of aliases; `width ** levels` values when followed."""
    rows = ["a: &a [x" + ",x" * (width - 1) + "]"]
    names = "abcdefghijklmnop"
    rows += [
        f"{new}: &{new} [" + ",".join([f"*{old}"] * width) + "]" for old, new in pairwise(names[:levels])
    ]
    return "\n".join(rows).encode()


def tower(anchors):
    """Return anchors that each wrap the one before 90 lists deep."""
    rows = ["- &a0 x"] + [f"- &a{i} " + "[" * 90 + f"*a{i - 1}" + "]" * 90 for i in range(1, anchors)]
    return "\n".join(rows).encode()


def whole(*lines, stages=("epochs: 1",)):
    """Return a config with these lines and stages."""
    head = ("architecture: Unet", "backbone: resnet18", "shape: [64, 64, 3]")
    return "\n".join([*head, *lines, "stages:", *(f"  - {{{stage}}}" for stage in stages), ""]).encode()


METRICS = ", ".join(f"{{iou: {{name: m{number}}}}}" for number in range(60))
CALLBACKS = ", ".join(f"{{EarlyStopping: {{monitor: val_m{number}}}}}" for number in range(60))
SOME = "{Sometimes: {then_list: [{Affine: {rotate: [-20, 20]}}, Add: 1]}}"
MEBIBYTE = 2**20
DOCUMENTS = {
    "an alias bomb of some 300 bytes": (laughs(9, 9), ["too-many-nodes"]),
    "nested dashes": (b"- " * 100_000, ["too-deep"]),
    "nested brackets": (b"[" * 100_000, ["too-deep"]),
    "nested braces": (b"{a: " * 100_000, ["too-deep"]),
    "nested question marks": (b"? " * 100_000, ["too-deep"]),
    "nested block mappings": ("\n".join(" " * i + "a:" for i in range(1400)).encode(), ["too-deep"]),
    "depth through aliases": (tower(3000), ["too-deep"]),
    "a list that holds itself": (b"&a [*a, *a, [*a]]", ["alias-cycle"]),
    "a mapping that is its own key": (b"&a {*a : 1}", ["alias-cycle"]),
    "an integer of a million digits": (b"a: " + b"9" * 1_000_000, ["number-too-long"]),
    "ten megabytes": (b"a: 1\n" * 2_000_000, ["too-large"]),
    "a mebibyte of items": (b"[" + b"0," * (MEBIBYTE // 2 - 1), ["too-many-nodes"]),
    "many anchors": ("".join(f"- &a{i} {i}\n" for i in range(19_000)).encode(), []),
    "many distinct keys": ("".join(f"k{i}: 0\n" for i in range(9_999)).encode(), []),
    "many equal keys": (b"a: 1\n" * 200_000, ["duplicate-key", "too-many-findings"]),
    "many unknown aliases": (b"- *a\n" * 200_000, ["too-many-findings", "unknown-alias"]),
    "many tags": (b"- !x 1\n" * 100_000, ["tag", "too-many-findings"]),
    "many tag directives": ("".join(f"%TAG !a{i}! x\n" for i in range(60_000)).encode() + b"---\na", ["tag"]),
    "many documents": (b"---\n" * 200_000, ["several-documents"]),
    "a megabyte of zeros": (b"\0" * MEBIBYTE, ["control-character", "too-many-findings"]),
    "a key of a megabyte": (b"? " + b"k" * 1_000_000 + b"\n: !x [*y]", ["tag", "unknown-alias"]),
    "a tag of a megabyte": (b"- !" + b"t" * 1_000_000 + b" x", ["tag"]),
    "an anchor of a megabyte": (b"- *" + b"a" * 1_000_000, ["unknown-alias"]),
    "a megabyte of escapes": (b'"' + b"\\x41" * 260_000 + b'"', []),
    "a quote that never ends": (b'"' + b"a\n" * 500_000, ["syntax"]),
    "a megabyte of colons": (b": " * 500_000, ["syntax"]),
    "a hundred stages under many metrics and callbacks": (
        whole(f"metrics: [{METRICS}]", f"callbacks: [{CALLBACKS}]", stages=("epochs: 1",) * 100),
        [],
    ),
    "many stages with many metrics each": (
        whole(f"metrics: &all [{METRICS}]", stages=("epochs: 1, metrics: *all",) * 60),
        [],
    ),
    "thousands of augmenters": (
        whole(stages=(f"epochs: 1, augmentation: [{', '.join([SOME] * 80)}]",) * 12),
        [],
    ),
    "thousands of raw values": (
        whole(f"dataset: {{images: a, masks: b, values: {{{', '.join(f'{n}: 1' for n in range(9_900))}}}}}"),
        [],
    ),
    "thousands of choices": (whole(f"augmentation: {{Add: {{choice: [{', '.join(['1'] * 19_900)}]}}}}"), []),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    found = read_all([source for source, _ in DOCUMENTS.values()], tmp_path_factory.mktemp("hostile"))
    return dict(zip(DOCUMENTS, found, strict=True))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_text_is_refused_by_name_within_bounds(name, answers):
    """Fault 18: without the bounds of `segcore.parsing.walking` a few bytes cost minutes, memory or the process."""
    codes, shown, seconds = answers[name]
    assert codes == DOCUMENTS[name][1]
    assert shown < 100_000, "the messages themselves must not flood the screen"
    assert seconds < SECONDS


def test_the_bomb_is_as_small_as_it_says():
    assert len(laughs(9, 9)) < 400


CALLS = [
    "!!python/object/apply:os.mkdir [sentinel]",
    "a: !!python/object/apply:os.mkdir [sentinel]",
    "!!python/object/new:os.mkdir [sentinel]",
    "? !!python/object/apply:os.mkdir [sentinel]\n: 1",
    "!<tag:yaml.org,2002:python/object/apply:os.mkdir> [sentinel]",
]


def test_a_python_tag_calls_nothing(tmp_path):
    """Fault 19: without the refusal of tags in `segcore.parsing.walking` a config could run code."""
    found = read_all([source.encode() for source in CALLS], tmp_path)
    assert all("tag" in codes for codes, _, _ in found)
    assert [one.name for one in tmp_path.iterdir()] == ["inputs"]


def test_the_python_tags_above_would_do_harm_elsewhere(tmp_path, monkeypatch):
    """A control: the loader that builds objects does run the call."""
    monkeypatch.chdir(tmp_path)
    yaml.unsafe_load(CALLS[0])
    assert (tmp_path / "sentinel").is_dir()
