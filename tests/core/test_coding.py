"""Columns by number: equal values have one number, whether they are one object or not."""

from hypothesis import given
from hypothesis import strategies as st

from segcore.coding import by_identity, coded, is_constant
from segcore.values import Call, Range

calls = st.builds(
    lambda name, value: Call(name, (("p", value),)), st.sampled_from("ab"), st.sampled_from([1, 1.0, None])
)
columns = st.lists(
    st.none() | st.integers(0, 2) | st.booleans() | calls | st.builds(Range, st.just(0), st.just(1))
).map(tuple)


@given(columns)
def test_two_values_have_one_number_where_they_are_equal(values):
    found = coded(values)
    assert tuple(found.different[number] for number in found.numbers) == values
    assert len(set(found.different)) == len(found.different)
    assert list(dict.fromkeys(found.numbers)) == list(range(len(found.different)))


@given(columns)
def test_a_column_is_constant_where_it_has_one_value_at_most(values):
    assert is_constant(values) == (len(set(values)) <= 1)


@given(columns)
def test_objects_are_told_apart_by_identity(values):
    found = by_identity(values)
    assert all(found.different[number] is one for number, one in zip(found.numbers, values, strict=True))
    assert len({id(one) for one in found.different}) == len(found.different)
