"""`diff`: what differs in meaning, with file and line, and nothing else."""

import json
import subprocess
import sys

from tests.shell.commands.calling import call

TEXT = "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nmetrics: [iou]\nstages: [{epochs: 3}]\n"


def configs(tmp_path, one, other):
    for name, text in (("a", one), ("b", other)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.yaml").write_text(text)
    return tmp_path / "a" / "config.yaml", tmp_path / "b" / "config.yaml"


def test_a_difference_is_told_with_file_and_line_of_each_side(tmp_path):
    one, other = configs(tmp_path, TEXT + "batch: 8\n", TEXT + "# more\nstratified: false\nlr: 0.25\n")
    said = call("diff", one, other)
    assert (said.code, said.err) == (0, "")
    head, *rows = [line.split() for line in said.out.splitlines()]
    assert head == [str(one), str(other)]
    assert rows == [
        ["lr", "0.001", "default", "0.25", f"{other}:8"],
        ["batch", "8", f"{one}:6", "16", "default"],
    ]


def test_no_difference_in_meaning_is_said(tmp_path):
    said = call("diff", *configs(tmp_path, TEXT, "# the same\nlr: 1e-3\n" + TEXT))
    assert (said.code, said.out, said.err) == (0, "no difference in meaning\n", "")


def test_json_has_the_same_with_null_for_what_is_not_there(tmp_path):
    one, other = configs(tmp_path, TEXT, TEXT.replace("[{epochs: 3}]", "[{epochs: 3}, {epochs: 5}]"))
    said = call("diff", one, other, "--json")
    found = {"path": "stages[1].epochs", "values": [None, {"value": 5, "place": f"{other}:5"}]}
    assert json.loads(said.out) == {"configs": [str(one), str(other)], "differences": [found]}


def test_one_data_set_from_two_folders_is_no_difference(tmp_path, monkeypatch):
    one, _ = configs(
        tmp_path, TEXT + "dataset: {images: ../data/i, masks: m}\n", "extends: ../a/config.yaml\n"
    )
    monkeypatch.chdir(tmp_path)
    assert call("diff", one, "b/config.yaml").out == "no difference in meaning\n"
    (tmp_path / "config.yaml").write_text(TEXT + "dataset: {images: data/i, masks: m}\n")
    said = call("diff", "config.yaml", "a/config.yaml")
    assert [line.split() for line in said.out.splitlines()[1:]] == [
        ["dataset.masks", "m", "config.yaml:6", "a/m", "a/config.yaml:6"]
    ]


def test_all_that_is_wrong_with_both_is_told(tmp_path):
    said = call("diff", *configs(tmp_path, TEXT + "batchh: 8\n", TEXT + "lr: -1\n"))
    assert (said.code, said.out) == (2, "")
    assert "'batchh' is no key" in said.err
    assert "lr: expected" in said.err
    gone = call("diff", tmp_path / "a" / "config.yaml", tmp_path / "gone.yaml")
    assert (gone.code, gone.out) == (2, "")
    assert "gone.yaml" in gone.err


def test_neither_diff_nor_report_loads_a_heavy_library(tmp_path):
    one, other = configs(tmp_path, TEXT, TEXT + "batch: 4\n")
    code = (
        "import sys\n"
        "from segshell.__main__ import main\n"
        "*pair, folder = sys.argv[1:]\n"
        "codes = main(['diff', *pair]), main(['report', folder, '--output', folder + '/r.csv'])\n"
        "heavy = {'tensorflow', 'keras', 'pandas', 'sklearn', 'cv2', 'imgaug', 'scipy'} & set(sys.modules)\n"
        "print(codes, sorted(heavy))\n"
    )
    words = (str(one), str(other), str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "(0, 0) []"
