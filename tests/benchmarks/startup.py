"""Processor time of the verbs that end at once, against that of importing the libraries that they need.

Run as ``python -m tests.benchmarks.startup [--rounds N] [--samples N]``: `check`, `plan` on known data, `diff`,
`schema` and ``--help`` take turns with ``python -c "import numpy, attrs, cattrs, yaml"``.
"""

import argparse
import os
import resource
import struct
import subprocess
import sys
import tempfile
import zlib
from functools import partial
from pathlib import Path

from tests.benchmarks.harness import in_turns, machine, ratio, table

ROUNDS = 11
SIDE = 32
MOST = 1.6  # times the imports
CONFIG = """\
architecture: Unet
backbone: resnet18
encoder_weights: null
shape: [32, 32, 3]
classes: 1
activation: sigmoid
augmentation: {Fliplr: 0.5, Affine: {rotate: [-10, 10]}}
optimizer: Adam
lr: 0.001
batch: 4
loss: binary_crossentropy+0.1*dice_loss
metrics: [iou, dice]
primary_metric: val_iou
callbacks: {EarlyStopping: {patience: 5, monitor: val_iou}}
folds_count: 3
stages:
  - epochs: 2
  - epochs: 1
    lr: 0.0001
dataset: {images: images, masks: masks}
"""
IMPORTS = ("-c", "import numpy, attrs, cattrs, yaml")


def png(rows: bytes, side: int, channels: int) -> bytes:
    """Return a PNG of 8-bit pixels (side, side, channels) with 1 or 3 channels.

    Written here, so that neither benchmark nor test loads an image library (PNG specification, section 5).
    """
    width = side * channels
    lines = b"".join(b"\0" + rows[start : start + width] for start in range(0, len(rows), width))
    header = struct.pack(">IIBBBBB", side, side, 8, 2 if channels == 3 else 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    written = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def make_experiment(folder: Path, samples: int = 12) -> Path:
    """Write images, masks (every third one empty) and a config below `folder`; return the config's path."""
    for kind in ("images", "masks"):
        (folder / kind).mkdir()
    for number in range(samples):
        grey = bytes((7 * number + position) % 256 for position in range(SIDE * SIDE * 3))
        inside = bytes(255 * (number % 3 > 0 and position % SIDE < 9) for position in range(SIDE * SIDE))
        (folder / "images" / f"{number:02}.png").write_bytes(png(grey, SIDE, 3))
        (folder / "masks" / f"{number:02}.png").write_bytes(png(inside, SIDE, 1))
    config = folder / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    return config


def processes() -> float:
    """Return the processor seconds, user and system, of all processes that this one started and that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def perform(words: tuple[str, ...]) -> str:
    """Run one Python process, which may keep its byte code; return what it prints."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, *words], check=True, stdout=subprocess.PIPE, env=environment, text=True
    )
    return done.stdout


def verbs_of(config: Path) -> dict[str, tuple[str, ...]]:
    """Return the command lines that have to be quick, by name."""
    other = config.with_name("other.yaml")
    other.write_text(CONFIG.replace("lr: 0.001", "lr: 0.002"), encoding="utf-8")
    words = {
        "check": ("check", str(config)),
        "plan": ("plan", str(config)),
        "diff": ("diff", str(config), str(other)),
        "schema": ("schema",),
        "--help": ("--help",),
    }
    return {name: ("-m", "segshell", *one) for name, one in words.items() if name != "diff" or has_diff()}


def has_diff() -> bool:
    """Return whether the verb is there."""
    return "diff" in perform(("-c", "from segshell.__main__ import VERBS; print(dict(VERBS).keys())"))


def main() -> None:
    """Print medians, ratios and which goals are reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--samples", type=int, default=12, help="images of the known data set")
    given = parser.parse_args()
    print(machine(("numpy", "attrs", "cattrs", "pyyaml")))
    with tempfile.TemporaryDirectory() as folder:
        runs = {"imports": IMPORTS, **verbs_of(make_experiment(Path(folder), given.samples))}
        # Twice before the first round: byte code, index, split and what the system keeps of the files.
        times = in_turns(
            {name: partial(perform, words) for name, words in runs.items()},
            given.rounds,
            processes,
            warm=2,
        )
        told = perform(runs["plan"])
    if f"samples   {given.samples}," not in told or "read" not in told:
        raise SystemExit(f"plan did not work on the known data set:\n{told}")
    print(f"\n{given.samples} samples, {given.rounds} rounds, processor ms of the whole process\n")
    print(f"{table(times, 'imports')}\n\nEqual: nothing is compared by value; each verb ended well.\n")
    for name in list(runs)[1:]:
        found = ratio(times, name, "imports")
        print(
            f"goal {name} at most {MOST:g} times the imports: {found:.2f}: {'reached' if found <= MOST else 'MISSED'}"
        )


if __name__ == "__main__":
    main()
