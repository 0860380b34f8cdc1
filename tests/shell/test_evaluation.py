"""Out-of-fold scores: the numbers of training, found again from the weights; and scikit-learn's, from the masks."""

import csv

import numpy as np
import pytest
from attrs import evolve
from PIL import Image
from sklearn.metrics import jaccard_score, precision_score, recall_score

from segcore import shape_metrics
from segcore.errors import DataError
from segcore.evaluating import SHAPES, ImageCounts
from segcore.metrics import f2
from segcore.rle import masks_as_images, multi_rle_encode
from segcore.scores import Counts, count
from segcore.shape_metrics import shape_counts
from segshell import evaluation
from segshell.checkpoints import WeightsError
from segshell.evaluation import evaluate, rows_for
from tests.shell.small import BUILDERS, NEGATIVES, Notes, copied, experiment, kept_row, train


@pytest.fixture(scope="module")
def prepared(trained):
    return trained.prepare()


def last_stage(prepared):
    return [run for run in prepared.plan.runs if run.stage == 1]


def scored(one, prepared, runs, at, **options):
    return evaluate(prepared, runs, one.folder, at, builders=BUILDERS, **options)


@pytest.fixture
def mine(trained, tmp_path):
    return copied(trained, tmp_path / "mine")


@pytest.mark.parametrize("stage", [0, 1])
def test_scores_at_the_networks_size_are_those_of_the_kept_epoch(mine, prepared, stage):
    """The metrics file holds what Keras counted in training; this is counted anew, in numpy, from the weights."""
    runs = [run for run in prepared.plan.runs if run.stage == stage]
    rows = scored(mine, prepared, runs, "network")
    assert [row.label for row in rows] == ["fold 0", "fold 1", "pooled"]
    for fold in (0, 1):
        kept, found = kept_row(mine, fold, stage), dict(rows[fold].scores)
        for name in ("iou", "iou_per_image", "dice", "binary_accuracy"):
            assert found[name] == pytest.approx(kept[f"val_{name}"], abs=1e-5)


@pytest.fixture(scope="module")
def at_source(trained, prepared, tmp_path_factory):
    """Give the scores at the images' own size, the folder of out-of-fold masks, and the scored experiment."""
    folder = tmp_path_factory.mktemp("at-source")
    mine = copied(trained, folder / "mine")
    return (
        scored(mine, prepared, last_stage(prepared), "source", masks=folder / "masks"),
        folder / "masks",
        mine,
    )


def pixels(path):
    return np.asarray(Image.open(path)) > 0


def flat(folder, ids):
    return np.concatenate([pixels(folder / f"{name}.png").ravel() for name in ids])


def test_scikit_learn_finds_the_same_scores_in_the_written_masks(at_source, pictures, prepared):
    """Per fold and pooled, from nothing but PNG files."""
    rows, masks, _ = at_source
    ids = [[prepared.table.ids[row] for row in run.validation_rows] for run in last_stage(prepared)]
    assert sorted(one.stem for one in masks.iterdir()) == sorted(ids[0] + ids[1])
    for row, names in zip(rows, (*ids, ids[0] + ids[1]), strict=True):
        truth, predicted = flat(pictures / "masks", names), flat(masks, names)
        found = dict(row.scores)
        assert row.images == len(names)
        assert found["iou"] == pytest.approx(jaccard_score(truth, predicted))
        assert found["precision"] == pytest.approx(precision_score(truth, predicted))
        assert found["recall"] == pytest.approx(recall_score(truth, predicted))
        assert found["binary_accuracy"] == pytest.approx((truth == predicted).mean())
        each = [
            jaccard_score(flat(pictures / "masks", [one]), flat(masks, [one]), zero_division=1.0)
            for one in names
        ]
        assert found["iou_per_image"] == pytest.approx(np.mean(each))


def test_the_file_of_images_holds_counts_and_scores_of_each(at_source, pictures):
    _, masks, mine = at_source
    with mine.folder.scores("source").open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert len(found) == 12
    for row in found:
        truth, predicted = pixels(pictures / "masks" / f"{row['id']}.png"), pixels(masks / f"{row['id']}.png")
        cells = [int(row[f"{name}_0"]) for name in ("tp", "fp", "fn", "tn")]
        counts = count(truth[..., None], predicted[..., None].astype(np.float32))
        assert cells == [counts.tp[0], counts.fp[0], counts.fn[0], counts.tn[0]]
        union = (truth | predicted).sum()
        assert float(row["iou"]) == pytest.approx((truth & predicted).sum() / union if union else 1.0)


def test_every_mask_comes_from_weights_that_did_not_see_its_image(at_source, trained, prepared, pictures):
    _, masks, _ = at_source
    for run in last_stage(prepared):
        assert not set(run.validation_rows) & set(run.trained_rows)
        found = {}
        trained.predict_in_directory(
            pictures / "images", run.fold, lambda name, img, data: data.update({name: img.arr}), found
        )
        for row in run.validation_rows:
            name = prepared.table.ids[row]
            shown = pixels(masks / f"{name}.png")
            assert (shown == (found[f"{name}.png"][..., 0] > 0.5)).mean() > 0.999


def test_shapes_are_those_of_the_written_masks(trained, prepared, pictures, tmp_path):
    """Counted anew from nothing but PNG files; the other columns are as without shapes."""
    mine = copied(trained, tmp_path / "mine")
    runs, masks = last_stage(prepared), tmp_path / "masks"
    plain = scored(mine, prepared, runs, "source")
    rows = scored(mine, prepared, runs, "source", masks=masks, shapes=True)
    assert [row.scores[: len(plain[0].scores)] for row in rows] == [row.scores for row in plain]
    names = [path.stem for path in masks.iterdir()]
    pairs = [
        [pixels(folder / f"{name}.png")[..., None] for folder in (pictures / "masks", masks)]
        for name in names
    ]
    counts, found = [shape_counts(*pair) for pair in pairs], dict(rows[-1].scores)
    for name in SHAPES:
        assert found[name] == pytest.approx(shape_metrics.score(name, counts))
    instances = [[masks_as_images(multi_rle_encode(one)) for one in pair] for pair in pairs]
    assert found["instance_f2_per_image"] == pytest.approx(np.mean([f2(*pair) for pair in instances]))


def test_flips_change_the_scores(mine, prepared):
    runs = last_stage(prepared)
    plain, flipped = (scored(mine, prepared, runs, "network", flips=flips) for flips in (False, True))
    assert plain != flipped


def test_folds_whose_start_may_have_seen_their_images_are_not_pooled(mine, prepared):
    first, second = last_stage(prepared)
    rows = scored(mine, prepared, [evolve(first, leaks=None), second], "network")
    pooled, clean = rows[-1], rows[1]
    assert (pooled.images, pooled.scores) == (clean.images, clean.scores)
    assert rows[0].leaks is None
    rows = scored(mine, prepared, [evolve(run, leaks=3) for run in (first, second)], "network")
    assert [row.label for row in rows] == ["fold 0", "fold 1"]


def test_nothing_trained_says_what_to_do(mine, prepared):
    with pytest.raises(DataError, match="Run it first"):
        scored(mine, prepared, [], "network")


@pytest.mark.parametrize(("negatives", "expected"), [("none", 0), ("real", 4), (0.25, None)])
def test_a_validation_part_takes_the_negatives_that_are_asked_for(prepared, negatives, expected):
    taken = 0
    for run in last_stage(prepared):
        rows = list(rows_for(prepared, run, negatives))
        assert rows == sorted(set(rows))
        part = set(prepared.split.folds[run.fold].validation)
        positives = part & set(prepared.table.positives)
        assert positives <= set(rows) <= part
        found = len(set(rows) - positives)
        taken += found
        if expected is None:
            assert found == min(len(part - positives), round(0.25 * len(positives)))
    assert expected in (None, taken)
    assert len(NEGATIVES) == 4


def test_batches_hold_images_truth_and_maps_of_one_size_in_order(trained, prepared):
    run = last_stage(prepared)[0]
    found = list(evaluation.batches(trained.predictor(0), prepared, run.validation_rows, 4))
    assert [len(batch.data) for batch in found] == [4, 2]
    names = [name for batch in found for name in batch.data]
    assert names == [prepared.table.ids[row] for row in run.validation_rows]


class Voided:
    """The same samples, of whose positives the right half does not count."""

    def __init__(self, inner):
        self.inner, self.ids = inner, inner.ids

    def __len__(self):
        return len(self.inner)

    def __getitem__(self, position, /):
        item = self.inner[position]
        return evolve(item, void=self.void(item.y) if item.id.startswith("p") else None)

    @staticmethod
    def void(mask):
        return np.broadcast_to(np.arange(mask.shape[1]) >= mask.shape[1] // 2, mask.shape[:2])


def test_void_is_no_object_of_a_batch_and_stands_beside_it(trained, prepared):
    """A script's ``arr > 0`` finds objects alone, and what is left to count stands in a list of its own."""
    run = last_stage(prepared)[0]
    voided = evolve(prepared, dataset=Voided(prepared.dataset))
    items = {one.id: one for one in prepared.dataset}
    (batch,) = evaluation.batches(trained.predictor(0), voided, run.validation_rows, 12)
    assert {name[0] for name in batch.data} == {"p", "n"}
    for name, truth, void in zip(batch.data, batch.segmentation_maps, batch.void_maps, strict=True):
        mask = items[name].y
        expected = Voided.void(mask) if name.startswith("p") else np.zeros(mask.shape[:2], np.bool_)
        assert void.dtype == np.bool_
        np.testing.assert_array_equal(void, expected)
        np.testing.assert_array_equal(truth.arr, np.where(expected[..., None], 0, mask))


@pytest.fixture(scope="module")
def cropped(tmp_path_factory, pictures, engines):
    """Give an experiment of one stage that is trained on four windows of each image, with every step it took."""
    notes = Notes()
    one = experiment(tmp_path_factory.mktemp("cropped"), pictures, crops=2, stages=[{"epochs": 2}])
    ready, _ = train(one, engines, progress=notes)
    return one, one.prepare(), notes.steps, ready


def test_crops_train_on_every_window_of_every_image(cropped):
    one, prepared, steps, _ = cropped
    for run in prepared.plan.runs:
        windows = 4 * (len(run.training.positives) + run.training.count)
        assert run.steps == -(-windows // 4)
        taken = [step for fold, _, epoch, step, _, _ in steps if (fold, epoch) == (run.fold, 1)]
        assert taken == list(range(1, run.steps + 1))
    assert len(list(one.folder.examples(0, 0).iterdir())) >= 1


def test_scores_of_crops_put_together_are_those_of_the_windows_in_training(cropped):
    """Pixels are counted one by one, so that it does not matter in which window a pixel stands."""
    one, prepared, _, _ = cropped
    rows = scored(one, prepared, prepared.plan.runs, "network")
    for fold in (0, 1):
        kept, found = kept_row(one, fold, 0), dict(rows[fold].scores)
        for name in ("iou", "dice", "binary_accuracy"):
            assert found[name] == pytest.approx(kept[f"val_{name}"], abs=1e-5)


def test_crops_are_scored_at_the_images_own_size_too(cropped, pictures, tmp_path):
    one, prepared, _, _ = cropped
    rows = scored(one, prepared, prepared.plan.runs, "source", masks=tmp_path / "masks")
    names = sorted(path.stem for path in (pictures / "masks").iterdir())
    truth, predicted = flat(pictures / "masks", names), flat(tmp_path / "masks", names)
    assert dict(rows[-1].scores)["iou"] == pytest.approx(jaccard_score(truth, predicted))


def test_weights_of_whole_images_are_not_used_for_crops(trained, tmp_path):
    """The config was changed after training: what it says now would be applied to weights that never saw it."""
    other = copied(trained, tmp_path / "other", crops=2)
    with pytest.raises(WeightsError, match="crops 1, but this config has 2"):
        other.predictor(0)


def test_windows_score_every_image_at_its_own_size_and_change_the_scores(mine, prepared, pictures, tmp_path):
    runs = last_stage(prepared)
    whole = scored(mine, prepared, runs, "source")
    rows = scored(mine, prepared, runs, "source", windows=True, masks=tmp_path / "masks")
    assert rows == scored(mine, prepared, runs, "network", windows=True)
    assert rows != whole
    names = sorted(path.stem for path in (pictures / "masks").iterdir())
    truth, predicted = flat(pictures / "masks", names), flat(tmp_path / "masks", names)
    assert dict(rows[-1].scores)["iou"] == pytest.approx(jaccard_score(truth, predicted))


def test_scores_of_an_image_without_anything_are_one():
    """Empty truth and empty prediction agree: 1, as documented, and not a division by zero."""
    from segcore.evaluating import measured, scores

    nothing = ImageCounts("a", 0, ((0.5, Counts((0,), (0,), (0,), (9,))),))
    assert dict(scores("a", [nothing], measured(())).scores)["iou"] == 1.0
