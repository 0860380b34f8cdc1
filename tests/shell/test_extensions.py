"""Modules of one's own: named in a config, checked without a framework, built when trained, told apart by content."""

import csv
import hashlib
import os
import shutil
import subprocess
import sys

import pytest

from segcore.errors import ConfigError, Place
from segcore.parsing.extending import Import
from segshell.builders import STANDARD
from segshell.extensions import extended, families, load
from segshell.segmentation import parse
from tests.shell.commands.calling import CONFIG, call
from tests.shell.own_names import KEYS, MODULE, write_module
from tests.shell.small import write_config


@pytest.fixture
def config(tmp_path, pictures):
    """Give a config that uses names of a module beside it."""
    write_module(tmp_path / "one")
    return write_config(tmp_path / "one", pictures, **KEYS)


def refused(folder, text=None, **keys):
    """Return what is wrong with a config whose module has a text."""
    if text is not None:
        write_module(folder, text)
    with pytest.raises(ConfigError) as caught:
        parse(write_config(folder, **{**KEYS, **keys}))
    return caught.value


def test_a_config_with_names_of_a_module_is_planned_and_trained(config, capfd):
    """One epoch of one fold with the module's architecture, loss, metric and callback."""
    one = parse(config)
    assert one.config.architecture.name == "Tiny"
    (result,) = one.fit(foldsToExecute=0)
    assert (result.watch.column, result.watch.mode) == ("val_claimed", "max")
    with one.folder.metrics(0, 0).open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert 0 <= float(row["val_claimed"]) <= 1
    assert one.load_model(0).count_params() == (3 * 9 + 1) * 6 + 7
    assert f"imported my_names from {config.parent / 'my_names.py'}\n" in capfd.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
def test_a_module_may_lie_in_a_folder_whose_name_is_no_text(tmp_path):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    write_module(folder)
    assert parse(write_config(folder, **KEYS)).config.architecture.name == "Tiny"


def test_the_key_follows_the_bytes_of_the_module(config):
    def keys():
        return [run.key for run in parse(config).prepare().plan.runs]

    before, module = keys(), config.parent / "my_names.py"
    assert keys() == before
    module.write_text(MODULE + "\n# another meaning\n")
    changed = keys()
    assert set(changed).isdisjoint(before)
    parts = dict(parse(config).prepare().plan.runs[0].parts)
    assert parts["extension my_names"] == hashlib.sha256(module.read_bytes()).hexdigest()
    module.write_text(MODULE)
    assert keys() == before


def test_a_changed_module_is_named_as_the_reason(config):
    assert call("run", config, "--folds", "0").code == 0
    module = config.parent / "my_names.py"
    module.write_text(MODULE + "\n# another meaning\n")
    assert "extension my_names changed" in call("plan", config).out


def test_check_and_plan_load_no_framework_and_write_no_byte_code(config):
    assert call("plan", config).code == 0  # the data is known from now on
    before = sorted(one.name for one in config.parent.iterdir())
    code = (
        "import sys\n"
        "from segshell.__main__ import main\n"
        "codes = [main(['check', 'config.yaml']), main(['plan', 'config.yaml'])]\n"
        "print(codes, sorted({'tensorflow', 'keras', 'pandas', 'sklearn'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=config.parent, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": ""},
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[0, 0] []"
    assert done.stderr.count("imported my_names from ") == 2
    assert sorted(one.name for one in config.parent.iterdir()) == before


def test_without_the_import_its_names_are_unknown(tmp_path):
    write_module(tmp_path)
    said = refused(tmp_path, imports=[])
    assert {one.code for one in said.findings} >= {"unknown-name"}


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("CATALOG = (\n", "import-failed", "SyntaxError in line 1"),
        ("import no_such_library\n", "import-failed", "ModuleNotFoundError in line 1: No module named"),
        ("\n\n1 / 0\n", "import-failed", "ZeroDivisionError in line 3"),
        ("raise SystemExit(0)\n", "import-failed", "SystemExit in line 1"),
        ("x = 1\n", "import-catalog", "no CATALOG of the right form"),
        ("CATALOG = [('loss', ('a',))]\n", "import-catalog", "no CATALOG of the right form"),
        ("CATALOG = (('loss', 'a'),)\n", "import-catalog", "no CATALOG of the right form"),
        ("CATALOG = (('los', ('a',)),)\n", "import-catalog", "the family los"),
        ("CATALOG = (('loss', ('a',)),)\n", "import-extend", "no function extend"),
        ("CATALOG = (('loss', ('a(b)',)),)\ndef extend(b): return b\n", "import-catalog", "needs a kind"),
        ("CATALOG = (('loss', ('huber',)),)\ndef extend(b): return b\n", "import-catalog", "taken"),
        ("CATALOG = (('loss', ('mse',)),)\ndef extend(b): return b\n", "import-catalog", "refused"),
    ],
)
def test_what_is_wrong_with_a_module_stands_where_it_is_imported(tmp_path, text, code, words):
    said = refused(tmp_path, text)
    (found,) = said.findings
    line = next(
        number
        for number, row in enumerate((tmp_path / "config.yaml").read_text().split("\n"), 1)
        if row.strip() == "- my_names"
    )
    assert (found.code, found.place.line, found.path) == (code, line, ("imports", 0))
    assert words in found.message
    assert found.advice
    assert said.exit_code == 2
    assert f"config.yaml:{line}:" in str(said)


@pytest.mark.parametrize("name", ["../my_names", "/my_names", "./my_names", "sub/my_names", "my_names.py"])
def test_a_path_is_no_module(tmp_path, name):
    write_module(tmp_path / "one" / "sub")
    write_module(tmp_path)
    said = refused(tmp_path / "one", imports=[name])
    assert {one.code for one in said.findings} & {"import-name", "import-missing"}


def test_every_module_that_cannot_be_imported_is_told(tmp_path):
    said = refused(tmp_path, "1 / 0\n", imports=["my_names", "json", "gone"])
    assert [one.code for one in said.findings] == ["import-failed", "import-missing", "import-missing"]
    assert "--allow-imports json" in said.findings[1].advice


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Let the module be found as installed ones are, and nowhere beside the config."""
    path = write_module(tmp_path / "site", name="installed_names")
    monkeypatch.syspath_prepend(tmp_path / "site")
    yield path
    sys.modules.pop("installed_names", None)


def test_an_installed_module_is_imported_only_where_it_is_allowed(tmp_path, installed):
    config = write_config(tmp_path / "one", **{**KEYS, "imports": ["installed_names"]})
    with pytest.raises(ConfigError, match="allow-imports installed_names"):
        parse(config)
    assert "installed_names" not in sys.modules
    said = call("check", config, "--allow-imports", "installed_names")
    assert (said.code, said.err) == (0, f"imported installed_names from {installed}\n")
    one = parse(config, allow_imports=("installed_names",))
    assert one.catalog.extensions == (
        ("installed_names", hashlib.sha256(installed.read_bytes()).hexdigest()),
    )


def test_a_file_beside_the_config_comes_before_an_installed_module(tmp_path, installed, capsys):
    write_module(tmp_path / "one", name="installed_names")
    config = write_config(tmp_path / "one", **{**KEYS, "imports": ["installed_names"]})
    parse(config, allow_imports=("installed_names",))
    assert f"from {tmp_path / 'one' / 'installed_names.py'}" in capsys.readouterr().err


def test_two_modules_of_one_name_do_not_meet(tmp_path):
    for folder, default in (("one", "3"), ("two", "5")):
        write_module(tmp_path / folder, MODULE.replace("Integer(1) = 4", f"Integer(1) = {default}"))
    experiments = [parse(write_config(tmp_path / folder, **KEYS)) for folder in ("one", "two")]
    defaults = [one.catalog.find("architecture", "Tiny").parameters[0].default for one in experiments]
    assert defaults == [3, 5]
    assert "my_names" not in sys.modules


# --- builders ---------------------------------------------------------------------------------------------


def loaded(folder, text=MODULE, name="my_names"):
    from segcore.catalog.standard import STANDARD as NAMES

    write_module(folder, text, name)
    extensions, catalog, findings = load([Import(name, ("imports", 0), Place(1, 1))], folder, NAMES)
    assert findings == ()
    return extensions, catalog


def test_the_builders_of_a_module_are_added_and_the_given_ones_stay(tmp_path):
    extensions, catalog = loaded(tmp_path)
    larger = extended(STANDARD, extensions)
    assert larger.find("losses", "Squared") is not None
    assert STANDARD.find("losses", "squared") is None
    assert catalog.find("callback", "wave").name == "Wave"
    assert extended(STANDARD, ()) is STANDARD


LOSS = "CATALOG = (('loss', ('mine',)),)\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def extend(builders):\n    return builders\n", "no builder for the loss mine"),
        ("def extend(builders):\n    return None\n", "it returned NoneType"),
        ("def extend(builders):\n    raise KeyError('x')\n", "KeyError in line 3"),
        ("def extend(builders):\n    return builders.with_(losses={'huber': 1, 'dice_loss': 2})\n", "taken"),
        ("def extend():\n    return None\n", "TypeError"),
    ],
)
def test_an_extend_that_does_not_keep_its_word_is_told(tmp_path, text, words):
    extensions, _ = loaded(tmp_path, LOSS + text)
    with pytest.raises(ConfigError) as caught:
        extended(STANDARD, extensions)
    assert words in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_a_failing_extend_is_shown_where_the_module_is_imported(tmp_path):
    """Also where the config that is extended imports it."""
    write_module(tmp_path, LOSS + "def extend(builders):\n    return builders\n")
    path = write_config(tmp_path, imports=["my_names"], **CONFIG)
    lines = path.read_text().split("\n")
    line = lines.index("- my_names") + 1
    (tmp_path / "top.yaml").write_text("extends: config.yaml\n")
    for name in ("config.yaml", "top.yaml"):
        with pytest.raises(ConfigError) as caught:
            _ = parse(tmp_path / name).builders
        shown = str(caught.value)
        assert f"config.yaml:{line}:3: [import-extend] imports[0]: " in shown
        assert shown.endswith("\n    - my_names\n      ^")


FORMAT = """
import numpy as np

CATALOG = (("dataset", ("mine(images: PathText)",)),)


class Mine:
    def __init__(self, arguments, root, classes, *, exclusive):
        from segshell.patterns import find
        from segshell.sources import Listing, Source

        found = find(root, [arguments["images"]])
        sources = tuple(Source(name, one) for name, one in sorted(found.by_id.items()))
        self.listing = Listing(found.places[0].folder, "mine", sources, found.findings)

    def truth(self, source, size):
        return np.full((*size, 1), VALUE, np.uint8)


def extend(builders):
    return builders.with_(datasets={"mine": Mine})
"""


def test_what_a_format_of_ones_own_read_is_forgotten_when_its_code_changes(tmp_path, pictures):
    """It was stored beside the images, which are the same."""
    shutil.copytree(pictures / "images", tmp_path / "images", ignore=shutil.ignore_patterns(".segshell"))

    def positives(value):
        write_module(tmp_path, FORMAT.replace("VALUE", str(value)))
        keys = {"imports": ["my_names"], "dataset": {"format": "mine", "images": "images"}}
        return len(parse(write_config(tmp_path, **keys, **CONFIG)).prepare().table.positives)

    assert [positives(value) for value in (1, 0, 1)] == [12, 0, 12]
    assert len(list((tmp_path / "images" / ".segshell").glob("samples-*"))) == 2


def test_each_module_gets_the_builders_of_the_one_before(tmp_path):
    first, _ = loaded(tmp_path)
    text = (
        LOSS
        + "def extend(builders):\n    return builders.with_(losses={'mine': builders.find('losses', 'squared')})\n"
    )
    second, _ = loaded(tmp_path, text, "others")
    larger = extended(STANDARD, (*first, *second))
    assert larger.find("losses", "mine") is larger.find("losses", "squared")


def test_names_may_be_added_to_every_family_that_has_builders():
    assert {"architecture", "loss", "metric", "callback", "augmenter"} <= set(families())
    assert all(not one.endswith("s") or one == "loss" for one in families())
