"""Augmenters from outside stand beside imgaug's and not in them; backgrounds have the channels of images."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.channels import WORDS
from segcore.parsing.check_augmenters import background_problems, nesting_problems, replacer_problems
from segcore.parsing.problems import Setting
from segcore.values import Call
from tests.record_strategies import config_of

OWN = Call("Haze", (("strength", 0.5),))


def holding(*children, name="Sequential"):
    return Call(name, (("children", children),))


def replacer(*augmenters):
    return Call("BackgroundReplacer", (("path", "p"), ("augmenters", augmenters)))


def setting(replaced=frozenset(), **fields):
    return Setting(config_of(**fields), 0, replaced)


@given(st.integers(0, 4), st.integers(0, 3))
def test_an_augmenter_from_outside_is_found_at_any_depth_but_the_top(depth, position):
    call, path = OWN, ()
    for _ in range(depth):
        call, path = holding(*[Call("Fliplr")] * position, call), ("children", position, *path)
    found = list(nesting_problems(setting(augmentation=(Call("Add"), call))))
    assert [one.path for one in found] == ([("augmentation", 1, *path)] if depth else [])


def test_a_single_augmenter_is_found_as_a_list_of_them_is():
    call = Call("BlendAlpha", (("foreground", OWN), ("background", (OWN, Call("Add")))))
    found = [one.path for one in nesting_problems(setting(augmentation=(call,)))]
    assert found == [("augmentation", 0, "background", 0), ("augmentation", 0, "foreground")]


def test_what_an_augmenter_from_outside_holds_is_its_own_affair():
    call = Call("Haze", (("children", (holding(OWN), OWN)),))
    assert not list(nesting_problems(setting(augmentation=(call,))))


def test_the_augmenters_of_backgrounds_are_looked_at_where_the_stage_writes_them():
    call = replacer(OWN, holding(OWN, name="OneOf"))
    found = list(replacer_problems(setting(frozenset({"dataset_augmenter"}), dataset_augmenter=call)))
    expected = ("stages", 0, "dataset_augmenter", "augmenters", 1, "children", 0)
    assert [one.path for one in found] == [expected]
    assert not list(replacer_problems(setting(dataset_augmenter=replacer(OWN))))
    assert not list(replacer_problems(setting()))


def data_set(channels):
    return Call("folders", (("images", "i"), ("masks", "m"), ("channels", channels)))


@pytest.mark.parametrize("count", range(1, 17))
def test_backgrounds_need_as_many_channels_as_pictures_have(count):
    fields = {"shape": (64, 64, count), "dataset_augmenter": replacer()}
    assert bool(list(background_problems(setting(**fields)))) == (count not in {1, 3, 4})
    assert not list(background_problems(setting(**{**fields, "dataset_augmenter": None})))


@pytest.mark.parametrize("channels", [*WORDS, (0, 1, 2), (2, 1, 0), (7,)])
def test_a_word_for_channels_holds_for_pictures_too_and_positions_of_bands_do_not(channels):
    shape = (64, 64, len(channels) if isinstance(channels, tuple) else 4 if channels == "rgba" else 3)
    given = setting(shape=shape, dataset=data_set(channels), dataset_augmenter=replacer())
    assert bool(list(background_problems(given))) == isinstance(channels, tuple)


def test_grey_pictures_are_repeated_to_any_number_of_channels():
    given = setting(shape=(64, 64, 7), dataset=data_set("grey"), dataset_augmenter=replacer())
    assert not list(background_problems(given))
