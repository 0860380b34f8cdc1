"""What a sample's code raises in another thread arrives as an error that names the sample."""

import sys
from types import ModuleType

import pytest

from segcore.errors import ConfigError, DataError, Finding
from segshell.files import WriteError
from segshell.loader_errors import LoaderError, named


def raised(error):
    """Return an error as it is after it was raised here."""
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


@pytest.mark.parametrize("error", [KeyError("gone"), SystemExit(0), KeyboardInterrupt(), GeneratorExit()])
def test_what_no_one_expects_is_told_with_sample_kind_and_place(error):
    """A SystemExit of a data set's own code would else end the program as if all were well."""
    told = named(raised(error), "p1")
    assert isinstance(told, LoaderError)
    assert told.exit_code == 3
    assert told.__cause__ is error
    for word in ("'p1'", type(error).__name__, "test_loader_errors.py, line 1"):
        assert word in str(told)


def test_a_fault_of_an_imported_module_is_told_with_its_line(monkeypatch, tmp_path):
    path = tmp_path / "mine.py"
    module = ModuleType("mine")
    module.__file__, module.CATALOG, module.extend = str(path), (), lambda builders: builders
    exec(compile("def augment():\n    raise ValueError('by hand')", path, "exec"), vars(module))  # noqa: S102
    monkeypatch.setitem(sys.modules, "mine", module)
    with pytest.raises(ValueError, match="by hand") as caught:
        module.augment()
    told = str(named(caught.value, "p1"))
    assert told == f"Sample 'p1' cannot be made: ValueError: by hand (your module {path}, line 2)."


@pytest.mark.parametrize("kind", [DataError, ConfigError])
def test_findings_that_do_not_name_the_sample_get_one_that_does(kind):
    first = Finding("augmenter", "Crop cannot handle p10 images.")
    told = named(kind([first], "a.yaml", "text"), "p1")
    assert type(told) is kind
    assert told.findings[0] == first
    assert "'p1'" in told.findings[1].message
    assert (told.source, told.text) == ("a.yaml", "text")


def test_findings_that_name_the_sample_stay_as_they_are():
    error = DataError([Finding("mask-size", "Sample p1: its mask is small.")])
    assert named(error, "p1") is error


@pytest.mark.parametrize("error", [WriteError("no space"), MemoryError(), RuntimeError("std::bad_alloc")])
def test_errors_that_speak_of_the_whole_keep_their_type_and_note_the_sample(error):
    assert named(error, "p1") is error
    assert "'p1'" in error.__notes__[0]
