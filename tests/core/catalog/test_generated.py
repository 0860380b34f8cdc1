"""The generated files are what the installed libraries say."""

import pytest

from tests.core.catalog.libraries import imgaug, keras
from tests.make_catalog import FOLDER, files


@pytest.fixture(scope="module")
def made():
    keras(), imgaug()
    return files()


@pytest.mark.parametrize(
    "name",
    [
        "keras_optimizers.py",
        "keras_metrics.py",
        "keras_losses.py",
        "keras_callbacks.py",
        "keras_schedules.py",
        "imgaug_augmenters.py",
    ],
)
def test_a_committed_file_is_what_the_generator_writes(name, made):
    assert (FOLDER / name).read_text(encoding="utf-8") == made[name]


def test_the_generator_writes_no_other_file(made):
    assert all((FOLDER / name).is_file() for name in made)
    assert len(made) == 6
