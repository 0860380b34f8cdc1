import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.catalog.catalog import Catalog
from segcore.catalog.rows import Parameter, Row
from segcore.catalog.signatures import bare
from segcore.catalog.standard import STANDARD
from segcore.kinds import Number

SMALL = Catalog(
    signatures=(
        ("metric", ('iou(threshold: Number = 0.5) -> "max"', 'BinaryIoU() -> "max"')),
        ("loss", ("huber",)),
    ),
    refused=(("metric", "accuracy", "say which"),),
)

_offered = st.sampled_from(
    [(family, name) for family, _ in STANDARD.signatures for name in STANDARD.names(family)]
)


@st.composite
def _misspelt(draw):
    """Draw a name and the same name with one letter replaced, left out, added or swapped with the next."""
    family, name = draw(_offered)
    at = draw(st.integers(0, len(name) - 1))
    letter = draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    typo = draw(
        st.sampled_from(
            [
                name[:at] + letter + name[at + 1 :],
                name[:at] + name[at + 1 :],
                name[:at] + letter + name[at:],
                name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
            ]
        )
    )
    return family, name, typo


def _distance(one, other):
    """Return the Damerau-Levenshtein distance, straight from its recursive definition as a table."""
    table = {(i, 0): i for i in range(len(one) + 1)} | {(0, j): j for j in range(len(other) + 1)}
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            differs = one[i - 1] != other[j - 1]
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + differs)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(one), len(other)]


def test_names_keep_their_order_and_an_unknown_family_has_none():
    assert SMALL.names("metric") == ("iou", "BinaryIoU")
    assert SMALL.names("banana") == ()


def test_the_rows_of_a_family_are_those_of_its_names():
    for family, _ in STANDARD.signatures:
        names = STANDARD.names(family)[::9]
        assert STANDARD.rows(family)[::9] == tuple(STANDARD.find(family, name) for name in names)
    assert STANDARD.rows("unknown") == ()


def test_a_name_is_found_with_its_row():
    assert SMALL.find("metric", "IOU") == Row(
        "metric", "iou", (Parameter("threshold", Number(), 0.5),), "max"
    )


def test_a_name_of_another_family_is_not_found():
    assert SMALL.find("loss", "iou") is None


def test_only_the_line_that_matches_is_read():
    """A broken line does no harm until it is asked for."""
    broken = Catalog((("metric", ("good()", "broken(")),))
    assert broken.find("metric", "good") == Row("metric", "good")
    with pytest.raises(ValueError, match="no signature"):
        broken.find("metric", "broken")


@settings(deadline=None)
@given(_offered, st.data())
def test_case_and_underscores_do_not_matter(offered, data):
    family, name = offered
    other = "".join(
        data.draw(st.sampled_from([letter.upper(), letter.lower(), f"_{letter}", f"{letter}_"]))
        for letter in name
    )
    assert STANDARD.find(family, other) == STANDARD.find(family, name)
    assert STANDARD.find(family, name).name == name
    assert STANDARD.nearest(family, other)[0] == name


@settings(deadline=None)
@given(_misspelt())
def test_a_misspelt_name_brings_up_the_right_one(case):
    """The right name is among the nearest, unless as many others are as near (resnet1 is near four)."""
    family, name, typo = case
    given_distance = _distance(bare(typo), bare(name))
    rivals = [
        one
        for one in STANDARD.names(family)
        if one != name and _distance(bare(typo), bare(one)) <= given_distance + 1
    ]
    nearest = STANDARD.nearest(family, typo)
    assert len(nearest) <= 3
    assert name in nearest or len(rivals) >= 3 or len(bare(typo)) < 3


def test_nothing_is_near_to_nonsense():
    assert STANDARD.nearest("optimizer", "qqqqqqqq") == ()


def test_a_refused_name_has_its_reason_whatever_its_case():
    assert SMALL.refusal("metric", "Accuracy") == "say which"
    assert SMALL.refusal("loss", "accuracy") is None
    assert SMALL.refusal("metric", "iou") is None


def test_more_names_make_another_catalog():
    larger = SMALL.with_lines("metric", ['ships(beta: Number = 2) -> "max"']).with_lines("planet", ["earth"])
    assert larger.names("metric") == ("iou", "BinaryIoU", "ships")
    assert larger.names("planet") == ("earth",)
    assert larger.names("loss") == ("huber",)
    assert SMALL.names("metric") == ("iou", "BinaryIoU")
    assert larger.refusal("metric", "accuracy") == "say which"


@pytest.mark.parametrize("lines", [["IO_U()"], ["a()", "A()"], ["ACC_uracy()"], ["a("]])
def test_a_name_that_is_taken_refused_repeated_or_broken_is_an_error(lines):
    with pytest.raises(ValueError, match=r"taken|refused|no signature"):
        SMALL.with_lines("metric", lines)


def test_a_catalog_is_a_value():
    assert hash(STANDARD) == hash(Catalog(STANDARD.signatures, STANDARD.refused))


def test_a_module_adds_names_of_several_families_and_its_digest():
    larger = SMALL.with_extension("mine", "abc", (("loss", ("soft", "hard")), ("callback", ("Wave",))))
    assert larger.names("loss") == ("huber", "soft", "hard")
    assert larger.names("callback") == ("Wave",)
    assert larger.extensions == (("mine", "abc"),)
    assert SMALL.extensions == ()


def test_the_order_of_modules_without_common_names_does_not_matter_to_their_digests():
    one, two = ("a", "1", (("loss", ("x",)),)), ("b", "2", (("loss", ("y",)),))
    assert (
        SMALL.with_extension(*two).with_extension(*one).extensions
        == SMALL.with_extension(*one).with_extension(*two).extensions
    )


def test_a_module_may_not_take_a_name_that_is_there():
    with pytest.raises(ValueError, match="taken"):
        SMALL.with_extension("mine", "abc", (("loss", ("Huber",)),))
