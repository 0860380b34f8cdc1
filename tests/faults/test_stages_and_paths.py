"""Stages that train nothing, and paths and names that lead elsewhere, in configs."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcore.parsing.experiment import examine
from segcore.planning import plan
from tests import record_strategies as records
from tests.benchmarks.startup import make_experiment
from tests.core.strictness_corpus import config
from tests.shell.commands.calling import call

TABLE, SPLIT = records.table_of(12, [0, 1, 5]), records.split_of(12, 2)

# --- stages that do not train -------------------------------------------------------------------------------


@settings(max_examples=25)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=5))
def test_a_plan_is_as_long_as_the_epochs_of_its_stages(epochs):
    """Fault 24: without the check of `check_start` an experiment of no epochs would be called complete."""
    text = config("folds_count: 2").replace(
        "  - epochs: 1\n", "".join(f"  - epochs: {one}\n" for one in epochs)
    )
    examined = examine(text)
    if not sum(epochs):
        assert [one.code for one in examined.findings] == ["nothing-to-train"]
        return
    made = plan(examined.config, TABLE, SPLIT)
    for fold in (0, 1):
        assert sum(run.settings.epochs for run in made.runs if run.fold == fold) == sum(epochs)


@pytest.mark.parametrize(
    ("stages", "code"),
    [("[]", "wrong-length"), ("", "wrong-type"), ("[{epochs: -1}]", "out-of-range"), ("[{}]", "missing-key")],
)
def test_stages_that_say_nothing_to_train_are_refused(stages, code):
    """Fault 24: without the bounds of `segcore.parsing.read_stages` nothing would be trained in silence."""
    text = config().replace("stages:\n  - epochs: 1\n", f"stages: {stages}\n")
    assert [one.code for one in examine(text).findings] == [code]


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """Give an experiment on a data set that was read once."""
    config_file = make_experiment(tmp_path_factory.mktemp("known"))
    assert call("plan", config_file).code == 0
    return config_file


def test_a_stage_of_0_epochs_is_skipped_and_the_plan_says_so(known, tmp_path):
    """Fault 24: without the note of `segcore.plan_text` a stage would be missing without a word."""
    text = (
        known.read_text()
        .replace("epochs: 2", "epochs: 0")
        .replace("images: images", f"images: {known.parent}/images")
    )
    (tmp_path / "config.yaml").write_text(text.replace("masks: masks", f"masks: {known.parent}/masks"))
    said = call("plan", tmp_path / "config.yaml")
    assert said.code == 0
    assert "note      stage 0 has 0 epochs and is skipped" in said.out
    assert {line.split()[1] for line in said.out.splitlines() if line[:1].isdigit()} == {"1"}


@pytest.mark.parametrize("name", ["../evil", "/evil", "deep/../../evil", "..evil", "a b", "~/evil"])
def test_code_is_imported_by_names_of_modules_and_never_by_paths(name, tmp_path):
    """Fault 20: without `read_imports.is_module` a config would run a file outside its folder."""
    home = tmp_path / "home"
    home.mkdir()
    for path in (tmp_path / "evil.py", home / "evil.py", home / "a b.py"):
        path.write_text(
            f"open({str(tmp_path / 'sentinel')!r}, 'w').close()\nCATALOG = ()\nextend = lambda one: one\n"
        )
    (home / "config.yaml").write_text(config(f"imports: ['{name}']"))
    said = call("check", home / "config.yaml")
    assert said.code == 2
    assert "[import-name]" in said.err
    assert not (tmp_path / "sentinel").exists()


# --- paths --------------------------------------------------------------------------------------------------


def everything(folder):
    """Return every path below a folder with what tells whether it was written."""
    return {path: path.lstat().st_mtime_ns for path in folder.rglob("*") if not path.is_dir()}


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.sampled_from(["deep/..", ".", "link", "../{home}"]), min_size=1, max_size=4),
    absolute=st.booleans(),
    names=st.lists(st.sampled_from(["../x", "/etc/p", "CON", "a"]), min_size=1, max_size=3, unique=True),
)
def test_inputs_may_lie_anywhere_and_nothing_is_written_by_a_name_of_the_config(
    known, steps, absolute, names
):
    """What the program writes is named by fold, stage and digests alone, so that no text of a config names a file."""
    home = known.parent
    (home / "deep").mkdir(exist_ok=True)
    if not (home / "link").is_symlink():
        (home / "link").symlink_to(home)
    start = "/".join([*([str(home)] if absolute else []), *steps]).replace("{home}", home.name)
    metrics = ", ".join(f"{{iou: {{name: '{name}'}}}}" for name in names)
    text = known.read_text().replace(
        "images: images, masks: masks", f"images: '{start}/images', masks: '{start}/masks'"
    )
    (home / "odd.yaml").write_text(text.replace("metrics: [iou, dice]", f"metrics: [iou, {metrics}]"))
    before = everything(home.parent)
    said = call("plan", home / "odd.yaml", "--json")
    assert said.code == 0, said.err
    assert json.loads(said.out)["samples"] == 12
    assert everything(home.parent) == before
