"""Which files of two folders belong together: every file is in a pair or in a finding."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segshell import folders
from tests.shell.pictures import empty_files


def scan(images: Path, masks: Path) -> folders.Scan:
    return folders.scan(images, masks)


def test_files_pair_by_full_stem_whatever_their_extension_and_its_case(tmp_path):
    images = empty_files(
        tmp_path / "i", "a.b.JPG", "a.c.jpeg", "Z.TIFF", "x y.webp", ".hidden.png", "notes.txt"
    )
    masks = empty_files(tmp_path / "m", "a.b.png", "a.c.PNG", "Z.bmp", "x y.gif", ".DS_Store")
    empty_files(images / "sub.png", "inner.png")
    empty_files(images / ".segshell", "index.png")
    found = scan(images, masks)
    assert found.findings == ()
    assert [pair.id for pair in found.pairs] == ["Z", "a.b", "a.c", "x y"]
    assert all(Path(pair.mask.name).stem == pair.id for pair in found.pairs)


def test_other_stems_do_not_pair(tmp_path):
    found = scan(
        empty_files(tmp_path / "i", "a.b.jpg", "A.jpg"), empty_files(tmp_path / "m", "a.c.png", "a.png")
    )
    assert found.pairs == ()
    assert sorted(finding.code for finding in found.findings) == ["missing-mask", "orphan-mask"]


@pytest.mark.parametrize(
    "names", [("a.jpg", "a.png"), ("a.jpg", "A.jpg"), ("é.jpg", "É.png"), ("a.JPG", "a.jpg")]
)
def test_twins_are_one_finding_that_names_both(tmp_path, names):
    images = empty_files(tmp_path / "i", *names)
    masks = empty_files(tmp_path / "m", *{f"{Path(name).stem}.png" for name in names})
    (duplicate, *_) = scan(images, masks).findings
    assert duplicate.code == "duplicate-stem"
    assert all(repr(name) in duplicate.message for name in names)


def test_composed_and_decomposed_names_pair_and_are_twins_in_one_folder(tmp_path):
    composed, decomposed = (unicodedata.normalize(form, "é") for form in ("NFC", "NFD"))
    masks = empty_files(tmp_path / "m", f"{composed}.png")
    (pair,) = scan(empty_files(tmp_path / "i", f"{decomposed}.jpg"), masks).pairs
    assert pair.id == decomposed
    both = scan(empty_files(tmp_path / "j", f"{decomposed}.jpg", f"{composed}.jpg"), masks)
    assert [finding.code for finding in both.findings] == ["duplicate-stem"]


@given(
    st.sets(st.text("abAB.é", min_size=1, max_size=3).filter(lambda stem: stem[0] != "."), max_size=6),
    st.sets(st.text("abAB.é", min_size=1, max_size=3).filter(lambda stem: stem[0] != "."), max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_every_file_is_in_a_pair_or_in_a_finding(tmp_path_factory, images, masks):
    """No file is dropped in silence, and ids are unique."""
    root = tmp_path_factory.mktemp("s")
    found = scan(
        empty_files(root / "i", *(f"{stem}.jpg" for stem in images)),
        empty_files(root / "m", *(f"{stem}.png" for stem in masks)),
    )
    paired = [pair.id for pair in found.pairs]
    assert len(set(paired)) == len(paired)
    assert set(paired) <= images & masks
    told = " ".join(finding.message for finding in found.findings)
    if images:
        for name in [f"{one}.jpg" for one in images - set(paired)] + [
            f"{one}.png" for one in masks - set(paired)
        ]:
            assert repr(name) in told or Path(name).stem in {
                Path(other).stem for other in told.split("'")[1::2]
            }
