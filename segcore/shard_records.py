"""What a shard of a prediction was made with, and whether shards belong together."""

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from segcore.channels import Bands
from segcore.errors import Finding, listed
from segcore.keys import Parts, canonical, changed, extension_parts, network_parts, reading_parts
from segcore.network import NetworkSpec
from segcore.post_processing import PostProcessing
from segcore.sharding import Shard
from segcore.tiles import Framing

VERSION = 1
# What decided how the weights came about, and not what they compute.
_OF_TRAINING = frozenset({"batchnorm_momentum", "encoder_weights", "copyWeights"})


@frozen
class Applied:
    """How images become masks.

    Attributes
    ----------
    network, bands, framing, flips
        What is computed, from which channels, in which windows, over which views.
    weights
        Each fold with the digest of its weights.
    shares
        The weight of each fold in the mean; None where all count the same.
    threshold
        Probability above which a pixel is mask, where there are no rules.
    rules
        What makes the mask of each class, in place of the threshold.
    extensions
        Modules that the config imports, each with its digest.

    """

    network: NetworkSpec
    bands: Bands
    framing: Framing
    flips: bool
    weights: tuple[tuple[int, str], ...]
    shares: tuple[float, ...] | None
    threshold: float
    rules: tuple[PostProcessing, ...] | None = None
    extensions: Parts = ()


def parts_of(applied: Applied) -> Parts:
    """Return all that decides the masks of an image, by name, as texts that are equal for equal values."""
    network = (part for part in network_parts(applied.network, None) if part[0] not in _OF_TRAINING)
    decision = (
        (("threshold", repr(applied.threshold)),)
        if applied.rules is None
        else tuple((f"rule {at}", repr(one)) for at, one in enumerate(applied.rules, start=1))
    )
    return (
        *network,
        *reading_parts(applied.bands),
        ("crops", canonical(applied.framing.crops)),
        ("windows", str(applied.framing.at_own_size)),
        ("flips", str(applied.flips)),
        *((f"weights of fold {fold}", told) for fold, told in applied.weights),
        ("shares of folds", canonical(applied.shares)),
        *decision,
        *extension_parts(applied.extensions),
    )


@frozen
class ShardRecord:
    """What lies beside the masks of a complete shard.

    Attributes
    ----------
    number, count
        Which shard it is.
    settings
        As `parts_of`.
    table
        Style and names of its rows; empty for none.
    images, digest
        How many images it has, and their `segcore.sharding.digest`.
    failed
        Name and reason of those without results.
    predicted, seconds, images_per_second
        How many images the process that completed it has predicted, and how fast.
    versions
        Libraries and machine; recorded, and no part of the settings.
    version
        Of this record.

    """

    number: int
    count: int
    settings: Parts
    table: str
    images: int
    digest: str
    failed: tuple[tuple[str, str], ...] = ()
    predicted: int = 0
    seconds: float = 0.0
    images_per_second: float = 0.0
    versions: Parts = ()
    version: int = field(default=VERSION)

    @property
    def done(self) -> int:
        """How many images have results."""
        return self.images - len(self.failed)


def other_settings(settings: Parts, table: str, wanted: Parts, wanted_table: str) -> str:
    """Return what results were made with otherwise than is wanted now, in words; empty where nothing is.

    Rows of a csv are no hindrance where none are wanted.
    """
    names = list(changed(settings, wanted))
    if wanted_table and table != wanted_table:
        names.append("rows of the csv" if table else "no rows for a csv")
    return listed(names)


def merge_findings(
    found: Mapping[Shard, ShardRecord | None],
    digests: Sequence[str],
    wanted: Parts,
    table: str,
) -> tuple[Finding, ...]:
    """Return why shards cannot be merged: all of them have to be complete, of these settings and these images.

    Parameters
    ----------
    found
        Every shard, in order, with its record; None for one that is not complete.
    digests
        That of the images of each shard, as they are now.
    wanted, table
        Settings, and style and names of the rows; empty for no csv.

    """
    missing = [f"{one.number}/{one.count}" for one, record in found.items() if record is None]
    findings = []
    if missing:
        message = f"{len(missing)} of {len(found)} shards are not complete: {listed(missing)}."
        findings.append(Finding("shard-missing", message, advice="Predict them first: --shard."))
    for (shard, record), images in zip(found.items(), digests, strict=True):
        if record is None:
            continue
        name = f"shard {shard.number}/{shard.count}"
        if other := other_settings(record.settings, record.table, wanted, table):
            message = f"{name} was made otherwise than is asked for now: {other}."
            advice = "Give the arguments with which the shards were made, or make it again."
            findings.append(Finding("shard-settings", message, advice=advice))
        if record.digest != images:
            message = f"{name} was made of other images than the folder holds now, by name or size."
            advice = "Make it again; what stayed the same is kept."
            findings.append(Finding("shard-images", message, advice=advice))
    return tuple(findings)
