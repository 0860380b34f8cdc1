"""What is proposed about unusual mask values reads them, and is what a config may hold."""

import re

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from segcore.mask_advice import FEW, of_binary, of_ids
from segcore.mask_rules import mask_rule
from segcore.raw_masks import VOID, labelled

LINE = re.compile(r"`((?:values|threshold|ignore): .*?)`")
several = st.lists(st.integers(0, 65535), min_size=1, max_size=2 * FEW)


def read(values, advice, classes):
    """Return the labels of some values, read as the line of an advice says."""
    arguments = yaml.safe_load(LINE.findall(advice)[-1])
    rule = mask_rule(arguments, classes, exclusive=classes > 1)
    return labelled(np.array([values], np.uint16), rule, "m")[0, :, 0].tolist()


@given(several)
def test_the_line_for_one_class_reads_every_value_and_the_lowest_is_background(values):
    """Few values are named one by one; of many, those above half the highest are the object."""
    labels = read(values, of_binary(np.array(values)), 1)
    if set(values) <= {0, 1, 255} and max(values) == 255 and 1 in values:
        assert labels == [VOID if value == 255 else value for value in values]
    elif len(set(values)) > FEW:
        assert labels == [int(value > max(values) // 2) for value in values]
    else:
        lowest = min(values) if len(set(values)) > 1 else 0
        assert labels == [int(value != lowest) for value in values]


def test_a_jpeg_needs_a_threshold_however_few_values_it_has():
    assert "`threshold: 127`" in of_binary(np.array([0, 1, 254, 255]), "masks/a.JPG")
    assert "`threshold: 127`" in of_binary(np.array([0, 1, 254, 255]), "masks/a.jpeg, channel 2")
    assert "`values: " in of_binary(np.array([0, 1, 254]), "masks/a.png")
    assert "PNG" in of_ids(np.array([0, 1, 5]), 3, "masks/a.jpg")
    assert LINE.search(of_ids(np.array([0, 1, 5]), 3, "masks/a.jpg")) is None


@given(st.lists(st.integers(0, 30), min_size=1, max_size=FEW), st.booleans(), st.integers(2, 6))
def test_the_line_for_ids_reads_every_value(ids, has_void, classes):
    """As many values as classes are the ids in their order, and 255 beside ids is what has none."""
    values = [*ids, 255] if has_void else ids
    labels = read(values, of_ids(np.array(values), classes), classes) if max(values) >= classes else ids
    assert all(label < classes or label == VOID for label in labels)
    kinds = sorted(set(values))
    if max(values) >= classes and len(kinds) <= classes and not has_void:
        assert labels == [kinds.index(value) for value in values]
    if has_void and max(ids) < classes:
        assert labels == [*ids, VOID]


@pytest.mark.parametrize("values", [[0.5, 1.0], [-1, 3], [1e9], []])
def test_values_that_no_config_can_name_are_to_be_saved_otherwise(values):
    for advice in (of_binary(np.array(values)), of_ids(np.array(values), 3)):
        assert advice.startswith("Save it as PNG")
        assert LINE.search(advice) is None
