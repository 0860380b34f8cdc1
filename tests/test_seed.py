"""The code and the configs of the first description of this system run as they were written.

What a reader has to replace is in the tables `CODE` and `CONFIG`, and nowhere else.
"""

from itertools import combinations, pairwise

import keras
import numpy as np
import pandas as pd
import pytest
from attrs import frozen
from scipy import ndimage
from skimage.morphology import binary_opening, disk

from segcore.metrics import f2
from segcore.rle import rle_decode
from segshell.datasets import SimplePNGMaskDataSet
from segshell.segmentation import parse
from tests.seed_texts import ENSEMBLE, EVALUATION, FIVE_LINES, PREDICTION, STAGES, YAML
from tests.shell.pictures import save
from tests.shell.small import BUILDERS, CATALOG, NEGATIVES, history, picture

# (as it was written, as it is run, why)
CODE = (
    (
        "from segmentation_pipeline.impl.datasets import SimplePNGMaskDataSet",
        "from segshell.datasets import SimplePNGMaskDataSet",
        "the package has another name",
    ),
    ("from segmentation_pipeline import  segmentation", "from segshell import segmentation", "the same"),
    (
        "from segmentation_pipeline.impl.rle import rle_encode",
        "from segcore.rle import rle_encode",
        "the same",
    ),
    ("D:/pics/", "pics/", "the test's own folder"),
    ("D:/images_to_segment", "images_to_segment", "the test's own folder"),
    ("predictions = [],images = []", "predictions, images = [], []", "as it stands it is no Python"),
)
CONFIG = (
    ("architecture: DeepLabV3", "architecture: Unet", "built in seconds; DeepLabV3 has tests of its own"),
    ("encoder_weights: pascal_voc", "encoder_weights: null", "tests download nothing"),
    ("shape: [320, 320, 3]", "shape: [32, 32, 3]", "seconds instead of hours"),
    ("batch: 16", "batch: 4", "as many steps with fewer pictures"),
    ("epochs: 100", "epochs: 1", "seconds instead of hours"),
    ("epochs: 6", "epochs: 1", "seconds instead of hours"),
)
# What the text leaves to its reader: `np`, `disk`, `binary_opening`, `total`, and these two imports.
EVALUATION_IMPORTS = "from segcore import rle\nfrom segcore.metrics import f2\n"

SIZES = {"x.1.png": (40, 48), "y.png": (32, 32), "z.jpg": (64, 20)}


def replaced(text, table):
    for old, new, _reason in table:
        text = text.replace(old, new)
    return text


def run(code, **names):
    """Run a piece of code and return the names that it leaves."""
    exec(compile(replaced(code, CODE), "<seed>", "exec"), names)  # noqa: S102 - running it is the test
    return names


def write_data(folder):
    for number, name in enumerate([f"p{number}" for number in range(8)] + list(NEGATIVES)):
        image, mask = picture(number, not name.startswith("n"), (40, 48))
        save(folder / "pics" / "train" / f"{name}.jpg", image, quality=95)
        save(folder / "pics" / "train_mask" / f"{name}.png", mask.astype(np.uint8) * 255)
    for number, (name, size) in enumerate(SIZES.items()):
        save(folder / "images_to_segment" / name, picture(number, positive=True, size=size)[0])


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Give a folder with the data and the config, in which the five lines have run."""
    folder = tmp_path_factory.mktemp("seed")
    write_data(folder)
    (folder / "config.yaml").write_text(replaced(YAML, CONFIG))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run(FIVE_LINES)
    return folder


@pytest.fixture
def here(home, monkeypatch):
    monkeypatch.chdir(home)
    return home


@pytest.fixture(scope="module")
def predicted(home):
    """Give the names that the prediction script leaves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        return run(PREDICTION)


def maps(folds):
    found = {}
    parse("config.yaml").predict_in_directory(
        "images_to_segment", folds, lambda name, img, data: data.update({name: img.arr}), found
    )
    return found


def test_every_substitution_is_needed():
    code, config = FIVE_LINES + PREDICTION + ENSEMBLE + EVALUATION, YAML + STAGES
    assert [old for old, _, _ in CODE if old not in code] == []
    assert [old for old, _, _ in CONFIG if old not in config] == []


def test_five_lines_train_five_folds_beside_the_config(home):
    names = {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}
    for fold in range(5):
        assert f"weights/best-{fold}.0.weights.h5" in names
        assert f"metrics/metrics-{fold}.0.csv" in names
        assert f"examples/0/{fold}/t_epoch_1.0.jpg" in names
    cfg = parse(home / "config.yaml")
    found = {one["fold"]: one for one in cfg.info()}
    assert {(one["metric"], one["mode"]) for one in found.values()} == {("val_binary_accuracy", "max")}
    for fold in range(5):
        (row,) = history(cfg, fold, 0)
        assert found[fold]["value"] == row["val_binary_accuracy"]
        assert {"loss", "iou", "val_loss", "val_iou", "lr"} <= set(row)


def test_the_second_time_nothing_is_left_to_do(here):
    names = run(FIVE_LINES)
    assert names["cfg"].fit(names["ds"]) == ()


def test_predictions_of_a_directory_end_in_a_csv(here, predicted):
    """The ids are cut at the first dot by the script itself; every text decodes to the image's own size."""
    assert predicted["images"] == ["x", "y", "z"]
    stored = pd.read_csv("baseline_submission.csv", dtype=str, keep_default_na=False)
    assert list(stored["image"]) == predicted["images"]
    assert list(stored["rle_mask"]) == predicted["predictions"]
    for text, (name, size), arr in zip(stored["rle_mask"], SIZES.items(), maps(0).values(), strict=True):
        mask = rle_decode(text, shape=size).astype(bool)
        assert arr.shape == (*size, 1), name
        holes = ndimage.binary_fill_holes(arr[..., 0] > 0.25)
        assert not (mask & ~holes).any(), "small objects go, small holes are filled, nothing else is added"


def test_a_list_of_folds_is_predicted_and_flips_are_one_word_more(here):
    """Each gives other probabilities than the other, and than one fold alone."""

    def onPredict(file_name, img, data):  # noqa: N802 - the name of the call
        data["images"].append(file_name)
        data["pred"].append(img.arr.ravel())

    found = [np.concatenate([arr.ravel() for arr in maps(0).values()])]
    (single,) = (line for line in PREDICTION.splitlines() if line.startswith("cfg.predict_in_directory"))
    for code in (ENSEMBLE, single.replace("})", "}, ttflips=True)")):
        images, predictions = [], []
        run(code, cfg=parse("config.yaml"), onPredict=onPredict, images=images, predictions=predictions)
        assert images == list(SIZES)
        found.append(np.concatenate(predictions))
    for one, other in combinations(found, 2):
        assert np.abs(one - other).max() > 1e-5


@frozen
class Watched:
    """An experiment whose batches of evaluation are kept, so that they can be scored again."""

    cfg: object
    seen: list

    def evaluateAll(self, *given):  # noqa: N802 - the name of the call
        for batch in self.cfg.evaluateAll(*given):
            self.seen.append(batch)
            yield batch


def test_custom_evaluation_scores_every_threshold(here):
    """The same sum again, with SciPy's opening and components in place of run lengths."""
    names = run(FIVE_LINES)
    total = [0.0] * 20
    cfg = Watched(names["cfg"], [])
    given = {"cfg": cfg, "np": np, "disk": disk, "binary_opening": binary_opening, "total": total}
    run(EVALUATION_IMPORTS + EVALUATION, **{**names, **given})
    expected = [0.0] * 20
    assert sum(len(batch.data) for batch in cfg.seen) in (2, 3), "a fifth of twelve"
    for batch in cfg.seen:
        for identifier, predicted_map in zip(batch.data, batch.predicted_maps_aug, strict=True):
            truth = names["ds"].get_masks(identifier)
            for d in range(1, 20):
                opened = ndimage.binary_opening(
                    np.pad(predicted_map.arr[..., 0] > d / 20, 2, mode="edge"), disk(2)
                )
                labels, count = ndimage.label(opened[2:-2, 2:-2], np.ones((3, 3)))
                expected[d] += f2(truth, [labels == number for number in range(1, count + 1)])
    assert total == pytest.approx(expected)
    assert total[0] == 0


def test_a_model_of_a_fold_and_stage_is_keras_own(here):
    cfg, fold, stage = parse("config.yaml"), 3, 0
    model = cfg.load_model(fold, stage)
    assert isinstance(model, keras.Model)
    assert (model.input_shape, model.output_shape) == ((None, 32, 32, 3), (None, 32, 32, 1))


@pytest.mark.parametrize("architecture", ["Small", pytest.param("Unet", marks=pytest.mark.slow)])
def test_three_stages_run_with_negatives_a_rate_a_loss_and_weights_from_a_file(architecture, tmp_path):
    """The file is made as a user would make it, by an earlier experiment in that folder.

    Its weights are of fold 0, so that they have seen what the other folds are measured on: the plan says so.
    """
    write_data(tmp_path)
    common = replaced(YAML, (*CONFIG, ("architecture: Unet", f"architecture: {architecture}", "small")))
    common = common[: common.index("stages:")]
    (tmp_path / "fpn-resnext2").mkdir()
    (tmp_path / "fpn-resnext2" / "config.yaml").write_text(common + "stages: [{epochs: 1}, {epochs: 1}]\n")
    (tmp_path / "config.yaml").write_text(common + replaced(STAGES, CONFIG))
    ds = SimplePNGMaskDataSet(tmp_path / "pics" / "train", tmp_path / "pics" / "train_mask")
    parse(tmp_path / "fpn-resnext2" / "config.yaml", BUILDERS, CATALOG).fit(ds, foldsToExecute=[0])
    cfg = parse(tmp_path / "config.yaml", BUILDERS, CATALOG)
    results = cfg.fit(ds, foldsToExecute=[0])
    assert [(one.fold, one.stage) for one in results] == [(0, 0), (0, 1), (0, 2)]
    assert [history(cfg, 0, stage)[0]["lr"] for stage in range(3)] == pytest.approx([0.001, 1e-4, 1e-5])
    plan = cfg.prepare(ds).plan
    assert [plan.find(0, stage).training.count for stage in (0, 1)] == [
        0,
        len(plan.find(0, 1).training.negatives),
    ]
    assert [bool(plan.find(fold, 2).leaks) for fold in range(5)] == [False, True, True, True, True]
    assert all(one.trained_on for one in results)
    sizes = [len(one.trained_on) for one in results]
    assert all(before <= after for before, after in pairwise(sizes[:2]))
