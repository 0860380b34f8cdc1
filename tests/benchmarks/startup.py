"""CPU time of `check` and `plan` against that of importing the libraries that they need.

Run as ``python -m tests.benchmarks.startup [rounds]``. The runs take turns, so that a busy machine slows all
alike; byte code and the index of the data set exist before the first measured run.
"""

import os
import platform
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

ROUNDS = 11
SIDE = 32
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


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (used.ru_utime + used.ru_stime)


def _milliseconds(words: tuple[str, ...]) -> float:
    """Return user and system time of one Python process, which may keep its byte code."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = _children()
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL, env=environment)
    return _children() - before


def measure(rounds: int) -> dict[str, list[float]]:
    """Return the CPU milliseconds of every run, by what was run."""
    with tempfile.TemporaryDirectory() as folder:
        config = str(make_experiment(Path(folder)))
        runs = {
            "imports": IMPORTS,
            "check": ("-m", "segshell", "check", config),
            "plan": ("-m", "segshell", "plan", config),
        }
        for words in (*runs.values(), *runs.values()):  # byte code, index, split, page cache
            _milliseconds(words)
        found: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(rounds):
            for name, words in runs.items():
                found[name].append(_milliseconds(words))
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except FileNotFoundError:  # not Linux
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def main() -> None:
    """Print medians and ratios."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    found = measure(rounds)
    base = statistics.median(found["imports"])
    today = datetime.now(UTC).date().isoformat()
    machine = f"{platform.system()} {platform.machine()}, {_processor()}, {os.cpu_count()} cores"
    print(f"{today}, {machine}, Python {platform.python_version()}, {rounds} rounds; CPU ms, user + system")
    for name, times in found.items():
        middle = statistics.median(times)
        print(f"{name:8} median {middle:6.0f}  least {min(times):6.0f}  ratio {middle / base:.2f}")


if __name__ == "__main__":
    main()
