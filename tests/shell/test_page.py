"""The page of a folder of experiments: whole, the same every time, and written or not at all."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

from segcore.outcomes import Experiment, FoldResult
from segcore.parsing.experiment import parse
from segcore.reports import report
from segshell import files, out_of_fold_file
from segshell import page as pages
from segshell.folder import Folder
from segshell.reporting import experiments_below
from tests.shell.page_experiments import (
    CLASSES,
    DATA,
    HOSTILE,
    PLAIN,
    TEXT,
    unseen,
    write_all,
    write_data,
    write_experiment,
)
from tests.shell.test_page_rendering import Parsed

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_all(tmp_path_factory.mktemp("experiments"))


def ranked(folder):
    return report(experiments_below(folder).experiments)


def text_of(folder, path, **options):
    pages.write(folder, ranked(folder), path, **options)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def text(folder, tmp_path_factory):
    return text_of(folder, tmp_path_factory.mktemp("page") / "new" / "report.html")


@pytest.fixture(scope="module")
def parsed(text):
    return Parsed(text)


def test_it_is_well_formed_and_every_picture_has_a_text_and_lies_in_the_file(parsed):
    assert parsed.open == []
    pictures = parsed.all("img")
    assert len(pictures) == 4 * (12 + 12)
    assert all(one["alt"] and one["src"].startswith("data:image/") for one in pictures)
    assert all(one["aria-label"] for one in parsed.all("svg") if "aria-hidden" not in one)
    identifiers = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    assert len(set(identifiers)) == len(identifiers)
    links = {one["href"].removeprefix("#") for one in parsed.all("a")}
    assert links <= set(identifiers)


def test_no_name_of_an_image_or_a_class_or_a_folder_is_markup(parsed, text):
    assert {tag for tag, _ in parsed.elements if tag in ("script", "b", "classes")} == {"script", "b"}
    assert len(parsed.all("script")) == 1
    told = "".join(parsed.text)
    for name in (*(one for one in HOSTILE if one.isprintable()), *CLASSES, "three <classes>"):
        assert name in told or any(name in one["alt"] for one in parsed.all("img"))
    assert "\u202e" not in text
    assert "49" not in re.findall(r"\{\{.{0,9}", text)


def test_every_part_of_the_issue_is_there(parsed, text):
    told = "".join(parsed.text)
    for part in (
        "Leaderboard", "What differs", "All metrics", "Data and split", "Each experiment", "Folds",
        "Learning curves", "Images and classes", "Confusion of classes", "Worst, median and best images",
    ):  # fmt: skip
        assert part in told
    assert "16 samples, all 32 x 64" in told
    assert "python -m segshell evaluate old/config.yaml" in told
    assert "fold 0 stage 0 failed: the loss is nan" in told
    assert any(name in told for name in PLAIN)
    assert text.count('class="kept"') >= 2 * 2 * 3 * 3


def test_the_same_experiments_give_the_same_bytes(folder, text, tmp_path):
    """In another process, with another hash seed; TensorFlow and what only training needs is not loaded."""
    code = (
        "import sys\n"
        "class Refusing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('tensorflow', 'keras', 'pandas', 'matplotlib', 'sklearn', 'imgaug'):\n"
        "            raise RuntimeError('loads ' + name)\n"
        "sys.meta_path.insert(0, Refusing())\n"
        "from segshell.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    words = ["report", str(folder), "--html", str(tmp_path / "again.html")]
    ran = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2, ran.stderr  # one config is broken
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == text


def test_details_are_those_of_the_best_only(folder, tmp_path):
    none = text_of(folder, tmp_path / "none.html", details=0)
    assert "<img" not in none
    assert "--details shows more" in none
    assert none.count("<details") == 5
    one = Parsed(text_of(folder, tmp_path / "one.html", details=1))
    assert len(one.all("img")) == 4 * 12
    assert len(Parsed(none).all("tr")) < len(one.all("tr"))


def test_the_gallery_shows_images_of_folds_that_do_not_leak_with_their_own_predictions(tmp_path):
    """Fold 0 leaks: the pictures are those of a page without its record; with leaks, those of both folds."""
    write_data(tmp_path / "data")
    config = write_experiment(tmp_path / "all" / "one", TEXT + DATA % "masks", (0.7, 0.8))
    where = Folder(config.parent, config.name)
    out_of_fold_file.write(where, evolve(unseen(0, 1, 0.4), leaks=3))
    without = text_of(config.parents[1], tmp_path / "without.html")
    every = text_of(config.parents[1], tmp_path / "every.html", with_leaks=True)
    where.out_of_fold(0, 1).unlink()
    alone = text_of(config.parents[1], tmp_path / "alone.html")
    pictures = [[one["src"] for one in Parsed(text).all("img")] for text in (without, every, alone)]
    assert pictures[0] == pictures[2] != pictures[1]
    assert len(pictures[0]) == 4 * 8
    assert "8 images under weights that did not see them, scored" in without
    assert "Of the images of fold 0 the weights have seen some, or may have" in without
    assert "16 images under weights that did not see them (but in fold 0 they have seen some" in every


def test_data_that_cannot_be_read_leaves_the_rest_of_the_page(folder, tmp_path):
    images = folder.parent / "data" / "images"
    images.rename(folder.parent / "data" / "moved")
    try:
        parsed = Parsed(text_of(folder, tmp_path / "report.html"))
    finally:
        (folder.parent / "data" / "moved").rename(images)
    told = "".join(parsed.text)
    assert parsed.all("img") == []
    assert "The data set cannot be read, so there are no pictures and no audit" in told
    assert "No data set was read" in told
    assert "Learning curves" in told
    assert "Confusion of classes" in told


def test_a_library_that_is_missing_is_told_where_the_pictures_would_be(folder, tmp_path):
    """OpenCV, without which no image is read; the rest of the page stands."""
    code = (
        "import sys\nsys.modules['cv2'] = None\n"
        "from pathlib import Path\n"
        "from tests.shell.test_page import text_of\n"
        "print(text_of(Path(sys.argv[1]), Path(sys.argv[2])))"
    )
    words = [sys.executable, "-c", code, str(folder), str(tmp_path / "report.html")]
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "pip install &#39;segshell[train]&#39;" in ran.stdout
    assert "Learning curves" in ran.stdout


def test_a_page_that_cannot_be_written_leaves_the_old_one(folder, tmp_path):
    path = tmp_path / "report.html"
    path.mkdir()
    with pytest.raises(files.WriteError):
        pages.write(folder, ranked(folder), path, 0)
    assert path.is_dir()
    assert list(tmp_path.iterdir()) == [path]


def test_two_hundred_experiments_fit_on_a_page(tmp_path):
    config = parse(TEXT)
    every = [
        Experiment(
            f"e{number:03}/config.yaml",
            evolve(config, lr=1 / (number + 1)),
            folds=tuple(
                FoldResult(fold, 1, 2, (("val_iou", number / 200), ("val_loss", 1.0))) for fold in range(5)
            ),
        )
        for number in range(200)
    ]
    written = pages.write(tmp_path, report(every), tmp_path / "report.html", 2)
    assert (written.size, written.pictures) == ((tmp_path / "report.html").stat().st_size, 0)
    assert written.size < 2_000_000
    assert len(Parsed((tmp_path / "report.html").read_text(encoding="utf-8")).all("details")) == 200
