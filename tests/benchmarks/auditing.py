"""What an audit costs: a sample's hash and counts, and the near pairs among all hashes.

Run as ``python -m tests.benchmarks.auditing [--side N] [--hashes N] [--rounds N] [--seed N]``. Peers: the plain NumPy
of each, OpenCV's histogram and its reduction to 32 x 32 with a DCT. Floor: one look at the pixels.
"""

import argparse
from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from segcore.hamming import near_blocks
from segcore.likeness import NEAR, SIDE, phash
from segshell.examining import class_pixels, counted, grey_of
from tests.benchmarks.harness import Times, in_turns, machine, ratio, table

FARTHER = 1.5  # times the figures of the prototypes, of which each is set against what it was measured beside
NAIVE = 4_000  # hashes of which each is compared with every other
Runs = dict[str, Callable[[], object]]


def picture(side: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return an image (h,w,3) and a mask (h,w,1) of 0 and 1 of two thirds of its width."""
    drawn = np.random.default_rng(seed)
    shape = (2 * side // 3, side)
    blurred = [
        cv2.GaussianBlur(drawn.integers(0, 256, (*shape, bands), dtype=np.uint8), (31, 31), 9)
        for bands in (3, 1)
    ]
    return blurred[0], (blurred[1] > np.median(blurred[1])).astype(np.uint8)[..., None]


def plain_counts(mask: NDArray[np.uint8]) -> tuple[int, ...]:
    """Return the pixels of background and object as NumPy's histogram counts them."""
    return tuple(np.bincount(mask[mask != 255], minlength=2)[:2].tolist())


def histogram(mask: NDArray[np.uint8]) -> tuple[int, ...]:
    """Return the same from OpenCV's histogram, whose counts are exact up to 2**24."""
    return tuple(int(one) for one in cv2.calcHist([mask], [0], None, [256], [0, 256])[:2, 0])


def plain_grey(image: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return the mean over the channels by NumPy's own sum."""
    return np.asarray(image.sum(axis=2, dtype=np.uint32) // image.shape[2])


def opencv_hash(image: NDArray[np.uint8]) -> int:
    """Return a hash of the same kind by OpenCV: grey, area means, DCT, median; its bits are not ours."""
    small = cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    low = cv2.dct(small.astype(np.float32))[1:9, 1:9]
    return int.from_bytes(np.packbits(low > np.median(low)).tobytes(), "big")


def near(hashes: NDArray[np.uint64], distance: int) -> list[tuple[int, int]]:
    """Return our near pairs, sorted."""
    return sorted(tuple(pair) for block in near_blocks(hashes, distance) for pair in block.tolist())


def all_with_all(hashes: NDArray[np.uint64], distance: int) -> list[tuple[int, int]]:
    """Return the same by comparing each hash with all that follow."""
    found = []
    for row, one in enumerate(hashes[:-1]):
        after = np.flatnonzero(np.bitwise_count(hashes[row + 1 :] ^ one) <= distance)
        found += [(row, row + 1 + int(other)) for other in after]
    return found


def drawn_hashes(count: int, seed: int) -> NDArray[np.uint64]:
    """Return random hashes, of which every hundredth has a neighbour of 0 to 9 bits."""
    drawn = np.random.default_rng(seed)
    found = drawn.integers(1, 2**64, count, dtype=np.uint64)
    for row in range(0, count - 1, 100):
        flips = drawn.choice(64, row // 100 % 10, replace=False)
        found[row + 1] = found[row] ^ np.uint64(sum(1 << int(bit) for bit in flips))
    return found


def same(what: str, one: object, other: object) -> None:
    """Stop where two results differ."""
    if one != other:
        raise SystemExit(f"{what}: ours and the peer's differ")


def shown(title: str, runs: Runs, rounds: int, calls: int = 1) -> Times:
    """Print a table; the first contender is ours, and ratios divide by the last, the floor or the peer."""
    times = in_turns(runs, rounds, calls=calls)
    print(f"\n{title}\n\n{table(times, list(runs)[-1])}")
    return times


def told(goal: str, value: float, most: float) -> None:
    """Print whether a goal is reached."""
    print(f"goal {goal} at most {most:.3g}: {value:.3g}: {'reached' if value <= most else 'MISSED'}")


def per_image(side: int, seed: int, rounds: int) -> None:
    """Compare what is worked out of one decoded sample."""
    image, mask = picture(side, seed)
    thumbnail = cv2.resize(grey_of(image), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    same("counts", class_pixels(mask, 1), plain_counts(mask))
    same("counts", class_pixels(mask, 1), histogram(mask))
    same("grey", grey_of(image).tolist(), plain_grey(image).tolist())
    same("hash", phash(grey_of(image)), phash(plain_grey(image)))
    print(
        f"\nOne image of {image.shape[1]} x {image.shape[0]}, processor ms. Equal: counts, grey, hash of either grey."
    )
    print("Different: OpenCV's hash, which is of another grey.")
    counts = shown(
        "Value audit",
        {
            "ours": partial(class_pixels, mask, 1),
            "NumPy's bincount": partial(plain_counts, mask),
            "floor: one look at the mask": partial(np.count_nonzero, mask),
            "OpenCV's calcHist": partial(histogram, mask),
        },
        rounds,
        10,
    )
    hashes = shown(
        "Perceptual hash, from the image and from a thumbnail; all that is known of a sample",
        {
            "ours, image": lambda: phash(grey_of(image)),
            "ours, thumbnail": partial(phash, thumbnail),
            "ours, hash, counts and void": partial(counted, image, mask, 1),
            "NumPy's sum before our hash": lambda: phash(plain_grey(image)),
            "OpenCV's steps, image": partial(opencv_hash, image),
        },
        rounds,
        10,
    )
    print()
    told("value audit, times calcHist", ratio(counts, "ours", "OpenCV's calcHist"), FARTHER)
    micro = 1e6 * float(np.median(hashes["ours, thumbnail"]))
    told("hash of a thumbnail, microseconds (74 in the prototype)", micro, FARTHER * 74)


def pairs(count: int, seed: int, rounds: int) -> None:
    """Compare how near pairs are found."""
    hashes = drawn_hashes(count, seed)
    few = hashes[:NAIVE]
    for distance in (4, NEAR):
        same("near pairs", near(few, distance), all_with_all(few, distance))
    print(
        f"\n{count} hashes, processor ms. Equal: the pairs of the first {NAIVE} by each with each, within 4 and {NEAR}."
    )
    scale = (count / few.size) ** 2
    times = shown(
        f"Near pairs; each with each is that of {NAIVE} hashes times {scale:.0f}",
        {
            "within 4 bits": partial(near, hashes, 4),
            f"within {NEAR} bits": partial(near, hashes, NEAR),
            "sorting the hashes once": partial(np.sort, hashes),
        },
        rounds,
    )
    naive = in_turns({"each with each": partial(all_with_all, few, 4)}, rounds)["each with each"]
    print(f"| each with each, reckoned | {1000 * scale * float(np.median(naive)):.4g} | | | |\n")
    milliseconds = 1e3 * float(np.median(times["within 4 bits"])) * 1e5 / count
    told("pairs within 4 bits, ms for 100,000 (145 in the prototype)", milliseconds, FARTHER * 145)


def main() -> None:
    """Print the tables and the goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=960, help="width of the image in pixels")
    parser.add_argument("--hashes", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    print(machine(("numpy", "opencv-python")))
    per_image(given.side, given.seed, given.rounds)
    pairs(given.hashes, given.seed, given.rounds)


if __name__ == "__main__":
    main()
