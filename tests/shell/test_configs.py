"""Config files over one another: chains, cycles, missing files, and paths relative to the file that writes them."""

import os

import pytest

from segcore.catalog.standard import STANDARD
from segcore.errors import ConfigError
from segshell.configs import open_config, open_names, read_layers
from segshell.segmentation import parse
from tests.core.strictness_corpus import config
from tests.shell.own_names import KEYS, write_module
from tests.shell.small import experiment, write_config


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_chain_of_files_in_several_folders_is_read_to_its_end(tmp_path):
    write(tmp_path / "lowest.yaml", config("batch: 3", "seed: 5"))
    write(tmp_path / "mid" / "middle.yaml", "extends: ../lowest.yaml\nseed: 6\nlr: 0.5\n")
    top = write(tmp_path / "exp" / "top" / "config.yaml", "extends: ../../mid/middle.yaml\nlr: 0.25\n")
    found = open_config(top).config
    assert (found.batch, found.seed, found.lr) == (3, 6, 0.25)
    assert [one.folder for one in read_layers(top)] == ["../..", "../../mid", ""]


def test_the_experiment_lives_beside_the_config_and_its_data_beside_the_base(tmp_path, pictures):
    base = {"dataset": {"images": "images", "masks": "masks"}, "architecture": "Unet", "backbone": "resnet18"}
    written = write_config(pictures.parent / "shared", **base)
    relative = os.path.relpath(pictures, written.parent)
    written.write_text(written.read_text().replace("images: images", f"images: {relative}/images"))
    written.write_text(written.read_text().replace("masks: masks", f"masks: {relative}/masks"))
    top = write(
        tmp_path / "a" / "config.yaml", f"extends: {os.path.relpath(written, tmp_path / 'a')}\nlr: 0.1\n"
    )
    one = parse(top)
    assert one.folder.root == tmp_path / "a"
    assert one.prepare().plan.samples == 12


def test_a_plan_is_the_same_whether_a_key_is_inherited_or_written(tmp_path, pictures):
    whole = experiment(tmp_path / "whole", pictures).prepare().plan
    base = write_config(tmp_path / "base", pictures)
    write(tmp_path / "top" / "config.yaml", f"extends: {base}\n")
    from tests.shell.small import BUILDERS, CATALOG

    inherited = parse(tmp_path / "top" / "config.yaml", BUILDERS, CATALOG).prepare().plan
    assert [run.key for run in inherited.runs] == [run.key for run in whole.runs]


def error(path, *words):
    with pytest.raises(ConfigError) as caught:
        open_config(path)
    for word in words:
        assert word in str(caught.value)
    return caught.value.findings


def test_a_missing_base_is_told_where_it_is_named(tmp_path):
    path = write(tmp_path / "c.yaml", config("extends: gone.yaml"))
    (found,) = error(path, f"{path}:4:10: [extends]", "No such file", "    extends: gone.yaml\n")
    assert found.code == "extends"


def test_a_missing_base_of_a_base_is_told_in_the_base(tmp_path):
    base = write(tmp_path / "b.yaml", "lr: 0.1\nextends: gone.yaml\n")
    error(write(tmp_path / "c.yaml", config("extends: b.yaml")), f"{base}:2:10: [extends]")


@pytest.mark.parametrize("names", [("c.yaml",), ("c.yaml", "b.yaml"), ("c.yaml", "b.yaml", "sub/a.yaml")])
def test_a_cycle_is_told_with_its_way(tmp_path, names):
    for name, following in zip(names, (*names[1:], names[0]), strict=True):
        prefix = "../" if "/" in name else ""
        write(tmp_path / name, f"extends: {prefix}{following}\n")
    (found,) = error(tmp_path / "c.yaml", " -> c.yaml")
    assert found.code == "extends"


def test_a_cycle_through_a_link_is_one(tmp_path):
    path = write(tmp_path / "c.yaml", "extends: other.yaml\n")
    (tmp_path / "other.yaml").symlink_to(path)
    error(path, "[extends]", "no end")


@pytest.mark.parametrize("name", [".", "sub", "pipe", "~nobody-of-this-name/x.yaml", "a\\0b", "*"])
def test_what_is_no_file_is_told_and_never_waited_for(tmp_path, name):
    (tmp_path / "sub").mkdir()
    os.mkfifo(tmp_path / "pipe")
    path = write(tmp_path / "c.yaml", config(f'extends: "{name}"'))
    assert {one.code for one in error(path)} <= {"extends", "control-character"}


def test_a_base_that_is_too_large_is_refused(tmp_path):
    write(tmp_path / "b.yaml", "#" * (2**20 + 1))
    path = write(tmp_path / "c.yaml", config("extends: b.yaml"))
    (found,) = error(path, "b.yaml")
    assert found.code == "too-large"


def test_a_fault_of_a_base_shows_its_file_and_line(tmp_path):
    base = write(tmp_path / "base.yaml", config("batch: none"))
    error(
        write(tmp_path / "c.yaml", "extends: base.yaml\n"), f"{base}:4:8: [wrong-type]", "    batch: none\n"
    )


def test_a_module_that_a_base_names_lies_beside_the_base(tmp_path):
    module = write_module(tmp_path / "base")
    base = write_config(tmp_path / "base", **KEYS)
    top = write(tmp_path / "top" / "config.yaml", f"extends: {base}\nlr: 0.5\n")
    (extension,) = open_config(top).extensions
    assert extension.path == module
    write_module(tmp_path / "top")
    own = write(tmp_path / "top" / "own.yaml", f"extends: {base}\nimports: [my_names]\n")
    assert open_config(own).extensions[0].path == tmp_path / "top" / "my_names.py"


def test_names_are_known_of_a_config_that_is_wrong(tmp_path):
    write_module(tmp_path)
    path = write(tmp_path / "c.yaml", "imports: [my_names]\nlr: [\nlr: 3\n")
    assert open_names(write(tmp_path / "d.yaml", "imports: [my_names]\nlr: none\n")).find("loss", "squared")
    assert open_names(path, STANDARD) == STANDARD


def test_a_missing_config_is_told(tmp_path):
    error(tmp_path / "gone.yaml", "unreadable-config", "gone.yaml")
    error(tmp_path, "unreadable-config", "Name a config in that folder.")
