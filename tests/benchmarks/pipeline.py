"""What a training sample costs from file to batch: `python -m tests.benchmarks.pipeline`, here and with peers.

Pictures of 0.6 megapixels with masks are made from a seed in a temporary folder and brought to 320x320 with flips, an
affine transform and brightness. All contenders run in one process and in turns; what is counted is processor time, all
threads together, so the figures are those of one core. OpenCV and torch are held to one thread.

Parts, all of them or those that ``--part`` names:

later
    Epoch 2 and later: ours with each kind of cache, albumentations with torch's DataLoader, the seed system
    itself, its order in imgaug, imgaug with the resize first, and decoding alone.
arrays
    Like for like: the same 320x320 arrays augmented by us, by albumentations and by imgaug, nothing decoded.
first
    The first epoch with its validation, which decodes everything and writes the cache, beside decoding alone.
unfusable
    With one augmenter more that is no matrix and no table, beside imgaug on ready arrays and with the resize first.
checks
    What of all this is equal, by value.
memory
    The greatest memory of a process that only makes batches.

Each peer may be missing with its rows; `pip install segshell[bench]` and docs/benchmarks.md say how they are installed.
"""

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path

from attrs import frozen

from tests.benchmarks import pipeline_checks, pipeline_data, pipeline_peers, pipeline_seed
from tests.benchmarks.harness import ROUNDS, Times, in_turns, machine, ratio, table
from tests.benchmarks.pipeline_ours import BRIGHTNESS, FLIPS_AFFINE, Ours, Setting
from tests.benchmarks.pipeline_peers import exhaust

ALBUMENTATIONS = "albumentations + DataLoader"
SEED = "the seed system itself"
SEEDS_ORDER = "its order in imgaug, decoded as albumentations"
PACKAGES = ("numpy", "opencv-python", "pillow", "imgaug", "albumentations", "torch")


@frozen
class Job:
    """What is measured, and how often.

    Attributes
    ----------
    rounds
        Turns of all contenders.

    """

    setting: Setting
    rounds: int

    @property
    def files(self) -> tuple[pipeline_peers.File, ...]:
        """All images with their masks."""
        pictures = self.setting.pictures
        return tuple(zip(pictures.images, pictures.masks, strict=True))

    def measure(
        self, title: str, contenders: Mapping[str, Callable[[], object]], base: str, images: int
    ) -> Times:
        """Print the table of CPU-ms an image and return the times."""
        times = in_turns(contenders, self.rounds)
        print(f"\n### {title}\n\n{table(times, base, 'CPU-ms an image', 1000 / images)}\n")
        return times


def verdict(times: Times, peer: str, ours: str, bound: float) -> None:
    """Print whether we are at least `bound` times as fast as a peer, where it is there."""
    goal = f"- goal at least {bound:g}x as fast as {peer}:"
    if peer not in times:
        print(goal, "not measured, the peer is not installed")
        return
    found = ratio(times, peer, ours)
    print(goal, f"{found:.2f}x, {'reached' if found >= bound else 'missed'}")


def later(job: Job) -> None:
    """Epoch 2 and later."""
    setting = job.setting
    ours = {kind: setting.ours(f"later-{kind}", cache=kind) for kind in pipeline_checks.KINDS}
    for one in ours.values():
        one.first()
    files = [job.files[row] for row in ours["disk"].rows]
    contenders: dict[str, Callable[[], object]] = {
        f"segshell, cache {kind}": partial(_next_epoch, one, count(1)) for kind, one in ours.items()
    }
    if pipeline_peers.is_there("albumentations", "torch"):
        contenders[ALBUMENTATIONS] = _albumentations(job, files)
        contenders["the same, area resize as ours"] = _albumentations(job, files, area=True)
    if pipeline_peers.is_there(*pipeline_seed.NEEDS):
        contenders[SEED] = partial(_seed, job, files)
    contenders |= {
        SEEDS_ORDER: lambda: exhaust(pipeline_peers.seeds_order(files, setting.side, setting.batch)),
        "imgaug, resize first": partial(_resize_first, job, files),
        "decode alone, OpenCV": lambda: [pipeline_peers.read(one) for one in files],
    }
    base = "segshell, cache disk"
    times = job.measure("Epoch 2 and later", contenders, base, len(files))
    for peer, bound in ((ALBUMENTATIONS, 6), (SEED, 18), (SEEDS_ORDER, 18)):
        verdict(times, peer, base, bound)


def _next_epoch(ours: Ours, numbers: "count[int]") -> int:
    return ours.consume(next(numbers))


def _albumentations(
    job: Job, files: Sequence[pipeline_peers.File], *, area: bool = False
) -> Callable[[], object]:
    spec = pipeline_peers.albumentations_spec(job.setting.side, area=area)
    made = pipeline_peers.loader(files, spec, job.setting.batch)
    return lambda: exhaust(made)


def _seed(job: Job, files: Sequence[pipeline_peers.File]) -> int:
    folder, names = job.setting.pictures.folder, [image.stem for image, _ in files]
    return exhaust(pipeline_seed.batches(folder, names, job.setting.side, job.setting.batch))


def arrays(job: Job) -> None:
    """Like for like on the same arrays in memory, one sample after the other."""
    ours = job.setting.ours("arrays", cache="memory")
    pairs = pipeline_checks.ready(ours)
    numbers = count(1)
    contenders: dict[str, Callable[[], object]] = {"segshell": lambda: _samples(ours, next(numbers))}
    if pipeline_peers.is_there("albumentations"):
        spec = pipeline_peers.albumentations_spec()
        contenders["albumentations"] = lambda: [spec(image=image, mask=mask) for image, mask in pairs]
    contenders |= {
        "imgaug, batches": lambda: exhaust(
            pipeline_peers.by_imgaug(pairs, pipeline_peers.imgaug_spec(), job.setting.batch)
        ),
        "floor: one warp, one table": partial(pipeline_peers.one_warp, pairs, pipeline_peers.drawn(pairs)),
    }
    times = job.measure("Like for like: the same cached arrays", contenders, "segshell", len(pairs))
    verdict(times, "albumentations", "segshell", 1.25)


def _samples(ours: Ours, epoch: int) -> None:
    for row in ours.rows:
        ours.one(epoch, row)


def first(job: Job) -> None:
    """Decode everything and write the cache; each time on a copy of the data that has no cache yet."""
    pictures = job.setting.pictures
    waiting = []
    for number in range(job.rounds + 1):
        copy = pictures.folder / f"copy-{number}"
        for name in ("images", "masks"):
            # Without what was derived from them: other parts have kept their decoded samples there.
            shutil.copytree(pictures.folder / name, copy / name, ignore=shutil.ignore_patterns(".*"))
        waiting.append(job.setting.on(copy, "first"))
    contenders: dict[str, Callable[[], object]] = {
        "segshell, first epoch": lambda: waiting.pop().first(),
        "decode alone, Pillow": lambda: [pipeline_peers.read_pillow(one) for one in job.files],
        "decode alone, OpenCV": lambda: [pipeline_peers.read(one) for one in job.files],
        "scaled decode, Pillow": lambda: [
            pipeline_peers.read_scaled(one, job.setting.side) for one in job.files
        ],
    }
    times = job.measure("First epoch, cache on disk", contenders, "decode alone, Pillow", len(job.files))
    share = ratio(times, "segshell, first epoch", "decode alone, Pillow")
    print(f"- goal at most 1.15x decode alone: {share:.2f}x, {'reached' if share <= 1.15 else 'missed'}")


def unfusable(job: Job) -> None:
    """One augmenter more, which only imgaug can perform."""
    for name, (arguments, _) in pipeline_peers.UNFUSABLE.items():
        text = f"{FLIPS_AFFINE}  {name}: {arguments}\n{BRIGHTNESS}"
        ours = job.setting.ours(f"with-{name}", text)
        ours.first()
        files, pairs = [job.files[row] for row in ours.rows], pipeline_checks.ready(ours)
        contenders: dict[str, Callable[[], object]] = {
            "segshell": partial(_next_epoch, ours, count(1)),
            "imgaug on ready arrays": partial(_imgaug, job, pairs, name),
            "imgaug, resize first": partial(_resize_first, job, files, name),
        }
        times = job.measure(f"With {name}", contenders, "segshell", len(files))
        for peer in ("imgaug, resize first", "imgaug on ready arrays"):
            verdict(times, peer, "segshell", 1)


def _resize_first(job: Job, files: Sequence[pipeline_peers.File], unfusable: str | None = None) -> None:
    setting = job.setting
    exhaust(pipeline_peers.resize_first(files, setting.side, setting.batch, unfusable))


def _imgaug(job: Job, pairs: pipeline_peers.Arrays, name: str) -> None:
    spec = pipeline_peers.imgaug_spec(name)
    exhaust(pipeline_peers.by_imgaug(pairs, spec, job.setting.batch))


def checks(job: Job) -> None:
    """Print what is equal and what is not."""
    print("\n### Equal by value\n")
    for line in pipeline_checks.lines(job.setting, job.files):
        print(f"- {line}")


def memory(job: Job) -> None:
    """Print the memory of a process of its own that makes the batches of three epochs."""
    setting = job.setting
    words = ("--alone", str(setting.pictures.folder), *map(str, (setting.side, setting.batch)))
    command = (sys.executable, "-m", "tests.benchmarks.pipeline", *words)
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    print(f"\n### Memory\n\n{done.stdout}")


def alone(folder: Path, side: int, batch: int) -> None:
    """Make the batches of three epochs and print the greatest memory before and after."""
    pictures = pipeline_data.Pictures(folder, len(list((folder / "images").iterdir())))
    setting = Setting(pictures, side, batch)
    ours = setting.ours("alone")
    shown = [f"before the first epoch {_peak():.0f} MB"]
    ours.first()
    shown.append(f"after it {_peak():.0f} MB")
    for number in (1, 2):
        ours.consume(number)
    shown.append(f"after the third {_peak():.0f} MB")
    decoded = pictures.count * side * side * 4 / 1e6
    print(f"- greatest memory {', '.join(shown)}; {pictures.count} decoded samples are {decoded:.0f} MB")


def _peak() -> float:
    """Return the greatest resident memory of this process so far, in MB; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


PARTS = {one.__name__: one for one in (later, arrays, first, unfusable, checks, memory)}


def parsed() -> argparse.ArgumentParser:
    """Return what reads the options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    pipeline_data.add_options(parser)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="turns of all contenders")
    parser.add_argument("--part", choices=sorted(PARTS), action="append", help="all of them by default")
    parser.add_argument("--alone", nargs=3, help=argparse.SUPPRESS)
    return parser


def main() -> None:
    """Measure and print."""
    given = parsed().parse_args()
    if given.alone:  # without the peers, whose libraries would count
        alone(Path(given.alone[0]), int(given.alone[1]), int(given.alone[2]))
        return
    pipeline_peers.hold_to_one_thread(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        pictures = pipeline_data.make(Path(folder), given.images, given.height, given.width, given.seed)
        job = Job(Setting(pictures, given.side, given.batch), given.rounds)
        print(
            f"{machine(PACKAGES)}\n{given.images} pictures of {given.width}x{given.height} to {given.side}x{given.side}"
        )
        for name in given.part or PARTS:
            PARTS[name](job)


if __name__ == "__main__":
    main()
