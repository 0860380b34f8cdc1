"""What a shard was made with: everything that decides a mask tells shards apart, and nothing else does."""

import pytest
from attrs import evolve

from segcore.channels import Bands
from segcore.network import NetworkSpec
from segcore.post_processing import PostProcessing
from segcore.shard_records import Applied, ShardRecord, merge_findings, other_settings, parts_of
from segcore.sharding import Shard
from segcore.tiles import Crops, Framing
from segcore.values import Call

NETWORK = NetworkSpec("Unet", "resnet18", (), 1, "sigmoid", (64, 64, 3), "tf", 0.9)
APPLIED = Applied(NETWORK, Bands(3), Framing(), False, ((0, "a"), (1, "b")), None, 0.5)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"network": evolve(NETWORK, shape=(96, 64, 3))}, "shape"),
        ({"network": evolve(NETWORK, backbone="resnet34")}, "backbone"),
        ({"network": evolve(NETWORK, transforms=(Call("Invert", (("p", 1),)),))}, "transforms"),
        ({"bands": Bands(3, (2, 1, 0))}, "reading"),
        ({"framing": Framing(Crops(3))}, "crops"),
        ({"framing": Framing(at_own_size=True)}, "windows"),
        ({"flips": True}, "flips"),
        ({"weights": ((0, "a"), (1, "c"))}, "weights of fold 1"),
        ({"weights": ((0, "a"),)}, "weights of fold 1"),
        ({"network": evolve(NETWORK, preprocessing="torch")}, "preprocessing"),
        ({"shares": (0.25, 0.75)}, "shares of folds"),
        ({"threshold": 0.4}, "threshold"),
        ({"rules": (PostProcessing(0.5),)}, "rule 1, threshold"),
        ({"extensions": (("mine.py", "d"),)}, "extension mine.py"),
    ],
)
def test_whatever_decides_a_mask_is_told_by_its_name(change, told):
    other = evolve(APPLIED, **change)
    assert other_settings(parts_of(APPLIED), "", parts_of(other), "") == told
    assert other_settings(parts_of(other), "", parts_of(evolve(other)), "") == ""


def test_rules_differ_in_every_number():
    rule = PostProcessing(0.5, 0.25, 0.125, "share")
    mine = parts_of(evolve(APPLIED, rules=(rule,)))
    for change in ({"threshold": 0.4}, {"object_size": 0.0}, {"hole_size": 0.0}, {"unit": "pixels"}):
        other = parts_of(evolve(APPLIED, rules=(evolve(rule, **change),)))
        assert other_settings(mine, "", other, "") == "rule 1"


@pytest.mark.parametrize("change", [{"batchnorm_momentum": 0.5}, {"encoder_weights": "imagenet"}])
def test_how_weights_came_about_is_told_by_their_digest_alone(change):
    other = evolve(APPLIED, network=evolve(NETWORK, **change))
    assert parts_of(other) == parts_of(APPLIED)


@pytest.mark.parametrize(
    ("there", "wanted", "told"),
    [
        ("", "", ""),
        ("image by stem", "", ""),
        ("image by stem", "image by stem", ""),
        ("image by stem", "object by stem", "rows of the csv"),
        ("", "image by stem", "no rows for a csv"),
    ],
)
def test_rows_are_no_hindrance_where_none_are_wanted(there, wanted, told):
    parts = parts_of(APPLIED)
    assert other_settings(parts, there, parts, wanted) == told


def record(number, **changes):
    return evolve(ShardRecord(number, 3, parts_of(APPLIED), "", 5, f"d{number}"), **changes)


def findings(*records, wanted=APPLIED, table=""):
    found = {Shard(number, 3): one for number, one in enumerate(records, start=1)}
    return merge_findings(found, ("d1", "d2", "d3"), parts_of(wanted), table)


def test_complete_shards_of_the_same_settings_and_images_are_merged():
    assert findings(*map(record, (1, 2, 3))) == ()


def test_everything_that_hinders_a_merge_is_told_at_once():
    found = findings(
        None, record(2, digest="other"), record(3), wanted=evolve(APPLIED, flips=True), table="x"
    )
    assert [one.code for one in found] == [
        "shard-missing",
        "shard-settings",
        "shard-images",
        "shard-settings",
    ]
    assert "1 of 3 shards are not complete: 1/3." in found[0].message
    assert "shard 2/3 was made otherwise than is asked for now: flips, no rows for a csv." in found[1].message
    assert "shard 2/3 was made of other images" in found[2].message


def test_failed_images_are_not_done():
    assert record(1, failed=(("a", "broken"), ("b", "gone"))).done == 3
