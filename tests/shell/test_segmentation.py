"""The face for scripts: fit, predict, evaluate, load; every call of the seed system's README."""

import numpy as np
import pytest
from attrs.exceptions import FrozenInstanceError
from PIL import Image

from segcore.errors import ConfigError, DataError
from segshell.checkpoints import WeightsError
from segshell.segmentation import parse
from tests.shell.pictures import save
from tests.shell.small import (
    BUILDERS,
    CATALOG,
    NEGATIVES,
    contents,
    copied,
    experiment,
    history,
    kept_row,
    own_data_set,
    picture,
    write_config,
)

BATCH = np.stack([picture(number, positive=True)[0] for number in range(3)])


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """Give a directory of three images, the first of the network's own size."""
    folder = tmp_path_factory.mktemp("directory")
    for name, size in (("a", (32, 32)), ("b", (20, 48)), ("c", (45, 30))):
        save(folder / f"{name}.png", picture(len(name), positive=True, size=size)[0])
    return folder


def collected(one, directory, fold, **options):
    """Return the predicted maps of a directory by file name."""
    found = {}
    one.predict_in_directory(
        directory, fold, lambda name, img, data: data.update({name: img.arr}), found, **options
    )
    return found


def pairs(one, other):
    assert list(one) == list(other)
    return zip(one.values(), other.values(), strict=True)


def test_a_data_set_of_a_script_is_all_that_a_fit_needs(tmp_path, capsys):
    """A length, items with bool masks, no folder: weights, metrics, pictures and a summary appear beside the config."""
    one = experiment(tmp_path / "one")
    results = one.fit(own_data_set(), foldsToExecute=1)
    assert [(result.fold, result.stage) for result in results] == [(1, 0), (1, 1)]
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("fold 1 stage 0 epoch") == 2
    assert {one.split("/")[0] for one in contents(tmp_path / "one")} >= {
        "weights",
        "metrics",
        "examples",
        "summary.yaml",
    }
    assert one.fit(own_data_set(), foldsToExecute=[1], start_from_stage=1) == ()
    (batch,) = one.evaluateAll(own_data_set(), 1)
    assert set(batch.data) <= {item.id for item in own_data_set().items}


def test_a_share_of_the_data_trains_on_fewer_samples(tmp_path, pictures):
    one = experiment(tmp_path / "one", pictures, stages=[{"epochs": 1}])
    (result,) = one.fit(subsample=0.5, foldsToExecute=[0])
    trained = [len(one.prepare(subsample=share).split.folds[0].training) for share in (0.5, 1.0)]
    assert len(result.trained_on) == trained[0] < trained[1]
    assert len(history(one, 0, 0)) == 1


@pytest.mark.parametrize("folds", [2, -1, [0, 2], []])
def test_folds_that_the_config_does_not_have_are_refused(trained, directory, folds):
    with pytest.raises(DataError, match="folds are 0 to 1"):
        collected(trained, directory, folds)
    with pytest.raises(DataError, match="folds are 0 to 1"):
        trained.fit(foldsToExecute=folds)


@pytest.mark.parametrize("stage", [2, -3])
def test_stages_that_the_config_does_not_have_are_refused(trained, stage):
    with pytest.raises(DataError, match="stages are 0, 1"):
        trained.load_model(0, stage)


def test_loaded_models_are_independent(trained):
    first, second = trained.load_model(0), trained.load_model(0)
    before = np.asarray(second(BATCH))
    np.testing.assert_array_equal(np.asarray(first(BATCH)), before)
    for weight in first.weights:
        weight.assign(weight * 0)
    np.testing.assert_array_equal(np.asarray(second(BATCH)), before)
    np.testing.assert_array_equal(np.asarray(trained.load_model(0)(BATCH)), before)


def test_a_stage_is_the_last_one_unless_it_is_named(trained):
    last, named, first = (trained.load_model(1, stage) for stage in (-1, 1, 0))
    np.testing.assert_array_equal(np.asarray(last(BATCH)), np.asarray(named(BATCH)))
    assert np.abs(np.asarray(last(BATCH)) - np.asarray(first(BATCH))).max() > 1e-4


def test_a_list_of_folds_loads_the_mean_of_their_models(trained):
    each = [np.asarray(trained.load_model(fold)(BATCH)) for fold in (0, 1)]
    together = np.asarray(trained.load_model([0, 1])(BATCH))
    assert (together.shape, together.dtype) == ((3, 32, 32, 1), np.float32)
    np.testing.assert_allclose(together, np.mean(each, axis=0), atol=1e-6)
    np.testing.assert_allclose(np.asarray(trained.load_model([0])(BATCH)), each[0], atol=1e-6)


def test_a_loaded_model_takes_pixels_and_gives_what_predicting_gives(trained, directory):
    image = np.asarray(Image.open(directory / "a.png"))
    by_hand = np.asarray(trained.load_model(0)(image[None]))[0]
    np.testing.assert_allclose(collected(trained, directory, 0)["a.png"], by_hand, atol=1e-6)


def test_images_come_in_the_order_of_their_names_at_their_own_size(trained, directory):
    found = collected(trained, directory, 0, batchSize=2)
    assert [(name, arr.shape) for name, arr in found.items()] == [
        ("a.png", (32, 32, 1)),
        ("b.png", (20, 48, 1)),
        ("c.png", (45, 30, 1)),
    ]
    assert list(collected(trained, directory, 0, limit=2)) == ["a.png", "b.png"]


def test_several_folds_are_the_mean_of_each(trained, directory):
    each = [collected(trained, directory, fold) for fold in (0, 1)]
    for together, *alone in zip(
        collected(trained, directory, [0, 1]).values(), each[0].values(), each[1].values(), strict=True
    ):
        np.testing.assert_allclose(together, np.mean(alone, axis=0), atol=1e-5)
        assert np.abs(alone[0] - alone[1]).max() > 1e-3


def test_flips_are_the_mean_of_four_views_by_hand(trained, directory):
    image = np.asarray(Image.open(directory / "a.png"))
    model = trained.load_model(0)
    views = [
        np.flip(np.asarray(model(np.flip(image, axes)[None]))[0], axes) for axes in ((), (1,), (0,), (0, 1))
    ]
    flipped = collected(trained, directory, 0, ttflips=True)["a.png"]
    np.testing.assert_allclose(flipped, np.mean(views, axis=0), atol=1e-6)
    assert np.abs(flipped - views[0]).max() > 1e-3


def test_an_earlier_stage_can_be_predicted_with(trained, directory):
    first, last = (collected(trained, directory, 0, stage=stage) for stage in (0, -1))
    assert any(not np.array_equal(one, other) for one, other in pairs(first, last))


def test_a_directory_is_written_as_pictures_or_arrays(trained, directory, tmp_path):
    found = collected(trained, directory, 0)
    assert trained.predict_to_directory(directory, tmp_path / "png", 0) == 3
    assert trained.predict_to_directory(directory, tmp_path / "npy", 0, binaryArray=True) == 3
    for name, arr in found.items():
        stem = name.removesuffix(".png")
        shown = np.asarray(Image.open(tmp_path / "png" / name))
        np.testing.assert_allclose(shown, arr[..., 0] * 255, atol=0.51)
        np.testing.assert_allclose(np.load(tmp_path / "npy" / f"{stem}.npy"), arr, atol=1e-6)


@pytest.mark.parametrize("name", ["images", "masks"])
def test_pictures_of_probabilities_do_not_replace_the_data_of_the_config(trained, directory, tmp_path, name):
    data = {"images": "images", "masks": {"cell": "masks/*.png"}}
    one = copied(trained, tmp_path / "one", extra_train_data=data)
    (tmp_path / "one" / name).mkdir()
    with pytest.raises(DataError, match="results would replace"):
        one.predict_to_directory(directory, tmp_path / "one" / name)
    assert list((tmp_path / "one" / name).iterdir()) == []


@pytest.mark.parametrize("fold", [0, 1])
def test_evaluation_shows_the_validation_part_of_a_fold_and_nothing_else(trained, pictures, fold):
    batches = list(trained.evaluateAll(None, fold, batchSize=4))
    prepared = trained.prepare()
    ids = [name for batch in batches for name in batch.data]
    assert ids == [prepared.table.ids[row] for row in prepared.split.folds[fold].validation]
    found = {}
    trained.predict_in_directory(
        pictures / "images", fold, lambda name, img, data: data.update({name: img.arr}), found
    )
    for batch in batches:
        assert (
            len(batch.images)
            == len(batch.segmentation_maps)
            == len(batch.predicted_maps_aug)
            == len(batch.data)
        )
        for name, image, truth, predicted in zip(
            batch.data, batch.images, batch.segmentation_maps, batch.predicted_maps_aug, strict=True
        ):
            np.testing.assert_array_equal(image, np.asarray(Image.open(pictures / "images" / f"{name}.png")))
            mask = np.asarray(Image.open(pictures / "masks" / f"{name}.png"))
            np.testing.assert_array_equal(truth.arr[..., 0] > 0, mask > 0)
            np.testing.assert_allclose(predicted.arr, found[f"{name}.png"], atol=1e-5)
            assert predicted.arr.dtype == np.float32


def test_evaluation_without_negatives_shows_positives_only(trained):
    ids = [name for batch in trained.evaluateAll(None, 0, negatives="none") for name in batch.data]
    assert ids
    assert not set(ids) & set(NEGATIVES)


def test_info_tells_the_kept_epoch_and_its_metric(trained, tmp_path):
    found = {(one["fold"], one["stage"]): one for one in trained.info()}
    assert set(found) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    for place, one in found.items():
        row = kept_row(trained, *place)
        assert (one["metric"], one["mode"], one["epochs"]) == ("val_iou", "max", 2)
        assert (one["epoch"], one["value"]) == (row["epoch"], row["val_iou"])
    assert experiment(tmp_path / "one").info() == []


def test_allowing_resume_changes_nothing(trained):
    before = (trained.config, contents(trained.folder.root))
    assert trained.setAllowResume(True) is None
    assert (trained.config, contents(trained.folder.root)) == before


def test_an_experiment_is_a_value(trained):
    assert parse(trained.folder.root / "config.yaml", BUILDERS, CATALOG) == trained
    with pytest.raises(FrozenInstanceError):
        trained.config = None
    assert len(repr(trained)) < 4000


def test_weights_of_another_network_name_both(trained, tmp_path, directory):
    mine = copied(trained, tmp_path / "mine", activation="linear", loss="lovasz_loss")
    for use in (lambda: mine.load_model(0), lambda: collected(mine, directory, [0, 1])):
        with pytest.raises(WeightsError, match=r"activation sigmoid, but this config has linear") as caught:
            use()
        assert caught.value.exit_code == 5


def test_an_untrained_fold_says_what_to_do(tmp_path, directory):
    with pytest.raises(WeightsError, match=r"best-0\.1\.weights\.h5.*run"):
        collected(experiment(tmp_path / "one"), directory, 0)


def test_a_config_that_cannot_be_read_is_a_config_error(tmp_path):
    with pytest.raises(ConfigError, match=r"gone\.yaml"):
        parse(tmp_path / "gone.yaml")


def test_paths_may_be_texts(tmp_path):
    path = write_config(tmp_path / "one")
    assert parse(str(path), BUILDERS, CATALOG).folder.root == (tmp_path / "one").resolve()
