"""Paths of a config start at its folder or at a home, and a home that nobody has is a finding everywhere."""

from pathlib import Path

import pytest

from segcore.errors import DataError
from segcore.parsing.experiment import parse
from segcore.values import Call
from segshell import background_folders, formats, gathering, preparing
from segshell.paths import path_in
from tests.shell.small import own_data_set

NOBODY = "~no-such-user-here/data"
TEXT = "architecture: Unet\nbackbone: resnet18\nencoder_weights: null\nshape: [32, 32, 3]\n"


def config(lines="", stage=""):
    return parse(f"{TEXT}{lines}stages: [{{epochs: 1{stage}}}]\n")


def test_a_path_is_relative_to_the_root_unless_it_begins_at_a_home_or_is_absolute(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert path_in(tmp_path, "a/b.csv") == tmp_path / "a" / "b.csv"
    assert path_in(tmp_path, "~/b.csv") == tmp_path / "home" / "b.csv"
    assert path_in(tmp_path, "/data/~") == Path("/data/~")


def test_the_finding_says_where_the_text_stands(tmp_path):
    with pytest.raises(DataError, match="no-such-user-here") as caught:
        path_in(tmp_path, NOBODY, ("groups", "csv"))
    (found,) = caught.value.findings
    assert (found.code, found.path) == ("unknown-home", ("groups", "csv"))


def dataset(name, **arguments):
    return lambda root: formats.dataset_from(Call(name, tuple(arguments.items())), root, 1, exclusive=False)


def grouped(root):
    given = config(f"groups: {{csv: {NOBODY}, column: name}}\n")
    return gathering.gathered(given, root, own_data_set())


def replaced(root):
    given = config(f"dataset_augmenter: {{BackgroundReplacer: {{path: {NOBODY}}}}}\n")
    return background_folders.known_folders(given, root)


def started(root):
    return preparing.known_weights(config(stage=f", initial_weights: {NOBODY}"), root)


@pytest.mark.parametrize(
    "use",
    [
        dataset("folders", images=NOBODY, masks="masks"),
        dataset("folders", images="images", masks=f"{NOBODY}/*.png"),
        dataset("coco", json=NOBODY, images="images"),
        dataset("coco", json="a.json", images=NOBODY),
        dataset("kaggle_rle", csv=NOBODY, images="images"),
        grouped,
        replaced,
        started,
    ],
    ids=["images", "masks", "json", "coco images", "csv", "groups", "backgrounds", "weights"],
)
def test_a_home_that_nobody_has_is_told_wherever_a_path_is_read(tmp_path, use):
    with pytest.raises(DataError, match="no-such-user-here") as caught:
        use(tmp_path)
    assert "unknown-home" in [one.code for one in caught.value.findings]
