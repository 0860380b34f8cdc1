"""Fold-stages side by side against one after the other: `python -m tests.benchmarks.jobs DATA`.

DATA holds ``images`` and ``masks``. Each contender is the command that users call, from its start to its end, in a new
folder, in turns: with it comes all that is paid once in each process, TensorFlow's import and the trace. Every training
step has one processor thread. All leave the same bytes, which is checked.
"""

import argparse
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from tests.benchmarks import harness
from tests.benchmarks.whole_run import CONFIG

GOAL = 0.6
KINDS = ("weights", "metrics", "examples")


def _config(given: argparse.Namespace) -> str:
    stages = "\n".join(f"  - {{epochs: {given.epochs}}}" for _ in range(given.stages))
    shown = {name: getattr(given, name) for name in ("size", "batch", "folds", "seed")}
    text = CONFIG.format(loss="binary_crossentropy+dice_loss", stages=stages, **shown)
    places = {name: str((given.data / name).resolve()) for name in ("images", "masks")}
    return f"{text}dataset: {places}\n"


def _bytes(folder: Path) -> dict[str, bytes]:
    """Return what a run has left that does not tell when it was."""
    paths = [path for kind in KINDS for path in sorted((folder / kind).rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def _run(
    place: Path, text: str, left: dict[str, dict[str, bytes]], name: str, words: tuple[str, ...]
) -> None:
    with tempfile.TemporaryDirectory(dir=place) as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "segshell", "run", str(config), "--threads", "1", *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        left[name] = _bytes(Path(folder))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    for name, value in (
        ("folds", 4),
        ("stages", 2),
        ("epochs", 8),
        ("size", 128),
        ("batch", 8),
        ("seed", 0),
        ("rounds", 5),
    ):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    left: dict[str, dict[str, bytes]] = {}
    with tempfile.TemporaryDirectory() as place:
        run = partial(_run, Path(place), _config(given), left)
        runs = {
            "one process": lambda: run("one process", ()),
            "--jobs 1": lambda: run("--jobs 1", ("--jobs", "1")),
            "--jobs 2": lambda: run("--jobs 2", ("--jobs", "2")),
        }
        times = harness.in_turns(runs, rounds=given.rounds, clock=harness.wall, warm=0)
    print(harness.machine(("tensorflow", "keras", "ray")))
    print(
        f"\n{given.folds} folds x {given.stages} stages x {given.epochs} epochs at {given.size}, one thread a step\n"
    )
    print(harness.table(times, "--jobs 1", "s", 1.0))
    truth = left["one process"]
    same = {name: found == truth for name, found in left.items()}
    print(f"\nfiles: {len(truth)}; the bytes of one process: {same}")
    print(f"jobs 2 / jobs 1: {harness.ratio(times, '--jobs 2', '--jobs 1'):.2f} (goal: at most {GOAL})")


if __name__ == "__main__":
    main()
