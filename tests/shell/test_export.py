"""An export is what `predict` would say, described beside it, or it is not there."""

import json

import numpy as np
import pytest
from attrs import evolve

from segcore.errors import DataError
from segcore.exports import LITERT, ONNX, SAVED_MODEL
from segcore.post_processing import PostProcessing
from segcore.tuned import Member, Tuned
from segshell import checkpoints
from segshell.checkpoints import WeightsError
from segshell.export import Request, export, place
from segshell.export_formats import ExportError, read
from segshell.files import sha256
from tests.shell.small import claiming, copied

NOISE = np.random.default_rng(3).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)


def silent(text):
    """Refuse to be told anything."""
    raise AssertionError(text)


def left(folder):
    """Return what lies below a folder, but for what an experiment itself has."""
    return sorted(one.name for one in folder.iterdir()) if folder.exists() else []


@pytest.fixture(scope="module")
def one(trained, tmp_path_factory):
    """Give a trained experiment in a folder of its own."""
    return copied(trained, tmp_path_factory.mktemp("export") / "one")


@pytest.fixture(scope="module")
def tuned(one):
    """Give a choice for the weights of stage 1."""
    shares = {0: 0.2, 1: 0.8}
    results = {fold: checkpoints.result_of(one.folder.weights(fold, 1)) for fold in shares}
    members = tuple(
        Member(fold, found.key, found.weights_digest, shares[fold]) for fold, found in results.items()
    )
    rules = (PostProcessing(0.3, 4, 2, "pixels"),)
    return Tuned(1, "iou", True, True, False, rules, members, "s", 12, 2, 0.5, 0.6, 0.7)


@pytest.fixture(scope="module")
def written(one):
    return export(one, Request(LITERT, (0, 1), 1, flips=True, batch=2), silent)


def test_an_export_gives_what_the_predictor_gives(one, written):
    expected = one.predictor([0, 1], 1, flips=True).predict(NOISE)
    run = read(LITERT, written.path)
    found = np.concatenate([run(NOISE[:2]), run(NOISE[2:])])
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_it_lies_beside_the_config_with_its_sidecar_and_nothing_else(one, written):
    folder = one.folder.root / "exports"
    assert written.path == folder / "folds-0-1-stage-1-flips.tflite"
    assert left(folder) == ["folds-0-1-stage-1-flips.tflite", "folds-0-1-stage-1-flips.tflite.json"]
    assert written.size == written.path.stat().st_size


def test_the_sidecar_names_weights_file_and_check(one, written):
    told = json.loads(written.sidecar.read_text(encoding="utf-8"))
    results = [checkpoints.result_of(path) for path in one.weights([0, 1], 1)]
    weights = told["graph"]["averaged_over_weights"]
    assert [(found["fold"], found["stage"], found["share"], found["epoch"]) for found in weights] == [
        (0, 1, 0.5, results[0].epoch), (1, 1, 0.5, results[1].epoch)
    ]  # fmt: skip
    assert [(found["key"], found["weights_sha256"]) for found in weights] == [
        (found.key, found.weights_digest) for found in results
    ]
    assert told["file"] == {
        "name": written.path.name, "bytes": written.size, "sha256": sha256(written.path)
    }  # fmt: skip
    assert told["input"]["shape"] == [2, 32, 32, 3]
    assert told["check"]["shown"] == "4 images of the data set"
    assert (
        told["check"]["largest_difference"]
        == written.agreement.difference
        <= told["check"]["tolerance"]
        == 1e-3
    )
    assert {"tensorflow", "ai-edge-litert", "machine"} <= set(told["made_with"])


def test_what_tune_chose_is_in_the_graph_and_in_the_sidecar(one, tuned, tmp_path):
    output = tmp_path / "new" / "a.onnx"
    found = export(one, Request(ONNX, (0, 1), 1, tuned=tuned, output=output), silent)
    expected = one.predictor([0, 1], 1, flips=True).weighted((0.2, 0.8)).predict(NOISE)
    np.testing.assert_allclose(read(ONNX, output)(NOISE), expected, atol=1e-5)
    told = json.loads(found.sidecar.read_text(encoding="utf-8"))
    assert told["masks"]["classes"] == [
        {"threshold": 0.3, "object_size": 4, "hole_size": 2, "unit": "pixels"}
    ]
    assert [weights["share"] for weights in told["graph"]["averaged_over_weights"]] == [0.2, 0.8]
    # Where another fold is missing, the shares are not those of the choice.
    alone = export(one, Request(ONNX, (1,), 1, flips=False, tuned=tuned, output=tmp_path / "b.onnx"), silent)
    np.testing.assert_allclose(
        read(ONNX, alone.path)(NOISE), one.predictor([1], 1, flips=False).predict(NOISE), atol=1e-5
    )


def test_weights_without_a_share_are_left_out(one, tuned, tmp_path):
    members = tuple(evolve(found, share=float(found.fold)) for found in tuned.members)
    request = Request(SAVED_MODEL, (0, 1), 1, tuned=evolve(tuned, members=members), output=tmp_path / "a")
    found = export(one, request, silent)
    assert [(member.fold, member.share) for member in found.exported.members] == [(1, 1.0)]
    expected = one.predictor([1], 1, flips=True).predict(NOISE)
    np.testing.assert_allclose(read(SAVED_MODEL, found.path)(NOISE), expected, atol=1e-5)


def test_a_network_of_mixed_precision_leaves_in_float32(one, tmp_path):
    mixed = copied(one, tmp_path / "mixed", precision="mixed_bfloat16")
    found = export(mixed, Request(ONNX, (0,), 1, output=tmp_path / "a.onnx"), silent)
    plain = one.predictor([0], 1).predict(NOISE)
    assert np.abs(mixed.predictor([0], 1).predict(NOISE) - plain).max() > 1e-4
    np.testing.assert_allclose(read(ONNX, found.path)(NOISE), plain, atol=1e-5)
    told = json.loads(found.sidecar.read_text(encoding="utf-8"))["graph"]
    assert (told["precision"], told["trained_in"]) == ("float32", "mixed_bfloat16")


def test_a_file_that_gives_other_probabilities_is_not_kept(one, tmp_path):
    """Rounding alone is more than is allowed here."""
    request = Request(LITERT, (0, 1), 1, flips=True, output=tmp_path / "out" / "a.tflite", tolerance=1e-30)
    with pytest.raises(
        ExportError, match=r"a\.tflite was not written: ai-edge-litert .*more than 1e-30.*--tolerance"
    ):
        export(one, request, silent)
    assert left(tmp_path / "out") == []


@pytest.mark.parametrize("data", ["none", "missing", "given"])
def test_without_real_images_noise_is_shown_and_that_is_said(one, tmp_path, pictures, data):
    said = []
    keys = {
        "none": {"dataset": None},
        "missing": {"dataset": {"images": "gone", "masks": "gone"}},
        "given": {},
    }
    other = copied(one, tmp_path / "other", **keys[data])
    request = Request(LITERT, (0,), 1, output=tmp_path / "a.tflite")
    if data == "given":
        request = evolve(request, images=pictures / "images")
    found = export(other, request, said.append).agreement
    assert found.pixels == (f"images of {pictures / 'images'}" if data == "given" else "images of noise")
    assert [("gone" in text, "checked on noise" in text) for text in said] == (
        [(True, True)] if data == "missing" else []
    )


def test_images_that_are_named_and_cannot_be_read_are_an_error(one, tmp_path):
    request = Request(LITERT, (0,), 1, output=tmp_path / "a.tflite", images=tmp_path / "nowhere")
    with pytest.raises(DataError, match="nowhere"):
        export(one, request, silent)
    assert left(tmp_path) == []


def test_weights_that_are_missing_damaged_or_of_another_config_are_refused(one, tmp_path):
    request = Request(LITERT, (0, 1), 1, output=tmp_path / "out" / "a.tflite")
    gone = copied(one, tmp_path / "gone")
    gone.folder.weights(1, 1).unlink()
    damaged = copied(one, tmp_path / "damaged")
    with damaged.folder.weights(1, 1).open("ab") as file:
        file.write(b"x")
    other = claiming(one, tmp_path / "other", preprocessing="caffe")
    crops = copied(one, tmp_path / "crops", crops=2)
    faults = {
        gone: "no weights",
        damaged: "damaged or replaced",
        other: "trained with preprocessing",
        crops: "crops",
    }
    for experiment, message in faults.items():
        with pytest.raises(WeightsError, match=message):
            export(experiment, request, silent)
    assert left(tmp_path / "out") == []


def test_a_place_that_is_taken_is_refused_and_stays_as_it_was(one, tmp_path, pictures):
    target = tmp_path / "a.tflite"
    target.write_text("mine")
    with pytest.raises(DataError, match="would be overwritten"):
        export(one, Request(LITERT, (0,), 1, output=target), silent)
    assert target.read_text() == "mine"
    for inside in (pictures / "images" / "a.tflite", pictures / "masks" / "a.tflite"):
        with pytest.raises(DataError, match="table-over-input"):
            export(one, Request(LITERT, (0,), 1, output=inside), silent)
        assert not inside.exists()


@pytest.mark.parametrize(
    ("keys", "request_", "name"),
    [
        ({}, Request(ONNX, (1,), 0), "fold-1-stage-0.onnx"),
        ({"flipPred": True}, Request(SAVED_MODEL, (0, 1), 1), "folds-0-1-stage-1-flips"),
        ({"flipPred": True}, Request(LITERT, (0, 1), 1, flips=False), "folds-0-1-stage-1.tflite"),
    ],
)
def test_a_name_says_folds_stage_and_flips(one, tmp_path, keys, request_, name):
    other = copied(one, tmp_path / "other", **keys)
    assert place(other, request_) == other.folder.root / "exports" / name


def test_crops_are_told_and_checked_in_their_windows(one, tmp_path):
    other = claiming(one, tmp_path / "other", crops='{"count":2,"overlap":0.5}')
    other = evolve(other, config=evolve(other.config, crops=evolve(other.config.crops, count=2, overlap=0.5)))
    found = export(other, Request(LITERT, (0,), 1, output=tmp_path / "a.tflite"), silent)
    framing = json.loads(found.sidecar.read_text(encoding="utf-8"))["image"]["framing"]
    assert (framing["kind"], framing["size"], framing["tops"]) == ("crops", [48, 48], [0, 16])
