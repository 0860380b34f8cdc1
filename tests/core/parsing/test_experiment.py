"""The parser as a whole: configs come back as they were dumped, and no text makes it fail."""

import random
import string

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from segcore.config import ExperimentConfig
from segcore.declaring import key_of, required
from segcore.errors import ConfigError, dotted, render
from segcore.parsing.dumping import as_plain, dump
from segcore.parsing.experiment import examine, parse
from segcore.parsing.limits import FINDING_LIMIT
from tests import strategies
from tests.config_strategies import configs
from tests.core.strictness_corpus import CORPUS, config

few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SPELLINGS = tuple(key_of(one).name for one in ExperimentConfig.__attrs_attrs__ if key_of(one))


def block(given_config):
    """Return a config as indented YAML, one key or item a line."""
    return strategies.to_block(as_plain(given_config))


# --- valid configs ----------------------------------------------------------------------------------------


@few
@given(configs())
def test_a_dumped_config_reads_as_the_same_config(given_config):
    """Fault 15: without `segcore.parsing.scalars.resolve` a number such as 1e-05 would come back as a text."""
    examined = examine(dump(given_config))
    assert examined.findings == (), render(examined.findings, "", examined.text)
    assert examined.config == given_config
    assert dump(examined.config) == dump(given_config)


@few
@given(configs(), st.randoms(use_true_random=False), st.sampled_from(["\n", "\r\n"]))
def test_comments_blank_lines_line_ends_and_the_order_of_keys_do_not_matter(given_config, chance, end):
    plain = as_plain(given_config)
    order = sorted(plain, key=lambda _: chance.random())
    lines = strategies.to_block({name: plain[name] for name in order}).split("\n")
    noisy = [piece for line in lines for piece in (line, *chance.choice([(), ("",), ("   # lr: 1",)]))]
    assert examine(end.join(noisy).encode()).config == given_config


@few
@given(configs())
def test_equal_configs_hash_alike(given_config):
    assert hash(parse(dump(given_config))) == hash(given_config)


# --- texts with faults ------------------------------------------------------------------------------------


def assert_sound(source):
    """Either a config, or findings that stand inside the text and can be shown; nothing is raised."""
    examined = examine(source)
    assert (examined.config is None) == bool(examined.findings)
    assert len(examined.findings) <= FINDING_LIMIT + 1
    lines = examined.text.split("\n")
    for found in examined.findings:
        assert found.message.endswith(".")
        if found.place is None:
            assert found.code == "too-large"
        else:
            assert 1 <= found.place.line <= len(lines)
            assert 1 <= found.place.column <= len(lines[found.place.line - 1]) + 1
    shown = render(examined.findings, "config.yaml", examined.text)
    assert all(character.isprintable() or character in "\n\t" for character in shown if ord(character) < 160)
    in_order = [(one.place.line, one.place.column) for one in examined.findings if one.place]
    assert in_order == sorted(in_order)
    return examined


@settings(deadline=None)
@given(st.binary() | strategies.texts | strategies.yaml_like)
def test_any_source_gives_a_config_or_findings(source):
    """Fault 14: without a total `segcore.parsing` some bytes would end in a traceback instead of findings."""
    assert_sound(source)


@settings(deadline=None)
@given(strategies.plain_values())
def test_any_value_gives_a_config_or_findings(value):
    assert_sound(strategies.to_json(value))


@few
@given(st.dictionaries(st.sampled_from(SPELLINGS), strategies.plain_values(max_leaves=6), max_size=6))
def test_any_value_of_any_key_gives_a_config_or_findings(values):
    assert_sound(strategies.to_block({**as_plain(parse(config())), **values}))


@few
@given(configs(), st.data())
def test_edited_characters_give_a_config_or_findings(given_config, data):
    text = block(given_config)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        width = data.draw(st.integers(0, 3))
        put = data.draw(strategies.yaml_fragments | st.text(string.printable, max_size=2))
        text = text[:at] + put + text[at + width :]
    assert_sound(text)


@few
@given(configs(), st.data())
def test_deleted_repeated_and_swapped_lines_give_a_config_or_findings(given_config, data):
    lines = block(given_config).split("\n")
    first, second = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    edited = data.draw(st.sampled_from(["delete", "repeat", "swap"]))
    if edited == "delete":
        del lines[first]
    elif edited == "repeat":
        lines.insert(second, lines[first])
    else:
        lines[first], lines[second] = lines[second], lines[first]
    assert_sound("\n".join(lines))


def _nodes(value, path=()):
    yield path
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, inner in children:
        yield from _nodes(inner, (*path, step))


def _replaced(value, path, new):
    if not path:
        return new
    step, *rest = path
    if isinstance(value, dict):
        return {name: _replaced(one, rest, new) if name == step else one for name, one in value.items()}
    return [_replaced(one, rest, new) if number == step else one for number, one in enumerate(value)]


ODD_VALUES = st.sampled_from(
    [None, True, -1, 0, 2, 1e308, "", "none", "x", [], [1], {}, {"a": 1}, [[]], [2, 1]]
)


@few
@given(configs(), st.data())
def test_replaced_values_give_a_config_or_findings(given_config, data):
    plain = as_plain(given_config)
    path = data.draw(st.sampled_from(list(_nodes(plain))))
    assert_sound(strategies.to_block(_replaced(plain, path, data.draw(ODD_VALUES | strategies.leaves))))


@few
@given(configs(), st.data())
def test_a_misspelt_key_is_found_with_the_right_one_suggested(given_config, data):
    """Fault 13: without `reading.near` a user has to look the right name up."""
    plain = as_plain(given_config)
    name = data.draw(st.sampled_from([one for one in plain if len(one) > 4]))
    at = data.draw(st.integers(1, len(name) - 2))
    wrong = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    assume(wrong != name and wrong not in plain)
    lines = [
        line.replace(f"{name}:", f"{wrong}:", 1) if line.startswith(f"{name}:") else line
        for line in dump(given_config).split("\n")
    ]
    found = [one for one in assert_sound("\n".join(lines)).findings if one.code == "unknown-key"]
    assert [(one.nearest[0], one.place.column) for one in found] == [(name, 1)]


# Below these, keys are names of the user's own.
OWN_NAMES = frozenset({"masks", "colors", "values"})


@few
@given(configs(), st.data())
def test_no_key_is_ignored_wherever_it_stands(given_config, data):
    """Fault 13: without `unknown_key` and its kin in `segcore.parsing` a misspelt key is dropped in silence."""
    plain = as_plain(given_config)
    paths = [one for one in _nodes(plain) if one and isinstance(one[-1], str) and not OWN_NAMES & {*one[:-1]}]
    *above, name = data.draw(st.sampled_from(paths))
    inner = plain
    for step in above:
        inner = inner[step]
    renamed = {(f"{key}zq" if key == name else key): value for key, value in inner.items()}
    text = strategies.to_block(_replaced(plain, above, renamed))
    line = next(number for number, one in enumerate(text.split("\n"), 1) if f'{name}zq":' in one)
    assert line in [one.place.line for one in assert_sound(text).findings]


@few
@given(configs(), st.data())
def test_every_missing_key_is_named(given_config, data):
    plain = as_plain(given_config)
    gone = data.draw(st.lists(st.sampled_from(required(ExperimentConfig)), min_size=1, unique=True))
    found = assert_sound(strategies.to_block({name: one for name, one in plain.items() if name not in gone}))
    messages = [one.message for one in found.findings if one.code == "missing-key"]
    assert len(messages) == len(gone)
    assert all(any(repr(name) in message for message in messages) for name in gone)


@few
@given(
    st.lists(
        st.sampled_from(
            [
                "batch: 0",
                "lr: -1",
                "seed: x",
                "stratified: 1",
                "optimizer: Adan",
                "metrics: [nope]",
                "clipnorm: []",
                "crops: 17",
            ]
        ),
        unique=True,
        min_size=1,
    )
)
def test_independent_faults_are_all_found_at_once(lines):
    """Fault 14: without a draft that is read as far as it goes, one fault would hide the next."""
    found = assert_sound(config(*lines)).findings
    assert [one.place.line for one in found] == list(range(4, 4 + len(lines)))


def test_cut_texts_of_the_corpus_give_a_config_or_findings():
    """Every prefix of some faulty configs, since people save files that are not finished."""
    chance = random.Random(0)  # noqa: S311 - which prefixes are tried is of no consequence
    for text, _ in chance.sample([row for row in CORPUS if 0 < len(row[0]) < 400], 20):
        for end in chance.sample(range(len(text)), 5):
            assert_sound(text[:end])


HOSTILE = {
    "unknown keys": ("".join(f"word{number}: 0\n" for number in range(3000)), "too-many-findings"),
    "a stage of unknown keys": (f"stages: [{{{', '.join(f'k{n}: 1' for n in range(3000))}}}]", "unknown-key"),
    "stages": (f"stages: [{'3, ' * 3000}]", "wrong-length"),
    "names": (f"augmentation: [{'Flxplr, ' * 3000}]", "wrong-length"),
    "arguments": (
        f"optimizer: {{SGD: {{{', '.join(f'k{n}: 1' for n in range(3000))}}}}}",
        "unknown-argument",
    ),
    "choices": (f"augmentation: {{Add: {{choice: [{'x, ' * 3000}]}}}}", "wrong-type"),
    "summands": (f"loss: {'+'.join(f'a{number}' for number in range(3000))}", "loss-grammar"),
    "a long name": (f"backbone: {'r' * 100_000}", "unknown-name"),
    "a long key": (f"? {'k' * 100_000}\n: 1", "unknown-key"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_many_or_long_values_give_few_and_short_findings(name):
    text, code = HOSTILE[name]
    examined = assert_sound(text)
    assert code in [one.code for one in examined.findings]
    assert len(render(examined.findings, "config.yaml", examined.text)) < 60_000


# --- what callers get -------------------------------------------------------------------------------------


def test_parse_raises_what_examine_finds():
    text = config("batch: 0", "Lr: 1")
    with pytest.raises(ConfigError) as caught:
        parse(text, "a.yaml")
    assert caught.value.findings == examine(text).findings
    assert (caught.value.source, caught.value.text) == ("a.yaml", text)


def test_a_fault_in_the_text_hides_no_fault_of_a_value():
    found = examine(config("lr: 1", "lr: 2", "batch: 0")).findings
    assert [one.code for one in found] == ["duplicate-key", "out-of-range"]


def test_a_value_that_could_not_be_read_is_told_once():
    found = examine(config("lr: !!float 1", "batch: *b")).findings
    assert [one.code for one in found] == ["tag", "unknown-alias"]


def test_merged_keys_are_not_told_as_missing():
    found = examine("<<: {architecture: Unet}\nbackbone: resnet34\n").findings
    assert [one.code for one in found] == ["merge-key"]


def test_paths_are_those_that_the_user_wrote():
    text = config("callbacks: {earlystopping: {monitor: val_iou}}", "augmentation: [{fliplr: {p: 2}}]")
    assert [dotted(one.path) for one in examine(text).findings] == [
        "callbacks.earlystopping.monitor",
        "augmentation[0].fliplr.p",
    ]


def test_other_words_for_the_same_give_equal_configs():
    assert parse(config("activation: none", "loss: hinge")) == parse(
        config("activation: linear", "loss: hinge")
    )
    assert parse(config() + "    negatives: 0\n") == parse(config() + "    negatives: none\n")
    beside = config("decoder_block_type: transpose")
    assert parse(beside) == parse(config().replace("Unet", "{Unet: {decoder_block_type: transpose}}"))
    assert parse(config().replace("resnet34", "ResNet34")) == parse(config())
