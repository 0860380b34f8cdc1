"""Weights files that a config names: those of all stages are looked at before the first, and refused if amiss."""

import itertools
import json
import os
import shutil

import h5py
import pytest

from segcore.errors import DataError
from segshell.checkpoints import WeightsError
from segshell.datasets import FolderDataSet, sample_table
from segshell.given_weights import known_weights
from tests.attacks import hostile_hdf5
from tests.shell.commands.calling import CONFIG, call
from tests.shell.small import experiment, finished, write_config, write_pictures


@pytest.fixture
def home(tmp_path, trained):
    """Give a folder with weights and sidecars of both folds, as they are copied from an earlier experiment."""
    folder = tmp_path / "home"
    folder.mkdir()
    for fold in (0, 1):
        for name in (f"best-{fold}.1.weights.h5", f"best-{fold}.1.weights.json"):
            shutil.copy(trained.folder.root / "weights" / name, folder / name)
    return folder


def started(home, source, *, before=1, **keys):
    """Return an experiment in `home` whose last stage starts from a file."""
    stages = [*({"epochs": 1} for _ in range(before)), {"epochs": 1, "initial_weights": str(source)}]
    return experiment(home, None, stages=stages, **keys)


def refusal(one):
    with pytest.raises(DataError) as caught:
        known_weights(one.config, one.folder.root)
    assert caught.value.exit_code == 3
    return caught.value.findings


# --- what is there ------------------------------------------------------------------------------------------


def test_all_missing_files_of_all_stages_are_told_at_once(home):
    """Fault 11: without `segshell.given_weights` a later stage finds out after the hours of the first."""
    stages = [
        {"epochs": 1, "initial_weights": "gone.weights"},
        {"epochs": 1, "initial_weights": "other/{fold}.weights.h5"},
    ]
    found = refusal(experiment(home, stages=stages))
    assert {finding.code for finding in found} == {"weights-missing"}
    told = " ".join(finding.message for finding in found)
    assert all(name in told for name in ("gone.weights", "other/0.weights.h5", "other/1.weights.h5"))
    assert [finding.path for finding in found] == [
        ("stages", place, "initial_weights") for place in (0, 1, 1)
    ]


def folder_of_that_name(home):
    (home / "a.weights.h5").mkdir()


def pipe(home):
    os.mkfifo(home / "a.weights.h5")


def dangling(home):
    (home / "a.weights.h5").symlink_to("nothing.h5")


def of_another_ending(home):
    (home / "best-0.1.weights.h5").rename(home / "a.weights.keras")


def of_an_old_format(home):
    (home / "best-0.1.weights.h5").rename(home / "a.h5")


def bare(home):
    (home / "best-0.1.weights.h5").rename(home / "a.weights.h5")


def with_a_folder_for_a_sidecar(home):
    bare(home)
    (home / "a.weights.json").mkdir()


def with_half_a_sidecar(home):
    bare(home)
    text = (home / "best-0.1.weights.json").read_text()
    (home / "a.weights.json").write_text(text[: len(text) // 2])


MATRIX = {
    "nothing": (lambda _: None, "a.weights.h5", "weights-missing"),
    "nothing, named without its ending": (lambda _: None, "a.weights", "weights-missing"),
    "nothing in a folder that is not there": (lambda _: None, "gone/a.weights.h5", "weights-missing"),
    "one fold of two": (
        lambda home: (home / "best-1.1.weights.h5").unlink(),
        "best-{fold}.1.weights",
        "weights-missing",
    ),
    "a link to nothing": (dangling, "a.weights.h5", "weights-missing"),
    "a folder": (folder_of_that_name, "a.weights.h5", "weights-format"),
    "a folder, named without its ending": (folder_of_that_name, "a.weights", "weights-format"),
    "the folder of the config": (lambda _: None, ".", "weights-format"),
    "a pipe": (pipe, "a.weights.h5", "weights-format"),
    "another ending": (of_another_ending, "a.weights.keras", "weights-format"),
    "the ending of an older format": (of_an_old_format, "a.h5", "weights-format"),
    "the sidecar itself": (lambda _: None, "best-0.1.weights.json", "weights-format"),
    "no sidecar": (bare, "a.weights.h5", "weights-unsigned"),
    "no sidecar, named without its ending": (bare, "a.weights", "weights-unsigned"),
    "a folder for a sidecar": (with_a_folder_for_a_sidecar, "a.weights.h5", "weights-unsigned"),
    "half a sidecar": (with_half_a_sidecar, "a.weights.h5", "weights-unsigned"),
}


@pytest.mark.parametrize("name", MATRIX)
@pytest.mark.parametrize("before", [0, 2])
def test_a_path_that_cannot_be_started_from_is_told_before_anything_is_trained(home, name, before):
    """Fault 11: without the look at every path in `segshell.given_weights` the stages before are trained first."""
    make, source, code = MATRIX[name]
    make(home)
    (finding,) = refusal(started(home, source, before=before))
    assert (finding.code, finding.path) == (code, ("stages", before, "initial_weights"))
    assert source.replace("{fold}", "1") in finding.message
    assert finding.advice
    assert finished(home) == []


def test_what_can_be_started_from_is_known_by_its_digest_and_what_it_has_seen(tmp_path, trained):
    data = write_pictures(tmp_path / "data")
    source = trained.folder.root.as_posix()
    one = experiment(
        tmp_path / "one",
        data,
        stages=[{"epochs": 1, "initial_weights": f"{source}/weights/best-{{fold}}.1.weights"}],
    )
    known = known_weights(one.config, one.folder.root)
    assert {fold.path for fold in known.values()} == {str(trained.folder.weights(fold, 1)) for fold in (0, 1)}
    contents = sample_table(FolderDataSet(data / "images", data / "masks")).fingerprints
    split = one.prepare().split
    for fold, path in enumerate(sorted(known)):
        assert known[path].trained_on == {contents[row] for row in split.folds[fold].training}


# --- where it comes from ------------------------------------------------------------------------------------


def test_weights_that_nobody_signed_are_used_where_the_config_trusts_them(home, pictures):
    """Fault 22: without a sidecar initial weights are refused; `trust_unsigned` lifts this and nothing else."""
    bare(home)
    dataset = {"images": str(pictures / "images"), "masks": str(pictures / "masks")}
    (finding,) = refusal(started(home, "a.weights"))
    assert (finding.code, "trust_unsigned: true" in finding.advice) == ("weights-unsigned", True)
    one = started(home, "a.weights", before=0, trust_unsigned=True, dataset=dataset)
    assert [run.leaks for run in one.prepare().plan.runs] == [None, None]
    (home / "a.weights.json").write_text("{")
    assert refusal(one)[0].code == "weights-unsigned"


@pytest.mark.parametrize("is_trusting", [False, True])
def test_weights_that_are_not_those_of_their_sidecar_are_refused(home, is_trusting):
    """Fault 22: without the digest in `segshell.given_weights` a replaced file would be read before it is noticed."""
    path = home / "best-0.1.weights.h5"
    shutil.copy(home / "best-1.1.weights.h5", path)
    one = started(home, path.name, trust_unsigned=is_trusting)
    with pytest.raises(WeightsError, match=r"best-0\.1\.weights\.h5 is not the file") as caught:
        known_weights(one.config, one.folder.root)
    assert caught.value.exit_code == 5


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"activation": "linear", "loss": "lovasz_loss"}, "activation sigmoid, but this config has linear"),
        ({"preprocessing": "caffe"}, "preprocessing tf, but this config has caffe"),
        ({"backbone": "vgg16"}, "backbone resnet18, but this config has vgg16"),
        ({"transforms": ["Grayscale"]}, "transforms"),
    ],
)
def test_weights_of_another_network_are_refused_before_the_first_stage_though_shapes_fit(home, keys, told):
    """Fault 10: without `check_signed` in `segshell.given_weights` a later stage finds out, or none."""
    one = started(home, "best-0.1.weights.h5", before=2, **keys)
    with pytest.raises(WeightsError, match=told) as caught:
        known_weights(one.config, one.folder.root)
    assert caught.value.exit_code == 5


# --- what is in it ------------------------------------------------------------------------------------------


def signed(home, change):
    """Change weights and let their sidecar tell the digest of what they have become."""
    from segshell.files import sha256

    path, sidecar = home / "best-0.1.weights.h5", home / "best-0.1.weights.json"
    change(path)
    told = json.loads(sidecar.read_text()) | {
        "weights_digest": sha256(path),
        "weights_bytes": path.stat().st_size,
    }
    sidecar.write_text(json.dumps(told))
    return path


def with_a_link(path):
    with h5py.File(path, "a") as file:
        file["link"] = h5py.ExternalLink("other.h5", "/secret")


@pytest.mark.parametrize(
    "change", [with_a_link, lambda path: path.write_bytes(b"no HDF5"), lambda path: path.write_bytes(b"")]
)
def test_signed_weights_are_looked_through_as_well(home, change):
    """Fault 22: without `hdf5_files.screen` in `segshell.given_weights` whoever signs may hand over anything."""
    path = signed(home, change)
    (finding,) = refusal(started(home, path.name))
    assert finding.code == "weights-format"


@pytest.mark.parametrize(
    ("key", "name"), list(itertools.product(["initial", "encoder"], ["a soft link", "references"]))
)
def test_unsigned_weights_are_looked_through_too(home, key, name):
    path = hostile_hdf5.build(name, home / "a.weights.h5")
    keys = {"encoder_weights": path.name} if key == "encoder" else {"trust_unsigned": True}
    source = "best-0.1.weights" if key == "encoder" else path.name
    (finding,) = refusal(started(home, source, **keys))
    assert finding.code == "weights-format"
    where = ("encoder_weights",) if key == "encoder" else ("stages", 1, "initial_weights")
    assert finding.path == where
    assert hostile_hdf5.ATTACKS[name][1] in finding.message


def test_encoder_weights_need_no_sidecar(home):
    hostile_hdf5.plain(home / "encoder.h5")
    one = experiment(home, encoder_weights="encoder.h5")
    (found,) = known_weights(one.config, home).values()
    assert found.trained_on is None


@pytest.mark.parametrize(("source", "code"), [("gone.weights", 3), ("best-0.1.weights", 5)])
def test_run_ends_with_3_or_5_before_it_trains(home, pictures, source, code):
    """Fault 11: `run` looks at the last stage's weights, missing or of another network, before it trains the first."""
    stages = [{"epochs": 1}, {"epochs": 1, "initial_weights": source}]
    said = call("run", write_config(home, pictures, **{**CONFIG, "stages": stages}))
    assert (said.code, source in said.err) == (code, True)
    assert finished(home) == []
