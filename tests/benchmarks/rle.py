"""Run-length codes: processor time of encoding, decoding and splitting into instances, against the seed system.

Run as ``python -m tests.benchmarks.rle [--rounds 9] [--seed 1] [--scale 1]`` in the environment of the extra
`bench`. Masks hold 0 and 1 as uint8, row after row. `--scale` multiplies the sides of every mask and the number of
its blobs by its square.
"""

import argparse
from collections.abc import Callable, Mapping
from typing import NamedTuple

import cv2
import numpy as np

from segcore.coco_counts import coco_compressed
from segcore.rle import multi_rle_encode, rle_decode, rle_encode
from tests.benchmarks import rle_peers as peers
from tests.benchmarks.harness import Times, in_turns, lasting, machine, ratio, table
from tests.benchmarks.rle_peers import Mask, Sides

OURS, SEED, COCO, RIVAL = "segcore", "seed system", "pycocotools", "OpenCV labelling"
PACKAGES = ("numpy", "segmentation_pipeline", "pycocotools", "rlemasklib", "opencv-python", "scikit-image")
ROUND = 0.05
"""Seconds that the calls of the seed system in one round should take."""


class Goal(NamedTuple):
    """Greatest shares of others' times."""

    encode: float = 0.0
    decode: float = 0.0
    coco: bool = True


ENCODED = {
    "768x768 ships": Goal(0.12, 0.27),
    "256x1600 defects": Goal(0.15, 0.25),
    "2048x2048 blobs": Goal(0.06, 0.17),
    "101x101 salt": Goal(0.40, 0.23, coco=False),
    "768x768 empty": Goal(0.02),
}
INSTANCES = {
    "768x768, 60 objects": 1 / 150,
    "1024x1024, 105 objects": 1 / 200,
    "101x101, 1 object": 1 / 5,
}
AGAINST_RIVAL = 0.6


def encoded_masks(seed: int, scale: float) -> Mapping[str, Mask]:
    """Return the masks of `ENCODED` by name."""

    def scaled(height: int, width: int) -> Sides:
        return round(height * scale), round(width * scale)

    many = scale**2
    masks = (
        peers.ships(scaled(768, 768), seed),
        peers.blobs(scaled(256, 1600), seed, round(12 * many), 25),
        peers.blobs(scaled(2048, 2048), seed, round(900 * many), 18),
        peers.salt(scaled(101, 101), seed),
        np.zeros(scaled(768, 768), dtype=np.uint8),
    )
    return dict(zip(ENCODED, masks, strict=True))


def instance_masks(seed: int, scale: float) -> Mapping[str, Mask]:
    """Return the masks of `INSTANCES` by name; the number of objects does not scale."""
    sides = [(round(side * scale), round(side * scale)) for side in (768, 1024, 101)]
    masks = (
        peers.objects(size, seed, number, radius * scale)
        for size, number, radius in zip(sides, (60, 105, 1), (16, 16, 22), strict=True)
    )
    return dict(zip(INSTANCES, masks, strict=True))


def told(times: Times, base: str, share: float) -> None:
    """Print whether our time is at most a share of another's."""
    found = ratio(times, OURS, base)
    verdict = "reached" if found <= share else "missed"
    print(f"- goal: at most {share:.4g} of {base}; {found:.4g}: {verdict}")


def measured(contenders: Mapping[str, Callable[[], object]], rounds: int) -> Times:
    """Return the times of contenders, the seed system first, and print them; short ones are called many times."""
    calls = max(5, round(ROUND / max(1e-6, lasting(contenders[SEED]))))
    times = in_turns(contenders, rounds, calls=calls)
    print(table(times, SEED, "us", 1e6))
    return times


def compare_encoding(name: str, mask: Mask, rounds: int) -> None:
    """Print how long a mask takes to become a text or a code."""
    text, code = rle_encode(mask), peers.coco_code(mask)
    print(f"\n### Encode {name}: {len(text.split()) // 2} runs\n")
    same = text == peers.seed_text(mask)
    print(f"Texts of {OURS} and {SEED} equal: {same}; counts equal to those of {COCO}:", end=" ")
    print(f"{coco_compressed(mask).encode() == code['counts']}, of rlemasklib:", end=" ")
    print(
        f"{code['counts'] == peers.rlemasklib_code(mask)['counts']}. {COCO} and rlemasklib write no text.\n"
    )
    times = measured(
        {
            SEED: lambda: peers.seed_text(mask),
            OURS: lambda: rle_encode(mask),
            COCO: lambda: peers.coco_code(mask),
            "rlemasklib": lambda: peers.rlemasklib_code(mask),
            "floor: one read": mask.max,
        },
        rounds,
    )
    print()
    told(times, SEED, ENCODED[name].encode)
    if ENCODED[name].coco:
        told(times, COCO, 1.0)


def compare_decoding(name: str, mask: Mask, rounds: int) -> None:
    """Print how long a text takes to become a mask."""
    text, code, sides = rle_encode(mask), peers.coco_code(mask), (mask.shape[0], mask.shape[1])
    print(f"\n### Decode {name}: {len(text.split()) // 2} runs\n")
    others = (rle_decode(text, sides), peers.seed_mask(text, sides), peers.coco_mask(code))
    print(f"Masks equal to the one encoded: {[bool(np.array_equal(mask, one)) for one in others]}. ", end="")
    print(f"{COCO} reads its own code.\n")
    times = measured(
        {
            SEED: lambda: peers.seed_mask(text, sides),
            OURS: lambda: rle_decode(text, sides),
            COCO: lambda: peers.coco_mask(code),
            "floor: one write": lambda: np.full(sides, 1, dtype=np.uint8),
        },
        rounds,
    )
    if ENCODED[name].decode:
        print()
        told(times, SEED, ENCODED[name].decode)


def compare_instances(name: str, mask: Mask, rounds: int) -> None:
    """Print how long a mask takes to become one text per 8-connected component."""
    texts = multi_rle_encode(mask)
    print(f"\n### Instances {name}: {len(texts)} texts, {sum(map(len, texts))} characters\n")
    same = [
        sorted(texts) == sorted(other) for other in (peers.seed_instances(mask), peers.rival_instances(mask))
    ]
    print(f"The same texts, whatever their order, as those of {SEED} and {RIVAL}: {same}.\n")
    times = measured(
        {
            SEED: lambda: peers.seed_instances(mask),
            OURS: lambda: multi_rle_encode(mask),
            RIVAL: lambda: peers.rival_instances(mask),
            "OpenCV's labels alone": lambda: cv2.connectedComponents(mask, connectivity=8),
        },
        rounds,
    )
    print()
    told(times, SEED, INSTANCES[name])
    told(times, RIVAL, AGAINST_RIVAL)


def main() -> None:
    """Print every table and whether its goals are reached."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.rle", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    print(
        f"{machine(PACKAGES)}; {given.rounds} rounds, seed {given.seed}, scale {given.scale}; processor time"
    )
    masks = encoded_masks(given.seed, given.scale)
    for name, mask in masks.items():
        compare_encoding(name, mask, given.rounds)
    for name, mask in masks.items():
        compare_decoding(name, mask, given.rounds)
    for name, mask in instance_masks(given.seed, given.scale).items():
        compare_instances(name, mask, given.rounds)


if __name__ == "__main__":
    main()
