"""`export`: a file that says what `predict` says, and refusals before any work."""

import io
import json
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from segcore.exports import SAVED_MODEL
from segcore.post_processing import PostProcessing
from segcore.tuned import Member, Tuned
from segshell import checkpoints, tuning
from segshell.export_formats import read
from segshell.segmentation import parse
from tests.shell.commands.calling import call
from tests.shell.pictures import save
from tests.shell.small import picture

NOISE = np.random.default_rng(3).integers(0, 256, (2, 48, 48, 3), dtype=np.uint8)


SERVE = """
import runpy, sys
served = runpy.run_path("serve.py")["server"](sys.argv[1], 0)
assert not {"segshell", "segcore", "tensorflow"} & {one.partition(".")[0] for one in sys.modules}
print(served.server_address[1], flush=True)
served.serve_forever()
"""


def script():
    """Return the server of the how-to."""
    page = (Path(__file__).parents[3] / "docs" / "export.md").read_text(encoding="utf-8")
    return page.partition("```python\n")[2].partition("```")[0]


@pytest.fixture(scope="module")
def written(by_command, tmp_path_factory):
    """Give an ONNX file of a fold and four flips, and what the command said."""
    output = tmp_path_factory.mktemp("written") / "a.onnx"
    words = "--format", "onnx", "--folds", "1", "--flips", "--output", output
    return output, call("export", by_command[0], *words)


def probabilities(path):
    return onnxruntime.InferenceSession(str(path)).run(["probabilities"], {"images": NOISE})[0]


def test_the_file_gives_what_predict_computes_and_the_words_say_what_it_is(by_command, written):
    output, said = written
    assert (said.code, said.err) == (0, "")
    first, second, third = said.out.splitlines()
    assert first.startswith(f"{output} (")
    assert first.endswith("described in a.onnx.json")
    assert second == (
        "fold 1 of stage 0, four flips; images uint8 (b,48,48,3) to float32 (b,48,48,1) probabilities"
    )
    assert third.startswith(
        f"onnxruntime {onnxruntime.__version__} on 4 images of the data set: largest difference "
    )
    expected = parse(by_command[0]).predictor([1], flips=True).predict(NOISE)
    np.testing.assert_allclose(probabilities(output), expected, atol=1e-5)


@pytest.fixture
def address(written, tmp_path):
    """Give the address of the how-to's server of that file, in a process without this project."""
    (tmp_path / "serve.py").write_text(script(), encoding="utf-8")
    words = [sys.executable, "-I", "-c", SERVE, str(written[0])]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.terminate()


def test_the_server_of_the_how_to_gives_the_masks_of_predict(by_command, written, tmp_path, request):
    """On images of the network's size, larger and smaller ones; but for what Pillow rounds otherwise."""
    experiment, maps = parse(by_command[0]), {}
    for number, size in enumerate([(48, 48), (150, 131), (30, 60)]):
        save(tmp_path / "in" / f"{number}.png", picture(number, positive=True, size=size)[0])
    fill = (lambda name, img, data: data.update({name: img.arr[..., 0]})), maps
    experiment.predict_in_directory(tmp_path / "in", [1], *fill, ttflips=True)
    threshold = float(np.median(maps["0.png"]))
    sidecar = written[0].with_name("a.onnx.json")
    told = json.loads(sidecar.read_text(encoding="utf-8"))
    told["masks"]["classes"][0]["threshold"] = threshold
    sidecar.write_text(json.dumps(told), encoding="utf-8")
    address = request.getfixturevalue("address")
    for name, expected in maps.items():
        with urllib.request.urlopen(address, (tmp_path / "in" / name).read_bytes()) as answer:  # noqa: S310
            mask = np.asarray(Image.open(io.BytesIO(answer.read())))
        assert mask.shape == expected.shape
        assert set(np.unique(mask)) == {0, 255}
        sure = np.abs(expected - threshold) > (1e-5 if name == "0.png" else 1e-3)
        assert sure.mean() > 0.5
        np.testing.assert_array_equal(mask[sure] > 0, expected[sure] > threshold)


def test_what_tune_chose_is_taken_unless_it_is_refused_or_of_other_weights(by_command, tmp_path):
    folder = tmp_path / "one"
    shutil.copytree(by_command[0].parent, folder)
    config, one = folder / by_command[0].name, parse(folder / by_command[0].name)
    results = [checkpoints.result_of(one.folder.weights(fold, 0)) for fold in (0, 1)]
    members = tuple(
        Member(fold, found.key, found.weights_digest, share)
        for fold, found, share in zip((0, 1), results, (0.0, 1.0), strict=True)
    )
    rules = (PostProcessing(0.3, 4, 2, "pixels"),)
    tuning.write(one.folder, Tuned(0, "iou", True, True, False, rules, members, "s", 12, 2, 0.5, 0.6, 0.7))
    said = call("export", config, "--format", "saved_model")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[1].startswith("fold 1 of stage 0, four flips; ")
    made = folder / "exports" / "folds-0-1-stage-0-flips"
    expected = one.predictor([1], flips=True).predict(NOISE)
    np.testing.assert_allclose(read(SAVED_MODEL, made)(NOISE), expected, atol=1e-6)
    told = json.loads((made.parent / f"{made.name}.json").read_text(encoding="utf-8"))["masks"]
    assert (told["classes"][0]["threshold"], told["chosen_by_tune"]) == (0.3, True)
    # What the name would be tells the flips, without the work.
    (folder / "exports" / "folds-0-1-stage-0").mkdir()
    untuned = call("export", config, "--format", "saved_model", "--untuned")
    assert (untuned.code, untuned.out) == (3, "")
    assert "folds-0-1-stage-0 would be overwritten" in untuned.err
    windows = call("export", config, "--format", "saved_model", "--windows")
    assert "is not used: it was chosen for images that are resized" in windows.err
    assert "folds-0-1-stage-0 would be overwritten" in windows.err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--format", "tflite"), 2, "invalid choice: 'tflite'"),
        ((), 2, "--format"),
        (("--format", "onnx", "--batch", "4"), 2, "onnx takes any number of images at a time"),
        (("--format", "litert", "--batch", "0"), 2, "expected a whole number from 1, got '0'"),
        (("--format", "litert", "--batch", "two"), 2, "expected a whole number from 1, got 'two'"),
        (("--format", "onnx", "--tolerance", "0"), 2, "expected a number above 0, got 0"),
        (("--format", "onnx", "--tolerance", "inf"), 2, "expected a number above 0, got inf"),
        (("--format", "onnx", "--tolerance", "much"), 2, "expected a number, got 'much'"),
        (("--format", "onnx", "--folds", "7"), 3, "folds are 0 to 1, got 7"),
        (("--format", "onnx", "--stage", "3"), 3, "got 3"),
        (("--format", "onnx", "--output", ""), 2, "expected a path, got an empty text"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anything_is_written(by_command, tmp_path, words, code, told):
    said = call("export", by_command[0], "--output", tmp_path / "a", *words)
    assert (said.code, said.out) == (code, "")
    assert told in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_fold_that_is_not_trained_is_told(by_command, tmp_path):
    shutil.copytree(by_command[0].parent, tmp_path / "one")
    (tmp_path / "one" / "weights" / "best-1.0.weights.h5").unlink()
    said = call("export", tmp_path / "one" / by_command[0].name, "--format", "litert")
    assert (said.code, said.out) == (5, "")
    assert "Train this fold and stage first" in said.err
    assert not (tmp_path / "one" / "exports").exists()


@pytest.mark.parametrize(
    ("form", "library"),
    [("onnx", "onnxruntime"), ("onnx", "tf2onnx"), ("litert", "ai_edge_litert.interpreter")],
)
def test_a_library_that_is_missing_is_named_before_any_work(by_command, tmp_path, monkeypatch, form, library):
    monkeypatch.setitem(sys.modules, library, None)
    said = call("export", by_command[0], "--format", form, "--output", tmp_path / "a")
    assert (said.code, said.out) == (2, "")
    shown = library.partition(".")[0].replace("_", "-")
    assert said.err.startswith(
        f"segshell export: {shown} is not installed. Install it: pip install 'segshell[export]'."
    )
    assert list(tmp_path.iterdir()) == []
