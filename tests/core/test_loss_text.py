import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.loss_text import LossTextError, Term, parse, write

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True)
weights = st.floats(min_value=0, exclude_min=True, allow_infinity=False, allow_nan=False)
sums = st.lists(
    st.builds(Term, weights, names), min_size=1, max_size=5, unique_by=lambda term: term.name
).map(tuple)
spaces = st.text(alphabet=" \t\n\u00a0", max_size=3)


@given(sums)
def test_what_is_written_is_read_back(terms):
    assert parse(write(terms)) == terms


@given(sums, st.data())
def test_white_space_between_the_parts_does_not_matter(terms, data):
    spaced = data.draw(spaces)
    for index, term in enumerate(terms):
        before, star, after = (data.draw(spaces) for _ in range(3))
        plus = "+" if index else ""
        spaced += f"{plus}{before}{term.weight!r}{star}*{after}{term.name}{data.draw(spaces)}"
    assert parse(spaced) == terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("dice_loss", ((1.0, "dice_loss"),)),
        ("binary_crossentropy+0.1*dice_loss", ((1.0, "binary_crossentropy"), (0.1, "dice_loss"))),
        ("0.5*a", ((0.5, "a"),)),
        ("1e-3*a + 2 * b", ((0.001, "a"), (2.0, "b"))),
        ("1e+3*a+.5*b+2.*c", ((1000.0, "a"), (0.5, "b"), (2.0, "c"))),
    ],
)
def test_a_sum_is_read_in_its_order(text, terms):
    assert parse(text) == tuple(Term(*term) for term in terms)


@pytest.mark.parametrize(
    ("text", "column", "word"),
    [
        ("", 0, "end of the text"),
        ("   ", 3, "end of the text"),
        ("a+", 2, "end of the text"),
        ("a + + b", 4, "'+'"),
        ("a*2", 1, "before its name"),
        ("0.5 a", 4, "'*'"),
        ("0.5", 3, "'*'"),
        ("0.5*", 4, "end of the text"),
        ("a b", 2, "'b'"),
        ("a-b", 1, "'-'"),
        ("-0.1*a", 0, "'-'"),
        ("a+0*b", 2, "above 0"),
        ("1e999*a", 0, "finite"),
        ("1e-999*a", 0, "above 0"),
        ("inf*a", 3, "before its name"),
        ("a+b + a", 6, "stands twice"),
        ("0.5*(a)", 4, "'('"),
        ("٣*a", 0, "'٣'"),
    ],
)
def test_a_fault_is_named_with_its_column(text, column, word):
    with pytest.raises(LossTextError) as caught:
        parse(text)
    assert (caught.value.column, word in caught.value.message) == (column, True)


@given(st.text(alphabet="ab0.e-+* \t(", max_size=20))
def test_any_text_is_a_sum_or_a_fault_inside_the_text(text):
    try:
        read, column = parse(text), 0
    except LossTextError as error:
        read, column = (Term(1.0, "placeholder"),), error.column
    assert 0 <= column <= len(text)
    assert parse(write(read)) == read


def test_the_error_survives_pickling():
    error = LossTextError("what is wrong", 3)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (copy.column, str(copy)) == (3, str(error))


@pytest.mark.parametrize("weight", [0.0, -1.0, float("inf"), float("nan")])
def test_a_term_refuses_a_weight_that_is_not_finite_and_positive(weight):
    with pytest.raises(ValueError, match="finite and above 0"):
        Term(weight, "a")


def test_a_term_refuses_a_name_that_could_not_be_read_back():
    with pytest.raises(ValueError, match="letters, digits"):
        Term(1.0, "a+b")


@pytest.mark.parametrize("terms", [(), (Term(1, "a"), Term(2, "a"))])
def test_only_what_can_be_read_back_is_written(terms):
    with pytest.raises(ValueError, match="different names"):
        write(terms)
