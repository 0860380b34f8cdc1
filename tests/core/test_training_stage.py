"""A stage as a record: what it replaces is a set, and a negative share is a word or a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore import config, training_stage
from segcore.training_stage import Stage
from tests.record_strategies import names


def test_the_stage_of_a_config_is_this_one():
    assert config.Stage is training_stage.Stage


@given(
    st.dictionaries(names, st.integers(), min_size=2).flatmap(lambda one: st.permutations(list(one.items())))
)
def test_replaced_keys_are_equal_in_any_order(pairs):
    """Equal records, and so equal hashes, whatever the order in the file."""
    one, other = Stage(1, overrides=tuple(pairs)), Stage(1, overrides=tuple(reversed(pairs)))
    assert one == other
    assert hash(one) == hash(other)
    assert dict(one.overrides) == dict(pairs)


def test_values_of_one_key_keep_their_order():
    """Pairs are ordered by name alone: values need no order among them."""
    pairs = (("lr", None), ("loss", "dice_loss"), ("batch", 2))
    assert Stage(1, overrides=pairs).overrides == (pairs[2], pairs[1], pairs[0])


@pytest.mark.parametrize("field", ["epochs", "overrides"])
def test_a_stage_does_not_change(field):
    with pytest.raises(AttributeError):
        setattr(Stage(1), field, 2)
