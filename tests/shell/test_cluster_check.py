"""Machines that do not see the same, or have other versions, are refused before anything is trained."""

import pytest
from attrs import evolve

from segcore.errors import DataError
from segshell.cluster_check import Seen, require_shared, seen


def test_a_machine_tells_what_it_does_not_see(tmp_path):
    probe, other = tmp_path / "a" / ".probe", tmp_path / "b" / ".probe"
    for one in (probe, other):
        one.parent.mkdir()
        one.write_text("token", encoding="utf-8")
    data = tmp_path / "images"
    assert seen([str(probe)], [str(tmp_path)], "token").missing == ()
    found = seen([str(probe), str(other)], [str(data)], "another")
    assert found.missing == (str(probe.parent), str(other.parent), str(data))
    assert dict(found.versions)["python"]


class Answering:
    """A cluster of machines in name only: each answers as the test says."""

    def __init__(self, *change):
        self.changes, self.asked = change, []

    def nodes(self):
        return [
            {"NodeID": "0" * 56, "NodeManagerHostname": f"host{number}", "Alive": True}
            for number, _ in enumerate(self.changes)
        ] + [{"NodeID": "1" * 56, "Alive": False}]

    def remote(self, **_options):
        changes = iter(self.changes)

        class Asking:
            def __init__(self, function):
                self.function = function

            def options(self, **_options):
                return self

            def remote(self, *given):
                return next(changes)(self.function(*given))

        return Asking

    def get(self, ref, timeout):
        assert timeout
        if isinstance(ref, Exception):
            raise ref
        return ref


def same(one):
    return one


def test_machines_that_see_all_are_named_and_the_probe_is_gone(tmp_path):
    pytest.importorskip("ray")
    cluster = Answering(same, lambda one: evolve(one, host="other"))
    hosts = require_shared(cluster, [tmp_path], [tmp_path])
    assert "other" in hosts
    assert len(hosts) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_machine_that_sees_another_folder_is_refused_by_name(tmp_path):
    blind = Answering(same, lambda one: evolve(one, host="blind", missing=("/data",)))
    with pytest.raises(DataError, match="blind does not see /data") as caught:
        require_shared(blind, [tmp_path], [])
    assert [one.code for one in caught.value.findings] == ["not-shared"]
    assert list(tmp_path.iterdir()) == []


def test_a_machine_that_cannot_answer_is_refused_by_name(tmp_path):
    """As where segshell is not installed: Ray gives the traceback of the other machine, which ends with the reason."""
    exceptions = pytest.importorskip("ray.exceptions")
    error = exceptions.RaySystemError("trace\nModuleNotFoundError: No module named 'segshell'")
    with pytest.raises(
        DataError, match=r"host1 cannot say what it sees: .*No module named 'segshell'"
    ) as caught:
        require_shared(Answering(same, lambda _: error), [tmp_path], [])
    assert [one.code for one in caught.value.findings] == ["no-answer"]
    assert list(tmp_path.iterdir()) == []


def test_other_versions_are_refused_with_both(tmp_path):
    def older(one: Seen) -> Seen:
        return evolve(one, host="old", versions=(("python", "3.1"), *one.versions[1:]))

    with pytest.raises(
        DataError, match=r"old has other versions than this machine: python 3\.1 \(here 3\.\d+\.\d+\)"
    ):
        require_shared(Answering(older), [tmp_path], [])
