"""What tests of exported networks share: weights of any network with their sidecar, and what they should give."""

import json

import numpy as np

from segcore.catalog.encoders import rule_of
from segcore.keys import key, network_parts
from segcore.ledger import Result
from segcore.network import NetworkSpec
from segshell import checkpoints, files, networks
from segshell.folder import Folder


def spec_of(architecture, backbone, classes=1, activation="sigmoid", shape=(64, 64, 3), **options):
    """Return a network whose statistics of batches follow fast."""
    given = tuple(sorted(options.items()))
    return NetworkSpec(
        architecture, backbone, given, classes, activation, shape, rule_of(backbone), batchnorm_momentum=0.5
    )


def pixels_of(spec, count=3, seed=0):
    """Return images of rough shapes, uint8 (n,h,w,c): no flip of one is the same again."""
    random = np.random.default_rng(seed)
    height, width, channels = spec.shape
    coarse = random.integers(0, 200, (count, -(-height // 8), -(-width // 8), channels))
    rough = np.kron(coarse, np.ones((1, 8, 8, 1), int))[:, :height, :width]
    return (rough + random.integers(0, 56, rough.shape)).astype(np.uint8)


def settled(spec, fold, builders):
    """Return a network of a fold's initial weights, whose moving statistics are those of images.

    With those that it begins with, its sums grow from layer to layer, and with them all errors of rounding.
    """
    model = networks.build(spec, builders)
    for variable, value in zip(
        model.variables, networks.initial_variables(spec, 5, fold, builders), strict=True
    ):
        variable.assign(value)
    for seed in range(4):
        model(pixels_of(spec, seed=seed), training=True)
    return model


def keep(model, spec, folder, fold):
    """Write a network's weights with a sidecar as training does, and return their file."""
    place = Folder(folder, "config.yaml")
    weights = place.weights(fold, 0)
    checkpoints.write_weights(model, weights)
    parts = (*network_parts(spec, None), ("primary_metric", "val_loss min"))
    row = (("val_loss", 1.0),)
    digest = files.sha256(weights)
    told = Result(fold, 0, key(parts), parts, "config.yaml", digest, 1, 1, row, row)
    text = json.dumps(checkpoints.converter().unstructure(told))
    place.sidecar(fold, 0).write_text(text, encoding="utf-8")
    return weights


def by_hand(models, pixels, *, flips, shares=None):
    """Return the mean of some models (and of the four flips) of pixels, in numpy."""
    shares = [1 / len(models)] * len(models) if shares is None else shares
    turns = [(), (1,), (2,), (1, 2)] if flips else [()]
    total = 0.0
    for axes in turns:
        seen = np.ascontiguousarray(np.flip(pixels, axes))
        for model, share in zip(models, shares, strict=True):
            total = total + share * np.flip(np.asarray(model(seen)), axes)
    return total / len(turns)
