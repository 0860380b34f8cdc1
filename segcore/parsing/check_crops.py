"""Crops and windows: which of the two, and whether the canvas of crops can be held."""

from collections.abc import Iterator

from segcore.config import ExperimentConfig
from segcore.parsing.problems import Problem
from segcore.tiles import canvas_of

MOST_PIXELS = 89_478_485  # as many as an image file may have


def windows_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find crops together with windows at the images' own resolution."""
    if config.inference == "windows" and config.crops.count > 1:
        message = (
            "with crops the network has learned windows of an image that is brought to one size, so images are "
            "predicted in these too, and not in windows of their own resolution."
        )
        yield Problem("inference-crops", message, ("inference",), "Remove inference, or remove crops.")


def canvas_problems(config: ExperimentConfig) -> Iterator[Problem]:
    """Find crops whose canvas is larger than any image that is read."""
    height, width = canvas_of(config.shape[:2], config.crops)
    if config.crops.count > 1 and height * width > MOST_PIXELS:
        message = f"crops bring every image to {height} x {width} pixels; at most {MOST_PIXELS} are held."
        yield Problem("crops-canvas", message, ("crops",), "Write fewer crops, or a smaller shape.")
