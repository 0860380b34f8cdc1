"""Whether all machines of a cluster see the same folders and have the same versions, before anything is trained."""

import platform
import socket
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from attrs import frozen

from segcore.errors import DataError, Finding
from segshell import files

_PACKAGES: Final = ("segshell", "tensorflow", "keras", "numpy", "opencv-python")
_WAIT: Final = 300.0  # seconds that a machine has to answer


@frozen
class Seen:
    """What a machine sees.

    Attributes
    ----------
    host
        Its name.
    missing
        Paths that it does not see, or where something else lies.
    versions
        Of what decides the bits of a result.

    """

    host: str
    missing: tuple[str, ...]
    versions: tuple[tuple[str, str], ...]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed as a package"


def _is_same(probe: str, token: str) -> bool:
    try:
        return Path(probe).read_text(encoding="utf-8") == token
    except OSError:
        return False


def seen(probes: Sequence[str], paths: Sequence[str], token: str) -> Seen:
    """Return what this machine sees of files that another one has written, and of paths that it has to read."""
    missing = [str(Path(one).parent) for one in probes if not _is_same(one, token)]
    missing += [one for one in paths if not Path(one).exists()]
    versions = (("python", platform.python_version()), *((one, _version(one)) for one in _PACKAGES))
    return Seen(socket.gethostname(), tuple(missing), versions)


def _asked(ray: Any, given: tuple[list[str], list[str], str]) -> list[Seen]:
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    remote = ray.remote(num_cpus=0)(seen)
    alive = [one for one in ray.nodes() if one["Alive"]]
    asked = [
        remote.options(scheduling_strategy=NodeAffinitySchedulingStrategy(one["NodeID"], soft=False)).remote(
            *given
        )
        for one in alive
    ]
    return [_answer(ray, ref, one) for ref, one in zip(asked, alive, strict=True)]


def _answer(ray: Any, ref: Any, node: dict[str, Any]) -> Seen:
    """Return what a machine says; one that cannot, such as without segshell, is named."""
    from ray.exceptions import RayError

    try:
        found: Seen = ray.get(ref, timeout=_WAIT)
    except RayError as error:
        host = node.get("NodeManagerHostname", node["NodeID"])
        lines = str(error).strip().splitlines() or [type(error).__name__]
        advice = "Install segshell there, the same version as here, and see that the machine runs."
        message = f"{host} cannot say what it sees: {lines[-1].strip()}"
        raise DataError([Finding("no-answer", message, advice=advice)]) from error
    return found


def require_shared(ray: Any, folders: Sequence[Path], paths: Sequence[Path]) -> tuple[str, ...]:
    """Refuse a cluster of which a machine does not see what is trained; return the names of its machines.

    Parameters
    ----------
    ray
        The library, connected.
    folders
        Those of the experiments: a file is written into each, read by all machines, and removed.
    paths
        What else has to be there: the data.

    Raises
    ------
    DataError
        ``not-shared``: names the machine and what it does not see; ``other-versions``: what differs from here;
        ``no-answer``: the machine cannot say it, as where segshell is not installed.
    segshell.files.WriteError
        When a folder cannot be written to.

    """
    token = uuid4().hex
    probes = [folder / f".probe-{token}" for folder in folders]
    try:
        for probe in probes:
            files.write_text(probe, token)
        given = [str(one) for one in probes], [str(one) for one in paths], token
        answers = _asked(ray, given)
    finally:
        for probe in probes:
            probe.unlink(missing_ok=True)
    own = seen((), (), token).versions
    _require([*_blind(answers), *_other(answers, own)])
    return tuple(sorted({one.host for one in answers}))


def _require(findings: Sequence[Finding]) -> None:
    if findings:
        raise DataError(list(findings))


def _blind(answers: Sequence[Seen]) -> list[Finding]:
    advice = "Put experiments and data on a path that all machines see, and name them by it."
    return [
        Finding("not-shared", f"{one.host} does not see {', '.join(one.missing[:5])}.", advice=advice)
        for one in answers
        if one.missing
    ]


def _other(answers: Sequence[Seen], own: tuple[tuple[str, str], ...]) -> list[Finding]:
    told = []
    for one in answers:
        pairs = zip(own, one.versions, strict=True)
        differing = [f"{name} {there} (here {here})" for (name, here), (_, there) in pairs if here != there]
        if differing:
            message = f"{one.host} has other versions than this machine: {', '.join(differing)}."
            told.append(
                Finding("other-versions", message, advice="Install the same versions on all machines.")
            )
    return told
