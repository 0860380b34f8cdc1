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
SECONDS = 3
MEBIBYTES = 100

# The limits are set after the imports, on top of what the interpreter holds already.
READER = f"""
import json, resource, sys
from segcore.errors import render
from segcore.parsing.yaml_text import read
source = sys.stdin.buffer.read()
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
held = int(status["VmSize"].split()[0]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (held + {MEBIBYTES} * 2**20,) * 2)
used = resource.getrusage(resource.RUSAGE_SELF).ru_utime
resource.setrlimit(resource.RLIMIT_CPU, (int(used) + {SECONDS} + 1,) * 2)
document = read(source)
shown = render(document.findings, "config.yaml", document.text)
print(json.dumps([sorted({{found.code for found in document.findings}}), len(shown)]))
"""


def codes_of(source, folder):
    """Return the distinct codes found by a process of its own under limits, started in `folder`."""
    if not Path("/proc/self/status").exists():
        pytest.skip("the memory in use is read from /proc")
    ran = subprocess.run(
        [sys.executable, "-c", READER],
        input=source,
        capture_output=True,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()[-2000:]
    found, shown_size = json.loads(ran.stdout)
    assert shown_size < 100_000, "the messages themselves must not flood the screen"
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
    "many anchors": ("".join(f"- &a{i} {i}\n" for i in range(60_000)).encode(), []),
    "many distinct keys": ("".join(f"k{i}: 0\n" for i in range(49_999)).encode(), []),
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
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_text_is_refused_by_name_within_bounds(name, tmp_path):
    source, expected = DOCUMENTS[name]
    assert codes_of(source, tmp_path) == expected


def test_the_bomb_is_as_small_as_it_says():
    assert len(laughs(9, 9)) < 400


CALLS = [
    "!!python/object/apply:os.mkdir [sentinel]",
    "a: !!python/object/apply:os.mkdir [sentinel]",
    "!!python/object/new:os.mkdir [sentinel]",
    "? !!python/object/apply:os.mkdir [sentinel]\n: 1",
    "!<tag:yaml.org,2002:python/object/apply:os.mkdir> [sentinel]",
]


@pytest.mark.parametrize("source", CALLS)
def test_a_python_tag_calls_nothing(source, tmp_path):
    assert "tag" in codes_of(source.encode(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_python_tags_above_would_do_harm_elsewhere(tmp_path, monkeypatch):
    """A control: the loader that builds objects does run the call."""
    monkeypatch.chdir(tmp_path)
    yaml.unsafe_load(CALLS[0])
    assert (tmp_path / "sentinel").is_dir()
