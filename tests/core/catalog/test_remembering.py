"""A catalog that remembers answers as the one that it was made of."""

from hypothesis import given
from hypothesis import strategies as st

from segcore.catalog.remembering import remembering
from segcore.catalog.standard import STANDARD
from segcore.parsing.experiment import parse
from segcore.values import Call, Range

FAMILIES = tuple(family for family, _ in STANDARD.signatures)


@given(st.lists(st.tuples(st.sampled_from(FAMILIES), st.text(max_size=5) | st.integers(0, 200)), max_size=6))
def test_every_name_has_the_row_that_the_catalog_itself_gives(asked):
    known = remembering(STANDARD)
    for family, name in asked:
        names = STANDARD.names(family)
        given_name = names[name % len(names)].upper() if isinstance(name, int) else name
        for _ in range(2):
            assert known.find(family, given_name) == STANDARD.find(family, given_name)
    assert (known.names("loss"), known.refused) == (STANDARD.names("loss"), STANDARD.refused)


def test_a_row_is_read_once_and_no_other_catalog_knows_of_it():
    first, second = remembering(STANDARD), remembering(STANDARD)
    assert first.find("metric", "iou") is first.find("metric", "iou")
    assert first.find("metric", "iou") is not second.find("metric", "iou")


def test_it_can_be_enlarged_like_any_other_and_keeps_its_names():
    """A name that was unknown before must not stay unknown."""
    known = remembering(STANDARD)
    assert known.find("loss", "mine") is None
    assert known.with_lines("loss", ["mine"]).find("loss", "mine").name == "mine"


def test_equal_values_of_one_type_become_one_object():
    known = remembering(STANDARD)
    first, second = (Call("Affine", (("rotate", Range(-5.0, 5.0)),)) for _ in range(2))
    assert known.shared(first) is first
    assert known.shared(second) is first
    assert known.shared(Call("Affine")) == Call("Affine")
    # These are equal to one another, and only one of them is a flag.
    assert [type(known.shared(one)) for one in (1, True, 1.0)] == [int, bool, float]


def test_configs_that_are_read_with_one_catalog_share_their_parts_and_are_what_they_are_alone():
    head = "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nstages: [{epochs: 1}]\n"
    texts = [f"{head}augmentation: {{Fliplr: 0.25}}\nbatch: {batch}\n" for batch in (8, 9)]
    known = remembering(STANDARD)
    first, second = (parse(text, catalog=known) for text in texts)
    assert first.augmentation is second.augmentation
    assert (first, second) == tuple(map(parse, texts))


def test_who_remembers_already_is_given_back():
    known = remembering(STANDARD)
    assert remembering(known) is known
