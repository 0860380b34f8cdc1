"""The sidecar of an exported network: all that is needed to use it without this project, as JSON."""

import json
from collections.abc import Mapping
from typing import Any

from segcore.channels import LUMA, Bands
from segcore.exports import INPUT, OUTPUT, Agreement, Exported
from segcore.network import NetworkSpec
from segcore.parsing.dumping import plain
from segcore.tiles import WINDOW_OVERLAP, Framing, resized

VERSION = 1
_COLOURS = ("red", "green", "blue")
_RESIZE = (
    "averages over areas (OpenCV's INTER_AREA) where neither side grows, else linear with half-pixel centres "
    "(INTER_LINEAR), rounded to 8 bits"
)
_BACK = "linear with half-pixel centres, without smoothing (OpenCV's INTER_LINEAR)"
_WEIGHT = (
    "w(i) w(j) for row i and column j of a window, w(i) = max(0.001, exp(-0.5 ((i - (n - 1) / 2) / (n / 8))^2)) for "
    "a side of n; divided by the sum of the weights of all windows there"
)


def channel_names(bands: Bands) -> list[str]:
    """Return what each channel of the input is, in order."""
    if bands.word == "grey":
        return ["grey"] * bands.count
    if bands.word:
        return [*_COLOURS, "alpha"][: len(bands.word)]
    chosen = bands.channels if isinstance(bands.channels, tuple) else range(bands.count)
    return [f"band {one} of the file, counted from 0" for one in chosen]


def _reading(bands: Bands) -> str:
    grey = " + ".join(f"{weight:g} {name}" for weight, name in zip(LUMA, _COLOURS, strict=True))
    return {
        "rgb": "colours; a grey image is repeated, alpha is left out",
        "grey": f"{grey} of a colour image, rounded; alpha is left out",
        "rgba": "colours with alpha as it is stored",
    }.get(bands.word, "bands as the file stores them")


def _depth(bands: Bands) -> str:
    if bands.range is None:
        return "8 bits as they are; of 16 bits the high byte"
    low, high = bands.range
    return (
        f"8 bits as they are; others round((min(max(v, {low:g}), {high:g}) - {low:g}) 255 / {high - low:g})"
    )


def _framing(framing: Framing, network: NetworkSpec) -> dict[str, Any]:
    size = network.shape[:2]
    if framing.at_own_size:
        return {
            "kind": "windows",
            "resize": "no",
            "pad": "to at least the window, by reflection without the edge; the smaller half above and left",
            "window": list(size),
            "overlap": WINDOW_OVERLAP,
            "starts": "for a side of L and a window of n: g = ceil((L - n) / (n - ceil(n / 2))); "
            "floor((2 k (L - n) + g) / (2 g)) for k = 0 … g; 0 alone where L = n",
            "blend": _WEIGHT,
            "back": "the padding is cut off",
        }
    frame = resized((size[0], size[1]), framing.crops)
    whole = {"kind": "resize", "size": list(frame.grid.canvas), "resize": _RESIZE, "back": _BACK}
    if framing.crops.count == 1:
        return whole
    places = {"tops": list(frame.grid.tops), "lefts": list(frame.grid.lefts)}
    return {**whole, "kind": "crops", "window": list(size), **places, "blend": _WEIGHT}


def _masks(exported: Exported) -> dict[str, Any]:
    if not exported.rules:
        return {"rule": "the class of the largest probability; 0 is the background"}
    rules = [
        {
            "threshold": one.threshold,
            "hole_size": one.hole_size,
            "object_size": one.object_size,
            "unit": one.unit,
        }
        for one in exported.rules
    ]
    return {
        "rule": "probability above the threshold at the image's own size; then 4-connected holes smaller than "
        "hole_size that do not touch the edge are filled, then 8-connected objects smaller than object_size removed; "
        "sizes in pixels, or as a share of the image's pixels",
        "classes": rules,
        "chosen_by_tune": exported.is_tuned,
    }


def _graph(exported: Exported) -> dict[str, Any]:
    network = exported.network
    members = [
        {
            "fold": one.fold,
            "stage": one.stage,
            "share": one.share,
            "epoch": one.epoch,
            "key": one.key,
            "weights_sha256": one.weights,
        }
        for one in exported.members
    ]
    return {
        "architecture": network.architecture,
        "backbone": network.backbone,
        "input_rule": network.preprocessing,
        "activation": network.activation,
        "precision": "float32",
        "trained_in": network.precision,
        "averaged_over_flips": [one.name for one in exported.views],
        "averaged_over_weights": members,
    }


def _tensors(exported: Exported) -> dict[str, Any]:
    height, width, channels = exported.network.shape
    classes, names = exported.network.classes, exported.names
    return {
        "input": {
            "name": INPUT,
            "dtype": "uint8",
            "shape": [exported.batch, height, width, channels],
            "axes": ["image", "row", "column", "channel"],
            "values": "0 to 255, as they are: the input rule is in the network",
            "channels": channel_names(exported.bands),
        },
        "output": {
            "name": OUTPUT,
            "dtype": "float32",
            "shape": [exported.batch, height, width, classes],
            "axes": ["image", "row", "column", "class"],
            "values": "probabilities from 0 to 1, 1 over all classes"
            if exported.network.is_exclusive
            else "probabilities from 0 to 1",
            "classes": None if names is None else list(names),
        },
    }


def words(exported: Exported) -> str:
    """Return in one line what an exported network takes, holds and gives."""
    stages = {one.stage for one in exported.members}
    folds = [one.fold for one in exported.members]
    held = f"fold{'s' if len(folds) > 1 else ''} {', '.join(map(str, folds))} of stage {min(stages)}"
    equal = len({one.share for one in exported.members}) == 1
    shares = "" if equal else f" weighted {', '.join(f'{one.share:.3f}' for one in exported.members)}"
    flips = ", four flips" if len(exported.views) > 1 else ""
    height, width, channels = exported.network.shape
    size = f"{'b' if exported.batch is None else exported.batch},{height},{width}"
    tensors = f"uint8 ({size},{channels}) to float32 ({size},{exported.network.classes})"
    return f"{held}{shares}{flips}; {INPUT} {tensors} {OUTPUT}"


def card(exported: Exported) -> dict[str, Any]:
    """Return what is to be known of an exported network, of values that JSON has."""
    return {
        "version": VERSION,
        "format": exported.format.name,
        **_tensors(exported),
        "image": {
            "orientation": "upright, as EXIF says",
            "reading": _reading(exported.bands),
            "depth": _depth(exported.bands),
            "transforms": plain(exported.network.transforms),
            "framing": _framing(exported.framing, exported.network),
        },
        "masks": _masks(exported),
        "graph": _graph(exported),
    }


def sidecar_text(
    exported: Exported, agreement: Agreement, file: Mapping[str, Any], versions: Mapping[str, str]
) -> str:
    """Return the sidecar's text.

    Parameters
    ----------
    exported
        What the file holds.
    agreement
        How far it is from our own prediction.
    file
        Name, bytes and digest of the file.
    versions
        What it was made with.

    """
    checked = {
        "runtime": agreement.runtime,
        "shown": f"{agreement.count} {agreement.pixels}",
        "largest_difference": agreement.difference,
        "tolerance": agreement.tolerance,
    }
    whole = {**card(exported), "file": dict(file), "check": checked, "made_with": dict(versions)}
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
