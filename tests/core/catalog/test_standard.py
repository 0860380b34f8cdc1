import subprocess
import sys

import pytest

from segcore.catalog.rows import Row
from segcore.catalog.signatures import bare
from segcore.catalog.standard import STANDARD

FAMILIES = [family for family, _ in STANDARD.signatures]
HEAVY = ("tensorflow", "keras", "imgaug", "cv2", "pandas", "sklearn", "scipy", "segmentation_models")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_line_is_a_row_of_its_name(family):
    for name in STANDARD.names(family):
        row = STANDARD.find(family, name)
        assert isinstance(row, Row)
        assert (row.family, row.name) == (family, name)
        assert (row.direction in ("max", "min")) == (family == "metric")
        assert hash(row) == hash(STANDARD.find(family, name.upper()))


@pytest.mark.parametrize("family", FAMILIES)
def test_names_differ_by_more_than_case_and_underscores(family):
    names = [bare(name) for name in STANDARD.names(family)]
    assert len(names) == len(set(names)) > 0


@pytest.mark.parametrize("family", FAMILIES)
def test_a_refused_name_has_one_reason_and_is_not_offered(family):
    refused = [bare(name) for of, name, _ in STANDARD.refused if of == family]
    assert len(refused) == len(set(refused))
    assert not set(refused) & {bare(name) for name in STANDARD.names(family)}


def test_every_reason_is_part_of_a_sentence():
    """The reason stands behind a colon and before a full stop."""
    for family, name, reason in STANDARD.refused:
        assert family in FAMILIES
        assert STANDARD.refusal(family, name) == reason
        assert reason == reason.strip().rstrip(".")
        assert len(reason) > 10


def test_the_catalog_is_read_without_any_framework():
    script = f"import sys, segcore.catalog.standard; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
