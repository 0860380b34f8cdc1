"""Shards are disjoint, complete, balanced and in order; of an interrupted one only what still fits is kept."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.sharding import Piece, Shard, block, digest, parsed, standing

counts = st.integers(1, 60)


@given(st.integers(0, 500), counts)
def test_blocks_are_disjoint_complete_in_order_and_differ_by_one_image_at_most(images, count):
    blocks = [block(images, Shard(number, count)) for number in range(1, count + 1)]
    assert [place for one in blocks for place in one] == list(range(images))
    sizes = {len(one) for one in blocks}
    assert max(sizes) - min(sizes) <= 1


@given(counts, st.data())
def test_a_shard_is_read_as_people_write_it(count, data):
    number = data.draw(st.integers(1, count))
    assert parsed(f"{number}/{count}") == Shard(number, count)
    assert Shard(number, count).name == f"{number}-of-{count}"


@pytest.mark.parametrize(
    "text", ["0/3", "4/3", "3", "3/", "/3", "-1/3", "1/0", "1/3/4", " 1/3", "1.0/3", "٣/٤", ""]
)
def test_what_is_no_shard_is_refused_with_what_is_allowed(text):
    with pytest.raises(ValueError, match=r"3/8|numbered from 1"):
        parsed(text)


# --- Names and sizes ---------------------------------------------------------------------------------------

names = st.text(st.characters(exclude_characters="\0/"), min_size=1, max_size=4)
listings = st.lists(st.tuples(names, st.integers(-1, 9)), max_size=6).map(tuple)


@given(listings, listings)
def test_a_digest_tells_listings_apart(one, other):
    """The order counts, and so do sizes; names that are no text have one, too."""
    assert (digest(one) == digest(other)) == (one == other)


# --- What is left ------------------------------------------------------------------------------------------


def pieces_of(images, sizes):
    """Return the pieces of the first images, one after the other."""
    at, found = 0, []
    for size in sizes:
        found.append(Piece(at, size, digest(images[at : at + size]), 0))
        at += size
    return found


@st.composite
def shards(draw):
    """Draw the images of a shard, its pieces, and which of these are there."""
    sizes = draw(st.lists(st.integers(1, 5), max_size=8))
    images = tuple(
        (f"i{place:03}", draw(st.integers(0, 3))) for place in range(sum(sizes) + draw(st.integers(0, 4)))
    )
    pieces = pieces_of(images, sizes)
    return images, draw(st.lists(st.sampled_from(pieces), unique=True)) if pieces else []


def covered(found):
    kept = [place for one in found.kept for place in range(one.first, one.first + one.count)]
    return kept, [place for one in found.left for place in one]


@given(shards())
def test_every_image_is_either_kept_or_left_and_pieces_that_fit_are_kept_in_any_order(case):
    images, there = case
    found = standing(images, there)
    assert set(found.kept) == set(there)
    kept, left = covered(found)
    assert sorted(kept + left) == list(range(len(images)))
    assert kept == sorted(kept)
    assert left == sorted(left)
    assert all(found.left)
    assert all(one.stop < other.start for one, other in zip(found.left, found.left[1:], strict=False))


@given(shards(), st.data())
def test_an_image_that_changed_is_done_again_and_only_the_piece_that_holds_it(case, data):
    images, there = case
    if not images:
        return
    place = data.draw(st.integers(0, len(images) - 1))
    name, size = images[place]
    other = data.draw(st.sampled_from([(f"{name}x", size), (name, size + 1)]))
    found = standing((*images[:place], other, *images[place + 1 :]), there)
    holding = [one for one in there if one.first <= place < one.first + one.count]
    assert set(found.kept) == set(there) - set(holding)
    assert place in covered(found)[1]


@given(shards(), st.integers(0, 60))
def test_where_images_are_gone_or_came_what_is_kept_is_of_the_same_images(case, length):
    images, there = case
    for now in (images[:length], (("a", 0), *images)):
        found = standing(now, there)
        for one in found.kept:
            assert digest(now[one.first : one.first + one.count]) == one.images
        kept, left = covered(found)
        assert sorted(kept + left) == list(range(len(now)))


def test_pieces_that_lack_results_overlap_or_are_nonsense_are_not_kept():
    images = tuple((f"i{place}", 1) for place in range(6))
    first, second = pieces_of(images, (3, 3))
    overlapping = Piece(2, 2, digest(images[2:4]), 0)
    nonsense = [evolve(first, first=-3), evolve(first, count=0), evolve(second, count=99)]
    found = standing(images, [overlapping, second, first, *nonsense])
    assert found.kept == (first, second)
    found = standing(images, [evolve(first, failed=(("i1", "broken"),)), second])
    assert (found.kept, found.left) == ((second,), (range(3),))
