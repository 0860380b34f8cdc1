"""Splits that last: data grow and shrink and no sample moves, and what cannot be used is named."""

import hashlib
import json
from pathlib import Path

import pytest
from attrs import evolve

from segcore.errors import DataError
from segshell.combined import CompositeDataSet, SubDataSet
from segshell.datasets import FolderDataSet, sample_table
from segshell.folders import DERIVED
from tests.shell.commands.calling import CONFIG, call
from tests.shell.small import (
    NEGATIVES,
    POSITIVES,
    experiment,
    own_data_set,
    write_config,
    write_pictures,
)


@pytest.fixture
def data(tmp_path):
    return write_pictures(tmp_path / "data")


def dataset(data):
    return FolderDataSet(data / "images", data / "masks")


def split_files(data):
    return sorted((data / "images" / DERIVED).glob("split-*.json"))


def validated(prepared):
    """Return the validation ids of each fold."""
    return [{prepared.table.ids[row] for row in fold.validation} for fold in prepared.split.folds]


def add(data, *names):
    """Write more pictures; `write_pictures` draws each by its place in the list."""
    write_pictures(data, names)


def take_away(data, *names):
    for name in names:
        for kind in ("images", "masks"):
            (data / kind / f"{name}.png").unlink()


def told(call, code):
    """Return what is told where a call is refused with one finding of this code."""
    with pytest.raises(DataError) as caught:
        call()
    (finding,) = caught.value.findings
    assert finding.code == code
    assert finding.advice
    return finding.message


def test_the_split_is_stored_beside_the_data_and_read_by_every_experiment(tmp_path, data):
    """What is stored counts: a split that was changed by hand, and says so, is used."""
    experiment(tmp_path / "one", data).prepare()
    (path,) = split_files(data)
    stored = json.loads(path.read_text())
    swapped = {name: "fold 1" if part == "fold 0" else "fold 0" for name, part in stored["samples"].items()}
    path.write_text(json.dumps({"version": 2, "samples": swapped}))
    written = path.read_bytes()
    again = experiment(tmp_path / "two", data, seed=9).prepare()
    assert validated(again)[0] == {name for name, part in swapped.items() if part == "fold 0"}
    assert (again.plan.origin.state, split_files(data), path.read_bytes()) == ("read", [path], written)


def test_growing_data_moves_no_sample_and_samples_that_are_gone_come_back(tmp_path, data):
    """Fault 25: without `dealt` of `segcore.split_growth` new pictures deal all folds anew, or are in none."""
    one = experiment(tmp_path / "one", data)
    first = one.prepare()
    add(data, "p8", "n4", "p9")
    second = one.prepare()
    for before, after in zip(validated(first), validated(second), strict=True):
        assert before < after
    assert sorted(map(len, validated(second))) == [7, 8]
    assert first.plan.split_digest != second.plan.split_digest
    take_away(data, "p0", "p9")
    third = one.prepare()
    assert validated(third) == [part - {"p0", "p9"} for part in validated(second)]
    add(data, "p0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "p9")
    take_away(data, *(f"x{number}" for number in range(1, 9)))
    assert validated(one.prepare()) == validated(second)
    found = [ready.plan.origin for ready in (first, second, third)]
    assert [(one.state, one.added, one.removed) for one in found] == [
        ("made", 12, ()), ("grown", 3, ()), ("read", 0, ("p0", "p9")),
    ]  # fmt: skip
    assert {one.file for one in found} == {str(split_files(data)[0])}


def test_a_damaged_split_is_an_error_and_not_made_anew_in_silence(tmp_path, data):
    one = experiment(tmp_path / "one", data)
    one.prepare()
    (path,) = split_files(data)
    whole = path.read_text()
    for damaged in (whole[:-30], whole.replace('"p1": "fold 0"', '"p1": "fold 1"').replace("p2", "p20")):
        path.write_text(damaged)
        assert str(path) in told(one.prepare, "split-damaged")
        assert path.read_text() == damaged


def test_new_pictures_of_a_group_join_its_part_and_a_torn_group_is_named(tmp_path, data):
    """Fault 25: without `check_groups` of `segcore.stored_splits` a group is trained on and scored in one fold."""
    groups = {"pattern": "([0-9])"}
    one = experiment(tmp_path / "one", data, groups=groups)
    add(data, *(f"q{number}" for number in range(8)))
    grown = one.prepare()
    for part in validated(grown):
        assert {f"p{name[1]}" for name in part if name[0] == "q"} <= part
    (path,) = split_files(data)
    stored = json.loads(path.read_text())
    stored["samples"]["p3"] = "fold 0" if stored["samples"]["p3"] == "fold 1" else "fold 1"
    path.write_text(json.dumps({**stored, "digest": None}))
    assert all(name in told(one.prepare, "split-groups") for name in (str(path), "'p3'", "'q3'"))


def test_an_older_split_of_exactly_these_samples_is_taken_over(tmp_path, data):
    """No fold moves because the program became newer; of other samples it is left alone."""
    one = experiment(tmp_path / "one", data)
    table = sample_table(dataset(data))
    # The name that version 1 gave: a digest of rule and ids, spelled out.
    rule = "FoldRule(count=2, seed=33, stratified=False, validation_split=0.2, test_split=0.0, test_seed=123)"
    name = hashlib.sha256("\n".join([rule, repr(table.ids), "()", "()"]).encode()).hexdigest()[:16]
    halves = [list(table.ids[::2]), list(table.ids[1::2])]
    folds = [{"training": halves[1 - fold], "validation": halves[fold]} for fold in (0, 1)]
    home = data / "images" / DERIVED
    home.mkdir(exist_ok=True)
    old = home / f"split-{name}.json"
    old.write_text(json.dumps({"version": 1, "folds": folds, "held_out": []}))
    found = one.prepare()
    assert validated(found) == [set(half) for half in halves]
    assert found.plan.origin.state == "adopted"
    again = one.prepare()
    assert (again.plan.origin.state, again.plan.split_digest) == ("read", found.plan.split_digest)
    for path in split_files(data):
        if path != old:
            path.unlink()
    add(data, "p8")
    assert one.prepare().plan.origin.state == "made"
    take_away(data, "p8")
    for path in split_files(data):
        path.unlink()
    old.write_text("{}")
    assert str(old) in told(one.prepare, "split-damaged")


def test_a_file_of_ones_own_is_made_beside_the_config_and_shared_from_anywhere(tmp_path, data):
    """Fault 20: without `preparing._named_split` a config would make a file wherever it likes."""
    (tmp_path / "splits").mkdir()
    outside = experiment(tmp_path / "outside", data, split="../splits/mine.json")
    assert "only in its own folder" in told(outside.prepare, "split-folder")
    first = experiment(tmp_path / "outside", data, split="mine.json").prepare()
    (tmp_path / "outside" / "mine.json").rename(tmp_path / "splits" / "mine.json")
    one = experiment(tmp_path / "one", data, split="../splits/mine.json")
    assert one.prepare().plan.split_digest == first.plan.split_digest
    assert split_files(data) == []
    other = experiment(tmp_path / "two", data, split=str(tmp_path / "splits" / "mine.json"))
    assert other.prepare().plan.split_digest == first.plan.split_digest
    assert other.prepare().plan.origin.state == "read"
    wrong = experiment(tmp_path / "three", data, split="../splits/mine.json", random_state=4)
    assert all(one in told(wrong.prepare, "split-rule") for one in ("mine.json", "33", "4"))
    lost = experiment(tmp_path / "four", data, split="gone/mine.json")
    assert "gone" in told(lost.prepare, "split-folder")
    folder = experiment(tmp_path / "five", data, split="../splits")
    assert "a folder" in told(folder.prepare, "split-folder")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def protect(data, mode=0o555):
    for folder in (data / "images" / DERIVED, data / "images"):
        if folder.exists():
            folder.chmod(mode)


def test_read_only_data_are_split_in_the_users_cache(tmp_path, data, cache):
    protect(data)
    one = experiment(tmp_path / "one", data)
    first, again = one.prepare(), one.prepare()
    assert (first.plan.origin.state, again.plan.origin.state) == ("made", "read")
    assert cache in Path(first.plan.origin.file).parents
    protect(data, 0o755)


def test_who_may_only_read_the_data_goes_on_with_the_split_of_its_owner(tmp_path, data, cache):
    one = experiment(tmp_path / "one", data)
    owners = one.prepare()
    (path,) = split_files(data)
    protect(data)
    assert one.prepare().plan.origin == evolve(owners.plan.origin, state="read", added=0)
    protect(data, 0o755)
    add(data, "p8", "p9")
    protect(data)
    grown = one.prepare()
    assert all(before <= after for before, after in zip(validated(owners), validated(grown), strict=True))
    assert (grown.plan.origin.state, path.read_text().count("p8")) == ("grown", 0)
    assert one.prepare().plan.origin.state == "read"
    protect(data, 0o755)
    stored = json.loads(path.read_text())
    here = next(number for number, part in enumerate(validated(grown)) if "p8" in part)
    stored["samples"]["p8"] = f"fold {1 - here}"
    path.write_text(json.dumps({**stored, "digest": None}))
    protect(data)
    assert all(name in told(one.prepare, "split-twice") for name in (str(path), str(cache), "'p8'"))
    protect(data, 0o755)


def test_a_data_set_in_memory_keeps_its_split_beside_the_config(tmp_path):
    """Also there no sample moves when the data grow, and the order of the samples does not count."""
    one, found = experiment(tmp_path / "one"), own_data_set()
    first, second = one.prepare(found), one.prepare(found)
    assert first.split == second.split
    assert [run.key for run in first.plan.runs] == [run.key for run in second.plan.runs]
    assert first.plan.origin.file == str(
        next((tmp_path / "one" / DERIVED).glob("split-*.json")).relative_to(tmp_path / "one")
    )
    larger = own_data_set((*POSITIVES, *NEGATIVES, "q1", "q2"))
    grown = one.prepare(SubDataSet(larger, [*range(5, len(larger)), *range(5)]))
    assert all(before < after for before, after in zip(validated(first), validated(grown), strict=True))


def test_data_sets_made_of_others_have_a_split_beside_the_config(tmp_path, data):
    one = experiment(tmp_path / "one")
    drawn = CompositeDataSet([own_data_set(), dataset(data)], ["drawn/", ""])
    whole = one.prepare(drawn)
    part = one.prepare(SubDataSet(drawn, drawn.ids[:18]))
    kept = set(drawn.ids[:18])
    assert validated(part) == [names & kept for names in validated(whole)]
    assert part.plan.origin.removed == tuple(sorted(set(drawn.ids) - kept))
    assert split_files(data) == []


@pytest.mark.parametrize("is_stored", [False, True])
def test_a_share_has_the_split_of_the_whole_and_writes_nothing(tmp_path, data, is_stored):
    """What a fold of a share trains on, the same fold of the whole does not validate on."""
    one = experiment(tmp_path / "one", data, groups="duplicates")
    if is_stored:
        one.prepare()
        add(data, "p8", "p9")
    before = [path.read_bytes() for path in split_files(data)]
    part = one.prepare(subsample=0.5)
    assert [path.read_bytes() for path in split_files(data)] == before
    assert part.plan.origin.file == ""
    whole = one.prepare()
    names = set(part.table.ids)
    assert validated(part) == [every & names for every in validated(whole)]
    assert len(names) == (7 if is_stored else 6)
    assert one.prepare(subsample=0.5).plan.origin.file == str(split_files(data)[0])


def test_a_share_that_leaves_a_fold_empty_is_refused(tmp_path, data):
    one = experiment(tmp_path / "one", data, folds_count=6)
    assert "validates on no sample" in told(lambda: one.prepare(subsample=0.25), "split-empty")


def test_what_folds_do_not_have_is_noted(tmp_path, data):
    take_away(data, *POSITIVES[1:])
    notes = experiment(tmp_path / "one", data).prepare().plan.origin.notes
    assert len(notes) == 2
    assert any("validates on none of the 1 samples with an object" in one for one in notes)


def test_the_plan_says_where_the_split_comes_from_and_who_is_gone(tmp_path, data):
    config = write_config(tmp_path / "one", data, **CONFIG)
    first = call("plan", config)
    (path,) = split_files(data)
    assert f"\nsplit     made, {path}\n" in first.out
    add(data, "p8", "p9")
    assert f"\nsplit     grown by 2 samples, {path}\n" in call("plan", config).out
    take_away(data, *POSITIVES, *NEGATIVES[:3])
    again = call("plan", config)
    assert f"\nsplit     read, {path}\nremoved   11 samples" in again.out
    assert "'n0'" in again.out
    assert "'p7'" not in again.out
    found = json.loads(call("plan", config, "--json").out)
    assert found["split"] in again.out
    assert found["split_file"]["removed"] == sorted([*POSITIVES, *NEGATIVES[:3]])


def test_every_reason_not_to_use_a_split_ends_with_code_3_and_a_message(tmp_path, data):
    """Fault 25: without `_require` of `segcore.stored_splits` a fold without samples is planned."""
    config = write_config(tmp_path / "one", data, **{**CONFIG, "folds_count": 4})
    assert call("plan", config).code == 0
    stored = json.loads(split_files(data)[0].read_text())["samples"]
    take_away(data, *(name for name, part in stored.items() if part == "fold 3"))
    said = call("plan", config)
    assert (said.code, said.out) == (3, "")
    assert "fold 3 validates on no sample" in said.err
