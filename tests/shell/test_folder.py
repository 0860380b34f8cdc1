"""The names of an experiment's files."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from segshell.folder import Folder, sidecar_of

FOLDER = Folder(Path("/experiment"), "config.yaml")
places = st.tuples(st.integers(0, 10_000), st.integers(0, 10_000))


def files_of(place):
    return {
        FOLDER.weights(*place),
        FOLDER.sidecar(*place),
        FOLDER.record(*place),
        FOLDER.checkpoints(*place, "0123456789abcdef"),
        FOLDER.metrics(*place),
        FOLDER.examples(*place),
    }


def test_names_are_those_that_the_documentation_promises():
    assert FOLDER.weights(2, 1) == Path("/experiment/weights/best-2.1.weights.h5")
    assert FOLDER.sidecar(2, 1) == Path("/experiment/weights/best-2.1.weights.json")
    assert FOLDER.metrics(2, 1) == Path("/experiment/metrics/metrics-2.1.csv")
    assert FOLDER.examples(2, 1) == Path("/experiment/examples/1/2")
    assert FOLDER.summary == Path("/experiment/summary.yaml")


@given(places, places)
def test_no_two_fold_stages_share_a_file(one, other):
    assert len(files_of(one)) == 6
    assert (one == other) == bool(files_of(one) & files_of(other))


@given(places)
def test_trainings_with_other_keys_keep_their_checkpoints_apart(place):
    assert FOLDER.checkpoints(*place, "a" * 32) != FOLDER.checkpoints(*place, "b" * 32)


@given(places)
def test_every_file_lies_in_a_folder_that_is_swept(place):
    """But for those at the root, which is swept itself."""
    for path in files_of(place):
        assert path.relative_to(FOLDER.root).parts[0] in FOLDER.made


def test_the_sidecar_of_weights_from_elsewhere_lies_beside_them():
    assert sidecar_of(Path("a/b.weights.h5")) == Path("a/b.weights.json")


def test_both_kinds_of_scores_have_their_own_file():
    assert FOLDER.scores("network") != FOLDER.scores("source")
