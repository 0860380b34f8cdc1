"""Which files of two folders belong together: every file is in a pair or in a finding."""

import unicodedata
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.raw_masks import MaskRule
from segshell import pairing
from tests.shell.pictures import empty_files


def places(images, masks, root=Path(), **changes):
    texts = [(one,) if isinstance(one, (str, Path)) else one for one in (images, masks)]
    return evolve(pairing.Places(root, tuple(map(str, texts[0])), (tuple(map(str, texts[1])),)), **changes)


def scan(images, masks, **changes):
    return pairing.listing_of(places(images, masks, **changes), MaskRule())


def codes(found):
    return [finding.code for finding in found.findings]


def test_files_pair_by_full_stem_whatever_their_extension_and_its_case(tmp_path):
    images = empty_files(
        tmp_path / "i", "a.b.JPG", "a.c.jpeg", "Z.TIFF", "x y.webp", ".hidden.png", "notes.txt"
    )
    masks = empty_files(tmp_path / "m", "a.b.png", "a.c.PNG", "Z.bmp", "x y.gif", ".DS_Store")
    empty_files(images / "sub.png", "inner.png")
    empty_files(images / ".segshell", "index.png")
    found = scan(images, masks)
    assert found.findings == ()
    assert [one.id for one in found.sources] == ["Z", "a.b", "a.c", "x y"]
    assert all(Path(one.truth[0].name).stem == one.id for one in found.sources)


def test_other_stems_do_not_pair(tmp_path):
    """Fault 29: without the full stem `a.b.jpg` and `a.c.png` would be image and mask."""
    found = scan(
        empty_files(tmp_path / "i", "a.b.jpg", "A.jpg"), empty_files(tmp_path / "m", "a.c.png", "a.png")
    )
    assert found.sources == ()
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
    """Fault 30: without `segshell.patterns.normal` a folder that a Mac copied has no mask for é."""
    composed, decomposed = (unicodedata.normalize(form, "é") for form in ("NFC", "NFD"))
    masks = empty_files(tmp_path / "m", f"{composed}.png")
    (pair,) = scan(empty_files(tmp_path / "i", f"{decomposed}.jpg"), masks).sources
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
    paired = [one.id for one in found.sources]
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


# --- several folders, patterns, negatives -------------------------------------------------------------------


def made(root, *names):
    for name in names:
        empty_files((root / name).parent, (root / name).name)


def test_patterns_pair_files_with_suffixes_in_one_folder(tmp_path):
    made(tmp_path, "d/a_rgb.png", "d/b_rgb.png", "d/a_mask.png", "d/b_mask.png", "d/readme.txt")
    found = scan("d/*_rgb.png", "d/*_mask.png", root=tmp_path)
    assert [(one.id, one.image.name, one.truth[0].name) for one in found.sources] == [
        ("a", "a_rgb.png", "a_mask.png"),
        ("b", "b_rgb.png", "b_mask.png"),
    ]
    assert found.findings == ()
    assert found.home == tmp_path / "d"


def test_one_folder_per_sample_has_the_folders_name_as_id(tmp_path):
    made(tmp_path, "s/one/image.png", "s/one/mask.tif", "s/two/image.png", "s/two/mask.tif")
    found = scan("s/*/image.png", "s/*/mask.*", root=tmp_path)
    assert [one.id for one in found.sources] == ["one", "two"]
    assert codes(found) == []


def test_a_patterned_image_finds_its_mask_in_a_folder_by_its_id(tmp_path):
    made(tmp_path, "day1/a.png", "day2/a.png", "n/1__a.png", "n/2__a.png")
    found = scan("day*/*.png", "n", root=tmp_path)
    assert [(one.id, one.truth[0].name) for one in found.sources] == [
        ("1/a", "1__a.png"),
        ("2/a", "2__a.png"),
    ]


def test_several_folders_are_one_data_set_and_equal_ids_are_told_with_a_way_out(tmp_path):
    made(tmp_path, "a/x.png", "b/y.png", "m/x.png", "m/y.png")
    found = scan(("a", "b"), ("m",), root=tmp_path)
    assert [one.id for one in found.sources] == ["x", "y"]
    made(tmp_path, "b/x.png")
    twice = scan(("a", "b"), ("m",), root=tmp_path)
    assert codes(twice) == ["duplicate-id"]
    assert "pattern" in twice.findings[0].advice
    assert [one.id for one in twice.sources] == ["y"]


def test_stars_that_do_not_agree_are_told(tmp_path):
    made(tmp_path, "s/one/image.png", "m/a/b/mask.png")
    assert "pattern-stars" in codes(scan("s/*/image.png", "m/*/*/mask.png", root=tmp_path))


def test_negatives_need_no_mask_and_may_not_have_one(tmp_path):
    made(tmp_path, "i/a.png", "m/a.png", "n/z.png")
    found = scan("i", "m", root=tmp_path, negatives=("n",))
    assert [(one.id, len(one.truth)) for one in found.sources] == [("a", 1), ("z", 0)]
    made(tmp_path, "n/a.png")
    assert codes(scan("i", "m", root=tmp_path, negatives=("n",))) == ["duplicate-id"]


def test_missing_masks_may_mean_that_nothing_is_there(tmp_path):
    made(tmp_path, "i/a.png", "i/b.png", "m/a.png")
    assert codes(scan("i", "m", root=tmp_path)) == ["missing-mask"]
    found = scan("i", "m", root=tmp_path, missing_masks="negative")
    assert [(one.id, len(one.truth)) for one in found.sources] == [("a", 1), ("b", 0)]
    assert codes(found) == []
    assert found.notes == (
        f"1 of 2 images without a mask in {tmp_path / 'm'} taken as negatives where they have none: 'b.png'",
    )


def test_images_without_a_mask_that_are_left_out_are_counted_and_named(tmp_path):
    """Fault 28: without the notes of `segshell.pairing` nobody would see how much of the data is not used."""
    made(tmp_path, *(f"i/{number:02}.png" for number in range(14)), "m/00.png", "m/01.png")
    found = scan("i", "m", root=tmp_path, missing_masks="skip")
    assert (codes(found), [one.id for one in found.sources]) == ([], ["00", "01"])
    (note,) = found.notes
    assert note.startswith("12 of 14 images without a mask in ")
    assert note.endswith("'11.png' (first 10 of 12)")
    assert "left out: '02.png'" in note
    assert scan("i", "m", root=tmp_path).notes == ()


def test_a_data_set_of_which_nothing_has_a_mask_is_an_error_though_such_images_are_left_out(tmp_path):
    made(tmp_path, "i/a.png", "m/note.txt")
    assert codes(scan("i", "m", root=tmp_path, missing_masks="skip")) == ["missing-mask"]


def test_of_masks_by_class_an_image_needs_all_or_is_left_out(tmp_path):
    made(tmp_path, "i/a.png", "i/b.png", "x/a.png", "x/b.png", "y/a.png")
    given = evolve(places("i", "x", tmp_path), masks=(("x",), ("y",)), by_class=True, missing_masks="skip")
    found = pairing.listing_of(given, MaskRule(2))
    assert [(one.id, len(one.truth)) for one in found.sources] == [("a", 2)]
    assert codes(found) == []
    assert "1 of 2 images" in found.notes[0]


def test_the_truth_is_never_the_image_itself(tmp_path):
    made(tmp_path, "i/a.png")
    for masks in ("i", "i/../i", "i/*.png"):
        assert codes(scan("i", masks, root=tmp_path)) == ["same-folder"]


def test_another_option_or_another_folder_has_another_meaning_and_a_moved_data_set_the_same(tmp_path):
    made(tmp_path, "d/i/a.png", "d/m/a.png", "d/n/a.png")
    given = places("d/i", "d/m", tmp_path)
    base = pairing.listing_of(given, MaskRule()).meaning
    other = [
        pairing.listing_of(places("d/i", "d/n", tmp_path), MaskRule()).meaning,
        pairing.listing_of(evolve(given, missing_masks="negative"), MaskRule()).meaning,
        pairing.listing_of(evolve(given, resize_masks=True), MaskRule()).meaning,
        pairing.listing_of(given, MaskRule(threshold=3.0)).meaning,
    ]
    assert len({base, *other}) == 5
    (tmp_path / "d").rename(tmp_path / "e")
    assert pairing.listing_of(places("e/i", "e/m", tmp_path), MaskRule()).meaning == base
