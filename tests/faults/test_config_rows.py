"""Configs that are wrong, odd or hostile, as whoever runs the program meets them."""

import pytest

from segcore.catalog.columns import snake_case
from segcore.catalog.standard import STANDARD
from segcore.parsing.experiment import examine, parse
from segcore.planning import plan
from tests import record_strategies as records
from tests.core.strictness_corpus import config
from tests.shell.commands.calling import call


def checked(folder, content, name="config.yaml"):
    """Return what `check` says of a file with these bytes."""
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return call("check", folder / name)


# --- values that cannot be ----------------------------------------------------------------------------------

WRONG = """\
architecture: Unet
backbone: resnet34
shape: [0, 0, 3]
classes: 0
batch: 0
lr: -1
stratified: yes
optimizer: Adan
callbacks: {EarlyStopping: {patience: -1}}
stages:
  - epochs: -1
  - epochs: 1:30
    negatives: few
"""
# Line and column of every wrong value, counted by hand.
PLACES = ((3, 9), (3, 12), (4, 10), (5, 8), (6, 5), (7, 13), (8, 12), (9, 39), (11, 13), (12, 13), (13, 16))


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    """Fault 14: without the gathering of findings in `segcore.parsing` each run would tell the first fault only."""
    said = checked(tmp_path, WRONG)
    assert (said.code, said.out) == (2, "")
    heads = [line for line in said.err.splitlines() if line.startswith(str(tmp_path))]
    found = [tuple(map(int, line.split(":", 3)[1:3])) for line in heads]
    assert tuple(found) == PLACES
    lines, shown = WRONG.splitlines(), said.err.splitlines()
    for line, column in PLACES:
        at = next(number for number, one in enumerate(shown) if f":{line}:{column}: " in one)
        assert shown[at + 1] == f"    {lines[line - 1]}"
        assert shown[at + 2] == " " * (column + 3) + "^"


# --- what older readers took for something else -------------------------------------------------------------


def test_an_accepted_value_with_another_old_meaning_is_told_and_the_config_is_right_all_the_same(
    tmp_path, caplog
):
    """Fault 15: without `segcore.parsing.older` nobody learns that 010 are ten epochs and no longer eight."""
    text = config("seed: 010", "lr: 1e-4", "clipnorm: 1.0").replace("epochs: 1", "epochs: 012")
    said = checked(tmp_path, text)
    assert (said.code, said.out.count(": ok (")) == (0, 1)
    (told,) = (one.getMessage() for one in caplog.records)
    assert f"{tmp_path}/config.yaml:4:7: [old-reading] seed: 010 is the number 10" in told
    assert f"{tmp_path}/config.yaml:8:13: [old-reading] stages[0].epochs: 012 is the number 12" in told
    assert "YAML 1.1 read it as 10. Write 12, or 10 if that is meant." in told
    assert told.count("old-reading") == 2


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("stratified: yes", "YAML 1.1 read it as true."),
        ("stratified: off", "YAML 1.1 read it as false."),
        ("batch: 1:30", "YAML 1.1 read it as 90."),
        ("batch: 1_000", "YAML 1.1 read it as 1000."),
        ("batch: 1e3", "YAML 1.1 read it as the text '1e3'."),
        ("batch: 0777777", "YAML 1.1 read it as 262143."),
        ("clipnorm: 1:30", "YAML 1.1 read it as 90."),
        ("stratified: none", "got the text 'none'."),
    ],
)
def test_a_refused_value_with_another_old_meaning_says_so(text, hint):
    """Fault 15: without `old_meaning` in the advice a user sees that `yes` is no truth value, and not why."""
    (found,) = examine(config(text)).findings
    assert hint in f"{found.message} {found.advice}"


# --- keys that stand twice ----------------------------------------------------------------------------------

TWICE = (
    (config("lr: 0.1", "batch: 2", "lr: 0.2"), "'lr' in line 6 stands in line 4"),
    (config("lr: 0.1", "'lr': 0.1"), "'lr' in line 5 stands in line 4"),
    (
        config("optimizer: {SGD: {momentum: 0.9,", "  momentum: 0.8}}"),
        "'momentum' in line 5 stands in line 4",
    ),
    (config() + "    epochs: 2\n", "'epochs' in line 6 stands in line 5"),
    (config() + "stages:\n  - epochs: 3\n", "'stages' in line 6 stands in line 4"),
    (config("dataset: {images: i, masks: m, values: {1: 1, '1': 0}}"), "'1' in line 4 stands in line 4"),
    (config("? lr", ": 1", "? lr", ": 2"), "'lr' in line 6 stands in line 4"),
)


@pytest.mark.parametrize(("text", "words"), TWICE)
def test_a_key_that_stands_twice_is_refused_with_both_lines(text, words):
    """Fault 16: without the lines that `segcore.parsing.walking` keeps the last of two values would win in silence."""
    found = [one for one in examine(text).findings if one.code == "duplicate-key"]
    assert [words in one.message for one in found] == [True]


def test_a_key_that_stands_twice_in_an_extended_file_is_told_for_that_file(tmp_path):
    (tmp_path / "base.yaml").write_text(config("lr: 0.1", "lr: 0.2"))
    said = checked(tmp_path, "extends: base.yaml\n")
    assert said.code == 2
    assert "base.yaml:5:1: [duplicate-key]" in said.err


# --- encodings ----------------------------------------------------------------------------------------------

TEXT = config("# größe: 日本", "lr: 0.5")
ACCEPTED = {
    "UTF-8": TEXT.encode(),
    "a byte order mark": TEXT.encode("utf-8-sig"),
    "line ends of Windows": TEXT.replace("\n", "\r\n").encode(),
    "line ends of old Macs": TEXT.replace("\n", "\r").encode(),
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-16 of the other order": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "UTF-32": TEXT.encode("utf-32"),
    "tabs that separate": TEXT.replace("lr: 0.5", "lr:\t0.5\t# half").encode(),
    "no line end at the end": TEXT.rstrip("\n").encode(),
}
# Bytes, the line that must be named, and the advice.
REFUSED = {
    "a tab that indents": (TEXT.replace("  - epochs", "\t- epochs").encode(), 7, "spaces"),
    "latin-1": (TEXT.replace("日本", "").encode("latin-1"), 4, "UTF-8"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), 1, "UTF-8"),
    "a NUL": (TEXT.replace("0.5", "0.5\0").encode(), 5, "UTF-8"),
    "half of UTF-16": (TEXT.encode("utf-16")[:-1], 7, "UTF-8"),
    "half of a character": (TEXT.encode()[: TEXT.encode().index("本".encode()) + 1], 4, "UTF-8"),
    "an escape of a terminal": (TEXT.replace("0.5", "\x1b[2J").encode(), 5, "Delete it"),
    "an invisible line break": (TEXT.replace("lr:", "lr\x85:").encode(), 5, "line break"),
    "a mark in the middle": (TEXT.replace("lr:", "\ufefflr:").encode(), 5, "Delete it"),
    "nothing": (b"", 1, "Write the config's keys"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 1, "UTF-8"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_encoding_that_editors_write_means_the_same(name, tmp_path):
    """Fault 17: without the decoding of `segcore.parsing.yaml_text` an editor's mark would spoil the first key."""
    assert checked(tmp_path, ACCEPTED[name]).code == 0
    assert parse(ACCEPTED[name]) == parse(TEXT)


@pytest.mark.parametrize("name", REFUSED)
def test_bytes_that_are_no_text_are_refused_with_their_line(name, tmp_path):
    """Fault 17: without its findings an undecodable byte would end the program with a traceback."""
    content, line, words = REFUSED[name]
    said = checked(tmp_path, content)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"{tmp_path}/config.yaml:{line}:")
    assert words in said.err
    assert all(character.isprintable() or character == "\n" for character in said.err)


# --- augmenters ---------------------------------------------------------------------------------------------

AUGMENTERS = (
    ("augmentation: {Fliplrr: 0.5}", "unknown-name", 16),
    ("augmentation: {Affine: {rotat: 3}}", "unknown-argument", 25),
    ("augmentation: {Affine: {rotate: fast}}", "wrong-type", 33),
    ("augmentation: {Fliplr: 2}", "out-of-range", 24),
    ("augmentation: [{Sometimes: {p: 0.5, then_list: [{Add: [9, 1]}]}}]", "range-order", 55),
    ("augmentation: {Fliplr: {p: 0.5}, Flipud: {q: 1}}", "unknown-argument", 43),
)


@pytest.mark.parametrize(("line", "code", "column"), AUGMENTERS)
def test_an_augmenter_that_is_unknown_or_wrong_is_told_with_line_and_column(line, code, column):
    """Fault 45: without the signatures of `segcore.catalog` imgaug would fail in the first epoch, or do otherwise."""
    (found,) = examine(config(line)).findings
    assert (found.code, found.place.line, found.place.column) == (code, 4, column)


# --- the metric that decides --------------------------------------------------------------------------------


def _call(name):
    """Return a metric as a config writes it, with the arguments that it cannot do without."""
    needed = {"OneHotIoU": "{num_classes: 3, target_class_ids: [1]}", "OneHotMeanIoU": "{num_classes: 3}"}
    shares = ("recall", "precision", "specificity", "sensitivity")
    row = STANDARD.find("metric", name)
    share = next((one.name for one in row.parameters if one.name in shares), None)
    return f"{{{name}: {needed.get(name) or (f'{{{share}: 0.5}}' if share else '{}')}}}"


TABLE, SPLIT = records.table_of(12, [0, 1, 5]), records.split_of(12, 2)
SEVERAL = ("classes: 3", "folds_count: 2")


@pytest.mark.parametrize("prefix", ["", "val_"])
@pytest.mark.parametrize("name", STANDARD.names("metric"))
def test_every_metric_can_decide_in_its_own_direction_and_only_where_it_is_measured(name, prefix):
    """Fault 23: without `segcore.monitors` Keras would minimise val_iou, and keep the worst epoch."""
    column = f"{prefix}{snake_case(name)}"
    measured = parse(config(*SEVERAL, f"metrics: [{_call(name)}]", f"primary_metric: {column}"))
    for run in plan(measured, TABLE, SPLIT).runs:
        assert (run.settings.watch.column, run.settings.watch.mode) == (
            column,
            STANDARD.find("metric", name).direction,
        )
    other = "iou" if name != "iou" else "dice"
    (found,) = examine(config(*SEVERAL, f"metrics: [{other}]", f"primary_metric: {column}")).findings
    assert found.code == "unknown-monitor"
    assert f"measured are loss, {other}, val_loss, val_{other}." in found.message
