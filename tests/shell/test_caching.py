"""Which cache a config asks for: the same samples with each, and memory where there can be no file."""

from functools import partial

import pytest
from attrs import evolve

from segcore.values import Call
from segshell.caching import GIB, Cacheable, kept, key_of
from segshell.combined import CompositeDataSet, with_extra
from segshell.datasets import FolderDataSet
from segshell.pixel_file import Layout
from segshell.pixels import Pixels
from tests.record_strategies import config_of
from tests.shell.pictures import data_set, noise, save
from tests.shell.synthetic import SHAPE, Synthetic, equal

CONFIG = config_of(shape=SHAPE)


def layout_of(rows):
    return Layout(rows, SHAPE, (*SHAPE[:2], 1))


def kept_of(dataset, transforms=(), **keys):
    layout = layout_of(len(dataset))
    return kept(
        evolve(CONFIG, **keys), dataset, layout, partial(key_of, dataset.table, transforms=transforms)
    )


def pixels_of(dataset, transforms=(), **keys):
    found = kept_of(dataset, transforms, **keys)
    pixels = Pixels(
        dataset, range(len(dataset)), SHAPE, budget=found.budget, file=found.file, transforms=transforms
    )
    return pixels, found


def every(pixels):
    return [pixels.get(row) for row in range(len(pixels.order))]


@pytest.fixture
def folder(tmp_path):
    return FolderDataSet(*data_set(tmp_path, {name: name < "c" for name in "abcde"}))


def test_samples_are_bit_for_bit_the_same_with_each_cache_first_and_later(folder):
    plain, told = pixels_of(folder, cache="off")
    assert (told.budget, told.file) == (0, None)
    truth = every(plain)
    for cache in ("memory", "disk", "disk"):  # the second one on disk reads what the first has written
        pixels, told = pixels_of(folder, cache=cache)
        assert (told.file is not None) == (cache == "disk")
        for _ in range(2):
            assert all(map(equal, every(pixels), truth))
        assert pixels.used == (0 if cache == "disk" else sum(a.nbytes + b.nbytes for a, b in truth))
    assert len(told.file) == 5
    assert f"5 of 5 there, {told.file.layout.size / 1000:.0f} kB of at most 21 GB" in told.note


def test_a_file_serves_who_has_no_pictures_any_more(folder):
    """What is kept is not decoded again: after the first one nobody opens the pictures."""
    first, _ = pixels_of(folder)
    truth = every(first)
    second, _ = pixels_of(folder)
    for path in folder.images.glob("*.jpg"):
        path.unlink()
    assert all(map(equal, every(second), truth))


def test_what_changed_since_it_was_listed_is_not_kept_under_its_old_name(folder):
    """Else who puts the old picture back would train on the new one."""
    pixels, told = pixels_of(folder)
    path = next(folder.images.glob("b.jpg"))
    before = path.read_bytes()
    save(path, noise(12, 16, 3, seed=9))
    changed = pixels.get(1)
    assert told.file.get(1) is None
    path.write_bytes(before)
    restored, _ = pixels_of(FolderDataSet(folder.images, folder.masks))
    assert not equal(restored.get(1), changed)


def test_another_content_reading_shape_or_transform_has_another_name(folder):
    invert = (Call("Invert", (("p", 1),)),)
    layout = layout_of(5)
    names = {
        key_of(folder.table, folder.reading, layout, ()),
        key_of(folder.table, folder.reading, layout_of(6), ()),
        key_of(folder.table, folder.reading, evolve(layout, mask=(*SHAPE[:2], 2)), ()),
        key_of(folder.table, folder.reading, layout, invert),
        key_of(folder.table, FolderDataSet(folder.images, folder.masks, 2).reading, layout, ()),
        key_of(folder.table, FolderDataSet(folder.images, folder.masks, channels=1).reading, layout, ()),
    }
    save(next(folder.images.glob("a.jpg")), noise(12, 16, 3, seed=7))
    names.add(key_of(FolderDataSet(folder.images, folder.masks).table, folder.reading, layout, ()))
    assert len(names) == 7


def test_a_bound_on_disk_leaves_the_rest_to_memory(folder):
    layout = layout_of(5)
    pixels, told = pixels_of(folder, cache_size=(layout.first + 2 * layout.stride) / GIB)
    truth = every(pixels_of(folder, cache="off")[0])
    assert all(map(equal, every(pixels), truth))
    assert len(told.file) == 2
    assert pixels.used > 0


def test_a_bound_in_memory_holds(folder):
    cost = SHAPE[0] * SHAPE[1] * 4
    pixels, told = pixels_of(folder, cache="memory", cache_size=2.5 * cost / GIB)
    every(pixels)
    assert pixels.used == 2 * cost
    assert told.note.startswith("cache     decoded samples in memory, at most")


class Unkept(FolderDataSet):
    def cache_folder(self):
        return next(self.images.glob("*.jpg")) / "kept"


def test_where_no_file_can_be_memory_is_taken_and_the_reason_told(folder):
    for dataset, size, word in (
        (Unkept(folder.images, folder.masks), None, "jpg/kept"),
        (folder, 1e-6, "cache_size"),
    ):
        pixels, found = pixels_of(dataset, cache_size=size)
        assert (found.file, found.budget) == (None, 2 * GIB if size is None else int(size * GIB))
        assert "in memory" in found.note
        assert word in found.note
        assert all(map(equal, every(pixels), every(pixels_of(folder, cache="off")[0])))


def test_what_is_no_folder_of_files_and_what_has_sizes_of_its_own_is_kept_in_memory(folder):
    def no_key(*_):
        raise AssertionError

    for dataset, layout in ((Synthetic(), layout_of(12)), (folder, None), (folder, layout_of(0))):
        found = kept(CONFIG, dataset, layout, no_key)
        assert (found.file, found.budget) == (None, 2 * GIB)
    assert not isinstance(Synthetic(), Cacheable)


def test_data_sets_together_are_kept_beside_the_first_if_all_are_folders(folder, tmp_path):
    (tmp_path / "more").mkdir()
    more = FolderDataSet(*data_set(tmp_path / "more", {"x": True, "y": False}))
    both = with_extra(folder, more)
    pixels = Pixels(both, range(7), SHAPE, file=kept_of(both).file)
    assert all(map(equal, every(pixels), every(Pixels(both, range(7), SHAPE, budget=0))))
    assert len(pixels.file) == 7
    assert pixels.file.path.parent == folder.derived_folder()
    assert both.reading != CompositeDataSet((folder, more)).reading
    mixed = CompositeDataSet((folder, [folder[0]]), ("", "z"))
    assert mixed.cache_folder() is None
    assert [mixed.is_unchanged(position) for position in (0, 5)] == [True, False]
