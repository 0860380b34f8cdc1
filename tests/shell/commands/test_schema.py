"""`schema`: JSON on stdout, the names of a config's modules where asked, no framework."""

import json
import subprocess
import sys

from jsonschema import Draft7Validator

from segcore.schema import text
from tests.shell.commands.calling import call
from tests.shell.own_names import KEYS, write_module
from tests.shell.small import write_config


def test_it_prints_the_schema():
    said = call("schema")
    assert (said.code, said.err, said.out) == (0, "", text())


def test_the_names_of_a_configs_modules_are_in_it(tmp_path):
    write_module(tmp_path)
    config = write_config(tmp_path, **KEYS)
    said = call("schema", "--config", config)
    assert said.code == 0
    assert said.err.startswith("imported my_names")
    value = {**KEYS, "backbone": "resnet18", "shape": [32, 32, 3]}
    assert Draft7Validator(json.loads(said.out)).is_valid(value)
    assert not Draft7Validator(json.loads(call("schema").out)).is_valid(value)


def test_a_config_that_cannot_be_read_is_an_error(tmp_path):
    assert call("schema", "--config", tmp_path / "gone.yaml").code == 2


def test_neither_schema_nor_new_loads_a_framework(tmp_path):
    code = (
        "import sys\n"
        "from segshell.__main__ import main\n"
        "codes = [main(['schema']), main(['new', 'made'])]\n"
        "heavy = {'tensorflow', 'keras', 'pandas', 'sklearn', 'cv2', 'imgaug', 'scipy'} & set(sys.modules)\n"
        "print(codes, sorted(heavy))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": ""},
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[0, 0] []"
