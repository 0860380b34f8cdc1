"""What a plan says of its split: its file and who is gone, and what a stage asks for and does not get."""

import json

from attrs import evolve

from segcore.config import Stage
from segcore.plan_notes import origin_data, part_lines, removed_lines, split_lines
from segcore.plan_text import as_data, lines
from segcore.planning import plan
from segcore.plans import SplitOrigin
from tests import record_strategies as records

SPLIT = records.split_of(6, 3)
GONE = SplitOrigin("images/split.json", "grown", 3, tuple(f"{n:02}" for n in range(12)), ("fold 0 is odd",))


def planned(positives, *stages):
    return plan(records.config_of(*stages), records.table_of(6, positives), SPLIT)


def test_removed_samples_are_counted_and_the_first_ten_are_named():
    (line,) = removed_lines(GONE)
    assert "12 samples" in line
    assert all(repr(name) in line for name in GONE.removed[:10])
    assert "'10'" not in line
    assert removed_lines(SplitOrigin()) == removed_lines(None) == []


def test_the_plan_names_the_file_what_was_done_to_it_and_what_is_odd():
    text = lines(evolve(planned([0, 1, 2]), origin=GONE))
    start = text.index("split     grown by 3 samples, images/split.json")
    assert text[start + 1 : start + 3] == [*removed_lines(GONE), "note      fold 0 is odd"]
    assert split_lines(evolve(GONE, state="read", added=0, removed=(), notes=())) == [
        "split     read, images/split.json"
    ]
    assert split_lines(SplitOrigin()) == ["split     made, kept in no file"]
    assert not any(line.startswith("split") for line in lines(planned([0, 1, 2])))


def test_json_has_all_of_it_and_every_removed_id():
    found = as_data(evolve(planned([0, 1, 2]), origin=GONE))
    assert json.loads(json.dumps(found))["split_file"] == {
        "file": GONE.file,
        "state": "grown",
        "added": 3,
        "removed": list(GONE.removed),
        "notes": ["fold 0 is odd"],
    }
    assert origin_data(SplitOrigin())["split_file"]["file"] is None
    assert "split_file" not in as_data(planned([0, 1, 2]))


def test_a_stage_that_asks_for_negatives_where_there_are_none_is_named_with_its_folds():
    """Fault 26: without `part_lines` of `segcore.plan_notes` nobody hears that there are no negatives to take."""
    found = planned(range(6), Stage(1, negatives="none"), Stage(1, negatives=2.5), Stage(1))
    assert part_lines(found) == [
        "note      stage 1 takes 2.5 negatives per positive, and there are none in folds 0, 1, 2"
    ]
    assert set(part_lines(found)) <= set(lines(found))
    assert part_lines(planned([0, 1, 2, 3, 4], Stage(1, negatives=1.0))) == [
        "note      stage 0 takes 1.0 negatives per positive, and there are none in fold 2"
    ]


def test_a_stage_without_any_positive_is_named():
    """Fault 26: without `part_lines` of `segcore.plan_notes` a network learns that there are no objects, unsaid."""
    assert part_lines(planned([], Stage(1))) == [
        "note      stage 0 has no positive sample to train on in folds 0, 1, 2"
    ]
    assert part_lines(planned([0, 1, 3], Stage(1))) == []
