"""A config over another one: the overlay's algebra, what is removed, and findings that know their file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.catalog.standard import STANDARD
from segcore.errors import ConfigError, Place
from segcore.parsing.experiment import examine, examine_layers, examine_merged, required_config
from segcore.parsing.extending import imports, merge, overlay, read_layer, told_from, without
from segcore.parsing.limits import FINDING_LIMIT
from segcore.parsing.nodes import Mapping, Scalar, plain
from tests import strategies
from tests.core.strictness_corpus import HEAD, config

KEYS = ("lr", "batch", "seed", "classes", "loss")


@st.composite
def documents(draw):
    """Draw a mapping of some keys to any values, each with places of its own."""
    names = draw(st.lists(st.sampled_from(KEYS), unique=True))
    values = [draw(strategies.leaves) for _ in names]
    places = [draw(strategies.places) for _ in range(2 * len(names) + 1)]
    pairs = tuple(
        (Scalar(name, name, quoted=False, place=place), Scalar(value, str(value), quoted=False, place=other))
        for name, value, place, other in zip(names, values, places[1::2], places[2::2], strict=True)
    )
    return Mapping(pairs, places[0])


EMPTY = Mapping((), Place(1, 1))


@given(documents(), documents(), documents())
def test_overlaying_is_associative(one, two, three):
    assert overlay(overlay(one, two), three) == overlay(one, overlay(two, three))


@given(documents())
def test_overlaying_is_idempotent_and_an_empty_document_is_its_identity(one):
    assert overlay(one, one) == one
    assert overlay(EMPTY, one).items == overlay(one, EMPTY).items == one.items
    if one.items:
        assert overlay(EMPTY, one).place == overlay(one, EMPTY).place == one.place


@given(documents(), documents())
def test_the_values_are_those_of_the_union_of_dictionaries_with_the_right_one_first(base, top):
    assert plain(overlay(base, top)) == {**plain(base), **plain(top)}


@given(documents(), st.sets(st.sampled_from(KEYS)))
def test_removed_keys_are_gone_and_no_others(one, names):
    left = {name: value for name, value in plain(one).items() if name not in names}
    assert plain(without(one, names)) == left


def layers(*texts):
    """Return layers from the lowest base to the config; every base lies in a folder of its own name."""
    *below, top = texts
    bases = [read_layer(text, f"b{number}.yaml", f"../b{number}") for number, text in enumerate(below)]
    return (*bases, read_layer(top, "top.yaml"))


def value(*texts):
    return plain(merge(layers(*texts)).root)


def codes(*texts):
    return [
        (one.code, one.place.source, one.place.line, one.place.column)
        for one in examine_layers(layers(*texts)).findings
    ]


some_keys = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, strategies.leaves))


@given(some_keys, some_keys, some_keys)
def test_three_files_give_the_union_of_their_keys(lowest, middle, top):
    texts = [
        strategies.to_json({**one, "extends": "x"} if number else one)
        for number, one in enumerate((lowest, middle, top))
    ]
    assert value(*texts) == {**lowest, **middle, **top}


def test_whole_keys_are_replaced_and_null_is_a_value():
    base = "callbacks: {EarlyStopping: {patience: 3}, TerminateOnNaN: {}}\nlr: 0.1\nseed: 4\n"
    top = "extends: b0.yaml\ncallbacks: {EarlyStopping: {}}\nlr: null\n"
    assert value(base, top) == {"callbacks": {"EarlyStopping": {}}, "lr": None, "seed": 4}


def test_what_a_middle_file_removes_may_be_written_anew_above_it():
    assert value("lr: 1\nseed: 2\n", "extends: b0\nremove: [lr]\n", "extends: b1\nlr: 3\n") == {
        "seed": 2,
        "lr": 3,
    }


def test_a_removed_key_has_its_default():
    base = config("lr: 0.5", "batch: 3", "decoder_block_type: transpose")
    top = "extends: b0\nremove: [lr, decoder_block_type]\narchitecture: FPN\n"
    examined = examine_layers(layers(base, top))
    assert examined.findings == ()
    assert (examined.config.lr, examined.config.batch) == (None, 3)
    assert examined.config == examine(config("batch: 3").replace("Unet", "FPN")).config


def test_a_removed_key_that_is_not_there_is_found_with_the_nearest():
    (found,) = examine_layers(layers(config("metrics: [iou]"), "extends: b0\nremove: [metrix]\n")).findings
    assert (found.code, found.nearest, found.path) == ("unknown-key", ("metrics",), ("remove", 0))
    assert found.place == Place(2, 10)


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ("extends: b0\nremove: [lr]\nlr: 1\n", ("given-twice", "", 2, 10)),
        ("extends: b0\nremove: lr\n", ("wrong-type", "", 2, 9)),
        ("extends: b0\nremove: [xyzzy]\n", ("unknown-key", "", 2, 10)),
        ("extends: 3\n", ("wrong-type", "", 1, 10)),
        ("extends: b0\nbatch: 0\n", ("out-of-range", "", 2, 8)),
    ],
)
def test_faults_of_the_upper_file_stand_in_it(top, expected):
    assert codes(config("lr: 0.5"), top) == [expected]


def test_faults_of_a_base_stand_in_the_base():
    assert codes(config("batch: 0"), "extends: b0\nlr: 0.1\n") == [("out-of-range", "b0.yaml", 4, 8)]


def test_what_only_together_is_wrong_stands_where_it_was_written():
    """The loss of the base does not go with the classes of the upper file."""
    base = config("activation: sigmoid", "loss: binary_crossentropy")
    assert codes(base, "extends: b0\nactivation: softmax\nclasses: 3\n") == [
        ("loss-activation", "b0.yaml", 5, 7)
    ]


def test_faults_of_the_texts_are_told_for_every_file_the_config_first():
    found = codes(config("lr: 1", "lr: 2"), "extends: b0\nbatch: 0\nbatch: 1\n")
    assert found == [
        ("out-of-range", "", 2, 8),
        ("duplicate-key", "", 3, 1),
        ("duplicate-key", "b0.yaml", 5, 1),
    ]


def test_a_base_that_is_no_mapping_hides_what_would_follow_from_it():
    assert codes("- 1\n", "extends: b0\nprimary_metric: val_iou\n") == [("wrong-type", "b0.yaml", 1, 1)]
    assert codes("", "extends: b0\n") == [("empty-document", "b0.yaml", 1, 1)]


def test_a_base_that_was_not_given_is_told_with_the_reason():
    layer = read_layer(f"{HEAD}extends: gone.yaml\n", "top.yaml", fault="no such file")
    (found,) = examine_layers((layer,)).findings
    assert (found.code, found.place) == ("extends", Place(4, 10))
    assert "no such file" in found.message


def test_the_error_shows_the_line_of_the_file_in_which_it_stands():
    examined = examine_layers(layers(config("batch: 0"), "extends: b0\nlr: -1\n"))
    with pytest.raises(ConfigError) as caught:
        required_config(examined, "top.yaml")
    shown = str(caught.value).split("\n")
    assert shown[0].startswith("top.yaml:2:5: [out-of-range] lr: ")
    assert shown[1:3] == ["    lr: -1", "        ^"]
    assert shown[3].startswith("b0.yaml:4:8: [out-of-range] batch: ")
    assert shown[4:6] == ["    batch: 0", "           ^"]


PATHS = """
encoder_weights: weights/encoder.h5
dataset: {images: pics, masks: /data/masks}
stages:
  - {epochs: 1, initial_weights: other/best.h5}
  - {epochs: 1, initial_weights: "weights/best-{fold}.0.weights"}
"""
START = "architecture: Unet\nbackbone: resnet34\nshape: [64, 64, 3]\n"


def test_paths_of_a_base_are_relative_to_its_folder():
    """But for absolute ones, words that are no paths, and the weights of this experiment."""
    found = examine_layers(layers(START + PATHS, "extends: ../b0/base.yaml\n")).config
    assert found.encoder_weights == "../b0/weights/encoder.h5"
    assert found.dataset.get("images") == "../b0/pics"
    assert found.dataset.get("masks") == "/data/masks"
    assert [one.initial_weights for one in found.stages] == [
        "../b0/other/best.h5",
        "weights/best-{fold}.0.weights",
    ]
    again = examine_layers(layers(START + PATHS, "extends: b0\nencoder_weights: imagenet\n")).config
    assert again.encoder_weights == "imagenet"


def test_paths_of_the_config_itself_stay_as_they_are():
    base = START + "stages: [{epochs: 1}]\n"
    found = examine_layers(layers(base, f"extends: b0\n{PATHS}")).config
    assert found.dataset.get("images") == "pics"


def test_an_anchor_holds_within_its_file():
    base = config("metrics: &m [iou]")
    assert codes(base, "extends: b0\nmetrics: *m\n") == [("unknown-alias", "", 2, 10)]


def test_modules_are_named_with_the_folder_of_the_file_that_names_them():
    base = config("imports: [one, ../two, 3, four]")
    found = imports(merge(layers(base, "extends: b0\n")))
    assert [(one.name, one.path, one.folder, one.place.source) for one in found] == [
        ("one", ("imports", 0), "../b0", "b0.yaml"),
        ("four", ("imports", 3), "../b0", "b0.yaml"),
    ]
    (own,) = imports(merge(layers(base, "extends: b0\nimports: [five]\n")))
    assert (own.name, own.folder, own.place) == ("five", "", Place(2, 11))


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("extends: a.yaml\n", "a.yaml"),
        ("a: 1\n", None),
        ("extends: [a]\n", None),
        ("- 1", None),
        ("", None),
        ("extends: a\nlr: 1\nlr: 2\n", "a"),
    ],
)
def test_the_base_is_known_as_far_as_the_text_can_be_read(text, base):
    assert read_layer(text).base == base


def test_a_removal_of_thousands_of_keys_costs_no_minutes():
    removal = ", ".join(f"k{number}" for number in range(15_000))
    found = examine_layers(layers(config(), f"extends: b0\nremove: [{removal}]\n")).findings
    assert len(found) == FINDING_LIMIT + 1


@given(strategies.yaml_like | strategies.texts, strategies.yaml_like | strategies.texts)
def test_any_two_texts_give_a_config_or_findings_inside_one_of_them(base, top):
    examined = examine_layers(layers(base, f"extends: b0\n{top}"), STANDARD)
    texts = {"": examined.text, **dict(examined.others)}
    for found in examined.findings:
        if found.place:
            rows = texts[found.place.source].split("\n")
            assert 1 <= found.place.line <= len(rows)
            assert 1 <= found.place.column <= len(rows[found.place.line - 1]) + 1


def test_paths_are_told_from_another_folder_and_those_of_what_is_extended_too():
    base = read_layer("dataset: {images: ../data/i, masks: m}", "base.yaml", "../shared")
    top = read_layer("extends: ../shared/base.yaml\nencoder_weights: w.h5\nsplit: /s.json")
    merged = told_from(merge((base, top)), "runs/a")
    assert dict(merged.folders) == {"": "runs/a", "base.yaml": "runs/shared"}
    assert told_from(merge((top,)), "").folders == (("", ""),)


@pytest.mark.parametrize(
    ("path", "folder"), [("../w.h5", "a"), ("../../w.h5", "a/b"), ("w.h5", ""), ("../a/w.h5", "../b")]
)
def test_a_place_has_the_same_path_from_every_folder(path, folder):
    """But an experiment's own weights are its own, wherever it lies."""
    own = "weights/best-0.0.weights"
    stages = f"[{{epochs: 1}}, {{epochs: 1, initial_weights: {own}}}]"
    text = f"{HEAD}encoder_weights: {path}\nstages: {stages}\n"
    found = examine_merged(told_from(merge((read_layer(text),)), folder)).config
    assert found.encoder_weights == ("../a/w.h5" if folder == "../b" else "w.h5")
    assert found.stages[1].initial_weights == own
