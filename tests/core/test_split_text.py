"""A stored split as text: read back unchanged, a line per sample, and no edit passes unseen but one that says so."""

import json
import string

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.errors import DataError
from segcore.split_text import content_digest, from_text, to_text
from segcore.stored_splits import Generation, StoredSplit
from tests.strategies import plain_values

# Any text but halves of surrogate pairs that would join to one letter.
ids = st.text(st.characters(exclude_categories=["Cs"]) | st.just("\udc80"), max_size=5)
splits = st.builds(
    lambda rule, parts, groups, history: StoredSplit(
        tuple(rule.items()),
        tuple(sorted(parts.items())),
        tuple(sorted((name, groups[at % len(groups)]) for at, name in enumerate(parts) if groups)),
        tuple(history),
    ),
    st.dictionaries(
        ids, st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ids, max_size=3
    ),
    st.dictionaries(ids, st.sampled_from(["fold 0", "fold 1", "held out"]), max_size=6),
    st.lists(ids, max_size=3),
    st.lists(st.builds(Generation, st.integers(0, 99), st.text(string.hexdigits, max_size=4)), max_size=3),
)
SPLIT = StoredSplit(
    (("folds_count", 2), ("stratified", None)),
    (("a", "fold 0"), ("b", "fold 1"), ("é\udc80", "fold 0")),
    (("a", "g"), ("b", "h")),
    (Generation(2, "0123"), Generation(1, "4567")),
)


def code_of(caught):
    (finding,) = caught.value.findings
    assert finding.advice
    assert "my.json" in finding.message
    return finding.code


def replaced(change, text=None):
    """Return the text of a split after a change of its plain content."""
    content = json.loads(text or to_text(SPLIT))
    change(content)
    return json.dumps(content)


@settings(max_examples=50)
@given(splits)
def test_a_split_is_the_same_after_a_round_trip_through_utf_8(split):
    assert from_text(to_text(split).encode("utf-8").decode("utf-8"), "my.json") == split


def test_each_sample_has_a_line_of_its_own_in_the_order_of_the_ids_and_in_its_own_letters():
    lines = [line.strip().rstrip(",") for line in to_text(SPLIT).splitlines()]
    start = lines.index('"samples": {')
    assert lines[start + 1 : start + 4] == ['"a": "fold 0"', '"b": "fold 1"', '"é\\udc80": "fold 0"']


def test_another_sample_changes_one_line_beside_digest_and_history():
    parts = (*SPLIT.parts[:2], ("c", "fold 1"), *SPLIT.parts[2:])
    before, after = (to_text(one).splitlines() for one in (SPLIT, evolve(SPLIT, parts=parts)))
    assert sorted(set(after) - set(before)) == sorted(
        line for line in after if '"c"' in line or '"digest"' in line
    )


@settings(max_examples=50)
@given(st.data())
def test_a_text_that_is_cut_anywhere_is_refused(data):
    text = to_text(SPLIT)
    cut = data.draw(st.integers(0, len(text.rstrip()) - 1))
    with pytest.raises(DataError):
        from_text(text[:cut], "my.json")


CHANGES = {
    "rule": lambda content: content["rule"].update(folds_count=3),
    "samples": lambda content: content["samples"].update(b="fold 0"),
    "one more": lambda content: content["samples"].update(d="fold 0"),
    "one less": lambda content: content["samples"].pop("é\udc80"),
    "groups": lambda content: content["groups"].update(a="h"),
    "history": lambda content: content["history"].pop(),
    "digest": lambda content: content.update(digest=7),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_an_error_unless_the_digest_says_that_it_was_on_purpose(name):
    """Fault 25: without the digest of `segcore.split_text` an edit lets samples change folds in silence."""
    changed = replaced(CHANGES[name])
    with pytest.raises(DataError) as caught:
        from_text(changed, "my.json")
    assert code_of(caught) == "split-damaged"
    for meant in (
        replaced(lambda content: content.update(digest=None), changed),
        replaced(lambda content: content.pop("digest"), changed),
    ):
        stored = from_text(meant, "my.json")
        assert stored != SPLIT or name == "digest"


def test_a_split_may_be_written_by_hand_with_version_and_samples_alone():
    text = '{"version": 2, "samples": {"b": "fold 1", "a": "fold 0"}}'
    assert from_text("\ufeff" + text, "my.json") == StoredSplit((), (("a", "fold 0"), ("b", "fold 1")))


def test_an_id_in_two_parts_is_named():
    twice = to_text(SPLIT).replace('"b": "fold 1"', '"b": "fold 1", "b": "fold 0"')
    with pytest.raises(DataError, match="'b'") as caught:
        from_text(twice, "my.json")
    assert code_of(caught) == "split-twice"


@pytest.mark.parametrize("version", [1, 3, None, "2", True])
def test_another_version_is_told_with_both_numbers(version):
    with pytest.raises(DataError, match=f"version {version!r}.*version 2") as caught:
        from_text(replaced(lambda content: content.update(version=version)), "my.json")
    assert code_of(caught) == "split-version"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Expecting value"),
        ("[" * 100_000, "damaged"),
        ("[]", "a mapping is expected, got list"),
        (replaced(lambda content: content.pop("samples")), "'samples'"),
        (replaced(lambda content: content.update(samples=[])), "'samples'"),
        (replaced(lambda content: content["samples"].update(b=1)), "got int"),
        (replaced(lambda content: content.update(rule=[])), "'rule'"),
        (replaced(lambda content: content.update(rule={"a": []})), "'rule'"),
        (replaced(lambda content: content.update(history={"a": 1})), "'history'"),
        (replaced(lambda content: content.update(history=[3])), "'history'"),
        (replaced(lambda content: content.update(history=[{"added": True, "split": ""}])), "'history'"),
        (replaced(lambda content: content.update(history=[{"added": 1}])), "split"),
        (replaced(lambda content: content.update(sample={})), "'sample'"),
        (replaced(lambda content: content["groups"].update(x="g")), "no part: 'x'"),
    ],
)
def test_what_is_no_split_is_told(text, told):
    with pytest.raises(DataError, match=told) as caught:
        from_text(text, "my.json")
    assert code_of(caught) == "split-damaged"


parts = st.fixed_dictionaries({"version": st.just(2), "samples": plain_values(max_leaves=6)})


@settings(max_examples=40)
@given(plain_values(max_leaves=8) | parts)
def test_any_json_is_a_split_or_a_refusal(content):
    try:
        stored = from_text(json.dumps(content), "my.json")
    except DataError:
        return
    assert dict(stored.parts) == content["samples"]


@settings(max_examples=30)
@given(splits, splits)
def test_digests_are_equal_exactly_where_the_splits_are(one, other):
    assert (content_digest(one) == content_digest(other)) == (
        sorted(one.rule) == sorted(other.rule) and one == other
    )
