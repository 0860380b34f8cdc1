"""Stored predictions: which are missing, what is refused by name, and a mean that holds one map at a time."""

import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcore.errors import ConfigError, DataError
from segshell.stored_predictions import classes_of, ensemble_of, images_of, mean_of
from tests.shell.pictures import save

SIZE = (6, 4)


@pytest.fixture
def stored(tmp_path):
    """Give a function that writes images and arrays, and returns the ensemble."""

    def write(names=("a", "b.1"), folders=("one", "two"), shape=(*SIZE, 2), weights=None):
        random = np.random.default_rng(3)
        for name in names:
            save(tmp_path / "in" / f"{name}.png", np.zeros((*shape[:2], 3), np.uint8))
            for folder in folders:
                (tmp_path / folder).mkdir(exist_ok=True)
                np.save(tmp_path / folder / f"{name}.npy", random.random(shape, dtype=np.float32))
        return ensemble_of(tmp_path / "in", [tmp_path / one for one in folders], weights)

    return write


def by_numpy(ensemble, stem):
    arrays = [np.load(folder / f"{stem}.npy").astype(np.float64) for folder in ensemble.folders]
    return np.average(arrays, axis=0, weights=ensemble.shares)


@pytest.mark.parametrize("stem", ["a", "b.1"])
def test_a_mean_is_numpys_average_of_the_files(stored, stem):
    """Only the last extension is cut off: a.1.jpg and a.2.jpg are two images."""
    ensemble = stored(weights=(1, 3))
    found = mean_of(ensemble, ensemble.source / f"{stem}.png")
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, by_numpy(ensemble, stem), atol=1e-6)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 60))
def test_the_size_of_a_band_changes_nothing(stored, band):
    """Bands are rows that are averaged together; a band is at least one row."""
    ensemble = stored(("a",))
    image = ensemble.source / "a.png"
    assert np.array_equal(mean_of(ensemble, image, band=band), mean_of(ensemble, image))


def test_a_folder_that_stands_there_twice_counts_twice(stored):
    ensemble = stored(("a",))
    one, two = ensemble.folders
    twice, weighted = (
        ensemble_of(ensemble.source, [one, two, two]),
        ensemble_of(ensemble.source, [one, two], [1, 2]),
    )
    image = ensemble.source / "a.png"
    np.testing.assert_allclose(mean_of(twice, image), mean_of(weighted, image), atol=1e-6)


def test_arrays_of_other_layouts_are_the_same_numbers(stored):
    ensemble = stored(("a",))
    expected = by_numpy(ensemble, "a")
    for folder, change in zip(
        ensemble.folders, (np.asfortranarray, lambda one: one.astype(">f4")), strict=True
    ):
        path = folder / "a.npy"
        np.save(path, change(np.load(path)))
    np.testing.assert_allclose(mean_of(ensemble, ensemble.source / "a.png"), expected, atol=1e-6)


def test_folders_that_are_not_there_are_named_at_once(stored, tmp_path):
    stored()
    with pytest.raises(DataError, match=r"gone.*\n.*away") as caught:
        ensemble_of(tmp_path / "in", [tmp_path / "gone", tmp_path / "one", tmp_path / "away"])
    assert [one.code for one in caught.value.findings] == ["folder-missing"] * 2
    with pytest.raises(ConfigError, match="3 weights for 2 folders"):
        ensemble_of(tmp_path / "in", [tmp_path / "one", tmp_path / "two"], [1, 2, 3])


def test_every_missing_array_is_told_by_folder_or_left_out(stored):
    ensemble = stored(("a", "b", "c"))
    one, two = ensemble.folders
    for path in (one / "b.npy", two / "b.npy", two / "c.npy"):
        path.unlink()
    (two / "c.npy").mkdir()
    with pytest.raises(DataError) as caught:
        images_of(ensemble, -1, keep_going=False)
    told = [one.message for one in caught.value.findings]
    assert told == [f"{one}: 1 file is missing: b.npy.", f"{two}: 2 files are missing: b.npy, c.npy."]
    chosen, failures = images_of(ensemble, -1, keep_going=True)
    assert [path.name for path in chosen] == ["a.png"]
    assert [failure.name for failure in failures] == ["b.png", "c.png"]
    assert images_of(ensemble, 1, keep_going=False) == ((ensemble.source / "a.png",), ())


def as_npy(array, **options):
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def zipped():
    file = io.BytesIO()
    np.savez(file, a=np.zeros((*SIZE, 2), np.float32))
    return file.getvalue()


SOUND = np.full((*SIZE, 2), 0.5, np.float32)
WRONG = {
    "a map on its side": (as_npy(SOUND.swapaxes(0, 1)), r"its shape is \(4, 6, 2\); \(6, 4, 2\) is needed"),
    "other classes": (as_npy(SOUND[..., :1]), r"its shape is \(6, 4, 1\)"),
    "no classes": (as_npy(SOUND[..., 0]), r"its shape is \(6, 4\)"),
    "doubles": (as_npy(SOUND.astype(np.float64)), "it holds float64; predictions are float32"),
    "pictures": (as_npy((SOUND * 255).astype(np.uint8)), "it holds uint8"),
    "NaN": (as_npy(np.where(np.arange(2) == 1, np.float32(np.nan), SOUND)), "NaN"),
    "logits": (as_npy(SOUND * -3), "values from -1.5 to 0"),
    "percent": (as_npy(SOUND * 100), "values from 0 to 50"),
    "objects": (as_npy(np.array([[["a"]]], object), allow_pickle=True), "no whole array"),
    "cut off": (as_npy(SOUND)[:-8], "no whole array"),
    "a head alone": (as_npy(SOUND)[:20], "no whole array"),
    "empty": (b"", "no whole array"),
    "text": (b"0.5, 0.5", "no whole array"),
    "an archive": (zipped(), "no whole array"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("member", [0, 1])
def test_an_array_that_is_no_prediction_is_named_with_the_reason(stored, name, member):
    ensemble = stored(("a",))
    content, told = WRONG[name]
    path = ensemble.folders[member] / "a.npy"
    path.write_bytes(content)
    with pytest.raises(DataError, match=told) as caught:
        mean_of(ensemble, ensemble.source / "a.png", 2)
    (finding,) = caught.value.findings
    assert finding.code == "ensemble-array"
    assert str(path) in finding.message


def test_the_classes_are_those_of_the_first_array_that_can_be_read(stored):
    ensemble = stored(("a", "b"))
    images = sorted(ensemble.source.iterdir())
    assert classes_of(ensemble, images) == 2
    (ensemble.folders[0] / "a.npy").write_bytes(b"")
    assert classes_of(ensemble, images) == 2
    assert classes_of(ensemble, images[:1]) is None


def test_one_map_is_held_whatever_the_number_of_members(stored):
    """A mean of 12 maps of 1 MiB each; without bands all of them would be in memory."""
    ensemble = stored(("a",), [f"member{number}" for number in range(12)], (512, 512, 1))
    image = ensemble.source / "a.png"
    tracemalloc.start()
    try:
        found = mean_of(ensemble, image, band=1 << 14)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 3 * found.nbytes
