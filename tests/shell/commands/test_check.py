"""`check`: ok on stdout, findings with line, column and caret on stderr, and nothing else."""

import subprocess
import sys

import pytest

from tests.shell.commands.calling import CONFIG, call
from tests.shell.small import write_config


def test_a_good_config_is_ok_without_any_data(tmp_path):
    said = call("check", write_config(tmp_path, **CONFIG))
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{tmp_path}/config.yaml: ok (PSPNet with vgg16, 1 stage)\n"


def test_every_finding_shows_its_line_with_a_caret_under_it(tmp_path):
    """Positions are those of the text, found here by searching it."""
    path = write_config(tmp_path, **CONFIG)
    text = path.read_text().replace("batch: 4", "batchh: 4").replace("loss: binary", "loss: bynary")
    path.write_text(text)
    said = call("check", path)
    assert (said.code, said.out) == (2, "")
    lines = text.splitlines()
    for word, place, meant in (
        ("batchh", "batchh: 4", "batch"),
        ("bynary_crossentropy", "bynary", "binary_crossentropy"),
    ):
        line = next(number for number, one in enumerate(lines, 1) if place in one)
        column = lines[line - 1].index(place) + 1
        assert f"{path}:{line}:{column}: " in said.err
        told = said.err.splitlines()
        start = next(number for number, one in enumerate(told) if one.startswith(f"{path}:{line}:{column}"))
        assert word in told[start]
        assert meant in told[start]
        assert told[start + 1].strip() == lines[line - 1].strip()
        assert told[start + 2].index("^") == told[start + 1].index(place)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"- 1\n", b"a: [1", b"a: 1\na: 2\n"])
def test_a_text_that_is_no_config_is_a_config_error(tmp_path, content):
    (tmp_path / "config.yaml").write_bytes(content)
    said = call("check", tmp_path / "config.yaml")
    assert (said.code, said.out) == (2, "")
    assert "config.yaml" in said.err
    assert "Traceback" not in said.err


def test_a_missing_config_is_named(tmp_path):
    said = call("check", tmp_path / "gone.yaml")
    assert (said.code, said.out) == (2, "")
    assert "gone.yaml" in said.err


def test_a_check_in_its_own_process_loads_no_framework_and_leaves_no_file(tmp_path):
    write_config(tmp_path, **CONFIG)
    code = (
        "import sys\n"
        "from segshell.__main__ import main\n"
        "code = main(['check', 'config.yaml'])\n"
        "heavy = {'tensorflow', 'keras', 'pandas', 'sklearn', 'cv2', 'imgaug', 'scipy'} & set(sys.modules)\n"
        "print(code, sorted(heavy))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": ""},
    )  # fmt: skip
    assert done.stdout.splitlines() == ["config.yaml: ok (PSPNet with vgg16, 1 stage)", "0 []"]
    assert [one.name for one in tmp_path.iterdir()] == ["config.yaml"]
