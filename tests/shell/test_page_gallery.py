"""The gallery: pictures of the data as it was scored, and a sentence for each image that is gone."""

import numpy as np
import pytest
from attrs import evolve

from segcore.gallery import picked
from segcore.page_scores import image_scores
from segcore.values import Integers
from segshell.page_gallery import gallery
from segshell.segmentation import parse
from tests.shell.page_experiments import CLASSES, DATA, EXCLUSIVE, IDS, TEXT, unseen, write_data
from tests.shell.pictures import save

PLENTY = 10**7


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("gallery")
    write_data(root / "data")
    return root


def prepared(folder, text=""):
    where = folder / "all" / "one"
    where.mkdir(parents=True, exist_ok=True)
    (where / "config.yaml").write_text(TEXT + (text or DATA % "masks"))
    return parse(where / "config.yaml").prepare()


def shown(records, ready, most=PLENTY, each=2):
    return gallery(picked(image_scores(records), each), records, ready, most)


def test_pictures_are_those_that_were_scored(folder):
    found = shown((unseen(0, 1, 0.4), unseen(1, 1, 0.4)), prepared(folder))
    assert found.fault == ""
    assert [one.pick.kind for one in found.shots] == ["worst"] * 2 + ["median"] * 2 + ["best"] * 2
    assert {one.note for one in found.shots} == {""}
    assert {(one.height, one.width) for one in found.shots} == {(32, 64)}
    assert [one.name for one in found.classes] == ["mask"]


def test_classes_are_named_in_the_legend(folder):
    ready = prepared(folder, DATA % "classes" + EXCLUSIVE)
    found = shown((unseen(0, 3, 0.4),), ready)
    assert (found.fault, {one.note for one in found.shots}) == ("", {""})
    assert [one.name for one in found.classes] == list(CLASSES[1:])


def test_images_that_are_gone_and_masks_that_changed_are_told(folder, tmp_path):
    write_data(tmp_path / "data")
    gone, changed = IDS[0], IDS[2]
    for part in ("images", "masks"):
        (tmp_path / "data" / part / f"{gone}.png").unlink()
    save(tmp_path / "data" / "masks" / f"{changed}.png", np.full((32, 64), 255, np.uint8))
    found = shown((unseen(0, 1, 0.4),), prepared(tmp_path), each=9)
    assert f"{gone} is not in the data set any more" in found.fault
    assert {one.pick.score.id for one in found.shots if one.note} == {changed}
    assert len(found.shots) == len(unseen(0, 1, 0.4).ids) - 1


def test_a_config_with_other_classes_or_stages_than_scored_shows_nothing(folder):
    ready = prepared(folder)
    for record in (unseen(0, 3, 0.4), unseen(0, 1, 0.4, stage=7)):
        found = shown((record,), ready)
        assert found.shots == ()
        assert "other classes or stages" in found.fault


def test_a_record_is_shown_at_the_size_at_which_it_was_scored(folder):
    ready = prepared(folder)
    larger = evolve(unseen(0, 1, 0.4), sizes=Integers(np.full((len(IDS) // 2, 2), (64, 64))))
    assert {(one.height, one.width) for one in shown((larger,), ready).shots} == {(64, 64)}


def test_what_would_be_too_large_is_left_out_and_told(folder):
    records, ready = (unseen(0, 1, 0.4),), prepared(folder)
    room = sum(one.size for one in shown(records, ready).shots[:2])
    found = shown(records, ready, room)
    assert (len(found.shots), found.size) == (2, room)
    assert "too large" in found.fault
    assert gallery((), records, ready, PLENTY).shots == ()
