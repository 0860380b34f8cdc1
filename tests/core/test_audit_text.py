"""An audit's lines say what was counted, warn of what looks wrong, and leave out what is not there."""

import json

import numpy as np
import pytest
from attrs import fields
from hypothesis import given
from hypothesis import strategies as st

from segcore.audit import Audit, Facts, audit, parts_of
from segcore.audit_text import as_data, lines
from segcore.doubles import SHOWN
from tests.record_strategies import split_of

LOOKS = tuple(int(word) for word in np.random.default_rng(3).integers(1, 2**63, 40))


def sample(row, pixels=(10, 6), **changes):
    """Return facts of a 4 x 4 sample that looks like no other."""
    given = {
        "id": f"i{row:03}",
        "fingerprint": f"{row:032x}",
        "height": 4,
        "width": 4,
        "class_pixels": pixels,
        "void_pixels": 0,
        "phash": LOOKS[row],
        **changes,
    }
    return Facts(**given)


def text_of(*facts, parts=(), **changes):
    """Return the lines as one text."""
    return "\n".join(lines(audit(facts, parts, **{"classes": 1, "exclusive": False, **changes})))


def test_a_sound_data_set_has_no_warning_and_no_advice():
    text = text_of(sample(0), sample(1), parts=parts_of(split_of(2, 2)))
    assert "2 samples, all 4 x 4 (height x width)" in text
    assert "background 62.50 % (in 2 masks), mask 37.50 % (in 2 masks)" in text
    assert "0 masks (0.00 %) without any object" in text
    assert "no two images look alike" in text
    for absent in ("warning", "advice", "note", "ignored", "copies"):
        assert absent not in text


def test_sizes_are_told_where_they_differ():
    text = text_of(sample(0), sample(1), sample(2, (1, 1), height=1, width=2), shape=(4, 4))
    assert "3 samples of 2 sizes, 1 x 2 to 4 x 4 (height x width); 2 are 4 x 4" in text
    assert "enlarged  1 image by more than 2 to 4 x 4" in text
    assert "enlarged" not in text_of(sample(0))


def test_empty_masks_and_missing_classes_are_told():
    text = text_of(
        sample(0, (16, 0, 0)),
        sample(1, (12, 4, 0)),
        classes=3,
        exclusive=True,
        class_names=("sky", "road", "car"),
    )
    assert "1 mask (50.00 %) without any object" in text
    assert "warning   no mask has any car" in text


def test_masks_that_are_all_empty_or_all_full_are_a_warning():
    """Fault 36: without the warning masks that were exported wrongly are found by their score."""
    for pixels, word in (((16, 0), "empty"), ((0, 16), "full")):
        text = text_of(sample(0, pixels), sample(1, pixels))
        assert f"warning   every mask is {word}" in text
        assert "no mask has any" not in text
        assert "every mask" not in text_of(sample(0, pixels), sample(1))
    assert "full      1 mask (50.00 %) one object all over" in text_of(sample(0, (0, 16)), sample(1))
    assert "full      1 mask" in text_of(sample(0, (16, 3)), classes=2)
    assert "every mask is empty" in text_of(sample(0, (0, 0), void_pixels=16))
    assert "every mask is full" not in text_of(sample(0, (0, 0), void_pixels=16))


def test_shares_of_classes_leave_out_what_is_ignored():
    text = text_of(sample(0, (6, 2), void_pixels=8))
    assert "background 75.00 % (in 1 mask), mask 25.00 % (in 1 mask)" in text
    assert "ignored   50.00 % of all pixels (in 1 mask)" in text


def test_a_share_is_never_rounded_to_nothing_or_to_all():
    text = text_of(sample(0, (10**6 - 1, 1), height=1000, width=1000))
    assert "background > 99.99 %" in text
    assert "mask < 0.01 %" in text


def test_samples_on_both_sides_of_a_fold_are_named_with_the_advice():
    facts = (sample(0), sample(1, phash=LOOKS[0] ^ 1), sample(2), sample(3, phash=LOOKS[2]))
    text = text_of(*facts, parts=parts_of(split_of(4, 2)))
    assert "4 samples in 2 groups look alike" in text
    assert "'i000', 'i001': 1 bit apart; fold 0 scores the first, trained on the second" in text
    assert "fold 0 2 of 2, fold 1 2 of 2" in text
    assert "groups: duplicates" in text


def test_alike_samples_of_one_part_alone_are_counted_without_names_and_advice():
    """Rows 0 and 2 are validated together and trained on together."""
    text = text_of(sample(0), sample(1), sample(2, phash=LOOKS[0]), sample(3), parts=parts_of(split_of(4, 2)))
    assert "2 samples in 1 group look alike" in text
    assert "i000" not in text
    assert "advice" not in text


def test_copies_and_conflicts_are_told():
    text = text_of(
        sample(0, fingerprint="same"),
        sample(1, fingerprint="same", phash=LOOKS[0]),
        sample(2, (9, 7), phash=LOOKS[0]),
    )
    assert "copies    2 samples in 1 group are equal in image and mask" in text
    assert "3 samples look the same as another" in text
    assert "'i000', 'i002': masks differ in at least 1 pixel" in text


def test_groups_that_are_not_shown_are_counted():
    facts = [sample(row, phash=LOOKS[row // 2], fingerprint=str(row // 2)) for row in range(2 * SHOWN + 4)]
    text = text_of(*facts, parts=parts_of(split_of(len(facts), 2)))
    assert text.count("... and 2 more groups") == 2


def test_samples_of_which_nothing_is_known_are_counted():
    assert "nothing is known of the contents of 3 more samples" in text_of(sample(0), unseen=3)


@pytest.mark.parametrize("shape", [None, (320, 320)])
def test_the_data_are_the_records_fields_as_json(shape):
    found = audit(
        (sample(0), sample(1, phash=LOOKS[0])), parts_of(split_of(2, 2)), 1, exclusive=False, shape=shape
    )
    told = json.loads(json.dumps(as_data(found)))
    assert list(told) == [one.name for one in fields(Audit)]
    assert told["shape"] == (None if shape is None else list(shape))
    assert told["classes"][1] == {"name": "mask", "pixels": 12, "samples": 2}
    assert told["sizes"]["largest"] == [4, 4]
    assert told["alike"]["pairs"] == [{"ids": ["i000", "i001"], "distance": 0, "part": "fold 0"}]
    assert told["alike"]["crossings"][1] == {"part": "fold 1", "samples": 1, "scored": 1}


@given(st.text(max_size=8))
def test_every_line_is_one_line_whatever_a_sample_is_called(name):
    text = lines(
        audit((sample(0, id=name), sample(1, phash=LOOKS[0], pixels=(0, 16))), (), 1, exclusive=False)
    )
    assert all(len(line.splitlines()) == 1 for line in text)
