"""Every folder and file that a config reads from is known, however it is written; other texts are no places."""

import pytest
import yaml

from segcore.catalog.standard import STANDARD
from segcore.parsing.experiment import parse
from segshell.inputs import input_places
from tests.shell.pictures import empty_files

KEYS = {
    "architecture": "Unet",
    "backbone": "resnet18",
    "encoder_weights": None,
    "shape": [32, 32, 3],
    "stages": [{"epochs": 1}],
}


def places(root, catalog=STANDARD, **keys):
    """Return the places of a config, relative to its folder where they lie in it."""
    config = parse(yaml.safe_dump({**KEYS, **keys}), catalog=catalog)
    found = input_places(config, root, catalog)
    assert len(set(found)) == len(found)
    return {one.relative_to(root).as_posix() if one.is_relative_to(root) else str(one) for one in found}


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        ({"images": "i", "masks": "m", "missing_masks": "negative"}, {"i", "m"}),
        ({"images": ["i", "j"], "masks": ["m", "/n"], "negatives": "z"}, {"i", "j", "m", "/n", "z"}),
        ({"images": "i/*.jpg", "masks": "i/*_mask.*"}, {"i"}),
        ({"images": "i", "masks": {"cell": ["m", "n/*.png"]}}, {"i", "m", "n"}),
        (
            {"format": "kaggle_rle", "csv": "t/a.csv", "images": "i", "id": "Name", "categories": ["cell"]},
            {"t/a.csv", "i"},
        ),
        ({"format": "coco", "json": "a.json", "images": "i", "categories": ["cell"]}, {"a.json", "i"}),
    ],
)
@pytest.mark.parametrize("key", ["dataset", "extra_train_data"])
def test_every_path_of_a_data_set_is_a_place_and_nothing_else_is(tmp_path, key, dataset, expected):
    assert places(tmp_path, **{key: dataset}) == expected


def test_a_pattern_with_several_steps_gives_the_folders_of_its_files(tmp_path):
    """The folder before its first star holds none of them, and results may go there."""
    for scene in ("a", "b"):
        empty_files(tmp_path / "scenes" / scene, "image.png", "mask.png")
    (tmp_path / "scenes" / "other").mkdir()
    found = places(tmp_path, dataset={"images": "scenes/*/image.png", "masks": "scenes/*/mask.png"})
    assert found == {"scenes/a", "scenes/b"}


def test_folders_of_background_pictures_are_places_also_where_only_a_stage_names_them(tmp_path):
    first, second = ({"BackgroundReplacer": {"path": name}} for name in ("b", "c"))
    stages = [{"epochs": 1}, {"epochs": 1, "dataset_augmenter": second}]
    assert places(tmp_path, dataset_augmenter=first, stages=stages) == {"b", "c"}


def test_a_config_without_data_has_no_places_and_a_home_that_nobody_has_is_none(tmp_path):
    assert places(tmp_path) == set()
    assert places(tmp_path, dataset={"images": "~no-such-user-here/i", "masks": "m"}) == {"m"}


def test_paths_of_a_format_of_ones_own_are_those_that_its_line_calls_paths(tmp_path):
    catalog = STANDARD.with_lines(
        "dataset", ["mine(file: PathText, images: ListOf(PathText), tag: Text = 'a')"]
    )
    given = {"format": "mine", "file": "x.zarr", "images": ["i"], "tag": "t"}
    assert places(tmp_path, catalog, dataset=given) == {"x.zarr", "i"}
