"""The images of a directory: which there are, which of them can be read, and which failed and why."""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

from attrs import frozen

from segcore.errors import DataError, Finding, FindingsError, SegmentationError
from segshell.files import UnsafeNameError
from segshell.image_listing import image_names
from segshell.image_reader import ImageReader
from segshell.loader_errors import LoaderError


class CallbackError(SegmentationError):
    """The user's callback raised; the message names the image. Exit code 3."""

    exit_code = 3


# What is the fault of one image; a full disk, for instance, is none.
OF_ONE = (DataError, UnsafeNameError, CallbackError, LoaderError)


@frozen
class Failure:
    """An image that failed: its file's name and the error."""

    name: str
    error: SegmentationError

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What went wrong, each naming the image."""
        if isinstance(self.error, FindingsError):
            return self.error.findings
        return (Finding("image-failed", str(self.error)),)

    @property
    def reason(self) -> str:
        """What went wrong in one line."""
        return " ".join(" ".join(one.message for one in self.findings).split())

    def forgetful(self) -> "Failure":
        """Let go of the pixels that the traceback of its error holds, so that thousands of failures are only texts."""
        self.error.__cause__ = self.error.__context__ = None
        self.error.__traceback__ = None
        return self


@frozen
class Outcome:
    """How many images are done, and what failed, in the order of names."""

    done: int
    failures: tuple[Failure, ...] = ()

    def require_all(self) -> int:
        """Return how many images are done.

        Raises
        ------
        DataError
            With every image that failed and its reason.

        """
        if not self.failures:
            return self.done
        failed, total = len(self.failures), self.done + len(self.failures)
        last = Finding("failed", f"{failed} of {total} images failed; the other {self.done} are done.")
        raise DataError((*(finding for one in self.failures for finding in one.findings), last))


def unreadable(
    reader: ImageReader, directory: Path, names: Iterable[str], *, keep_going: bool = False
) -> tuple[Failure, ...]:
    """Return those of some images of a directory whose header cannot be read, or says that they are too large.

    Raises
    ------
    DataError
        Without `keep_going`, with all of them at once.

    """
    faults = []
    for name in names:
        try:
            reader.header(directory / name)
        except DataError as error:
            faults.append(Failure(name, error).forgetful())
    if faults and not keep_going:
        raise DataError(finding for fault in faults for finding in fault.findings)
    return tuple(faults)


def readable_files(
    reader: ImageReader, directory: Path, limit: int = -1, *, keep_going: bool = False
) -> tuple[tuple[Path, ...], tuple[Failure, ...]]:
    """Return the images of a directory, sorted by name, at most `limit` where it is not negative, and what fails.

    Raises
    ------
    DataError
        As `image_names` and, without `keep_going`, `unreadable`.

    """
    found = image_names(directory)
    chosen = found if limit < 0 else found[:limit]
    faults = unreadable(reader, directory, chosen, keep_going=keep_going)
    wrong = {one.name for one in faults}
    return tuple(directory / name for name in chosen if name not in wrong), faults


def stopped(error: SegmentationError, done: int, total: int) -> SegmentationError:
    """Return the error of an image with how many were done before, in the order of their names."""
    message = f"{done} of {total} images are done, in the order of their names; the others are not."
    advice = "Repair or remove the file and predict again, or leave out what fails (--keep-going)."
    if isinstance(error, FindingsError):
        told: SegmentationError = type(error)((*error.findings, Finding("stopped", message, advice=advice)))
    else:
        told = type(error)(f"{error} {message}")
    told.__cause__ = error.__cause__ or error
    return told


def guarded(use: Callable[[], Any], name: str) -> Any:
    """Return what a call returns, or the failure where it raises what is the fault of the image of a name."""
    try:
        return use()
    except OF_ONE as error:
        return Failure(name, error)


def call_back(on_predict: Callable[[str, Any, Any], Any], name: str, given: Any, data: Any) -> None:
    """Call what the user gave with the name of an image, what there is of it, and data.

    Raises
    ------
    CallbackError
        When it raises; names the image.

    """
    try:
        on_predict(name, given, data)
    except Exception as error:
        message = f"the callback failed for {name}: {type(error).__name__}: {error}."
        raise CallbackError(message) from error


def taken(
    found: Iterable[Any],
    failures: list[Failure],
    total: int,
    take: Callable[[Any], None] | None = None,
    *,
    keep_going: bool,
) -> Outcome:
    """Hand on what was made of each image, in order, to the first that failed or around all that fail.

    Parameters
    ----------
    found
        What was made of each, or its failure.
    failures
        Those of before; who makes `found` may add to them meanwhile.
    total
        How many images there are.
    take
        Called with what was made.
    keep_going
        Whether to go on after a failure.

    Raises
    ------
    SegmentationError
        Without `keep_going`, that of the first image that failed, with how many are done.

    """
    done = 0
    for made in found:
        if not isinstance(made, Failure):
            (take or nothing)(made)
            done += 1
            continue
        failures.append(made.forgetful() if keep_going else made)
        if not keep_going:
            break
    if failures and not keep_going:
        # The last: one that was met while images were decoded ahead comes after it in the directory.
        raise stopped(failures[-1].error, done, total)
    return Outcome(done, tuple(sorted(failures, key=attrgetter("name"))))


def nothing(_made: Any) -> None:
    """Take no notice of what was made."""


def names_of(failures: Sequence[Failure]) -> tuple[tuple[str, str], ...]:
    """Return name and reason of each failure."""
    return tuple((one.name, one.reason) for one in failures)
