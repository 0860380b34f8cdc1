"""The images of a directory one after the other: which are done, which fail, and why."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.errors import DataError, Finding, FindingsError, SegmentationError
from segshell.files import UnsafeNameError
from segshell.folders import IMAGE_EXTENSIONS
from segshell.framing import Decoded
from segshell.image_reader import ImageReader
from segshell.loader_errors import LoaderError, named
from segshell.prediction import Predictor, ahead, predict_and, predict_decoded

Use: TypeAlias = Callable[[Decoded, NDArray[np.float32]], Any]


class CallbackError(SegmentationError):
    """The user's callback raised; the message names the image. Exit code 3."""

    exit_code = 3


# What is the fault of one image; a full disk, for instance, is none.
_OF_ONE = (DataError, UnsafeNameError, CallbackError, LoaderError)


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


def image_files(directory: Path) -> tuple[Path, ...]:
    """Return the images of a directory, sorted by name.

    Raises
    ------
    DataError
        When the directory is missing, holds no image, or two images share a stem.

    """
    if not directory.is_dir():
        raise DataError([Finding("folder-missing", f"there is no folder {directory}.")])
    every = sorted(one for one in directory.iterdir() if one.is_file() and not one.name.startswith("."))
    found = tuple(one for one in every if one.suffix.lower() in IMAGE_EXTENSIONS)
    if not found:
        allowed = " ".join(sorted(IMAGE_EXTENSIONS))
        message = f"0 images in {directory} (looked for {allowed}; {len(every)} other files)."
        raise DataError([Finding("no-images", message)])
    stems: dict[str, Path] = {}
    for path in found:
        if path.stem in stems:
            message = f"{stems[path.stem].name} and {path.name} share the stem {path.stem!r}; results would collide."
            raise DataError([Finding("duplicate-stem", message, (), None, (), "Rename one of them.")])
        stems[path.stem] = path
    return found


def _header_fault(reader: ImageReader, path: Path) -> Failure | None:
    try:
        reader.header(path)
    except DataError as error:
        return Failure(path.name, error)
    return None


def readable_files(
    reader: ImageReader, directory: Path, limit: int = -1, *, keep_going: bool = False
) -> tuple[tuple[Path, ...], tuple[Failure, ...]]:
    """Return the images of a directory, sorted by name, at most `limit` where it is not negative, and what fails.

    Raises
    ------
    DataError
        As `image_files`; without `keep_going`, with all images at once whose header cannot be read or says that
        they are too large.

    """
    found = image_files(directory)
    chosen = found if limit < 0 else found[:limit]
    faults = {path: fault for path in chosen if (fault := _header_fault(reader, path))}
    if faults and not keep_going:
        raise DataError(finding for fault in faults.values() for finding in fault.findings)
    return tuple(path for path in chosen if path not in faults), tuple(faults.values())


def _decoder(predictor: Predictor) -> Callable[[Path], Decoded | Failure]:
    def decoded(path: Path) -> Decoded | Failure:
        try:
            return predictor.decoded(path.name, predictor.reader.read(path))
        except Exception as error:
            told = named(error, path.name)
            if isinstance(told, _OF_ONE):
                return Failure(path.name, told)
            raise

    return decoded


def _sound(
    made: Iterable[Decoded | Failure], failures: list[Failure], *, keep_going: bool
) -> Iterator[Decoded]:
    """Yield what was decoded, until the first failure or around all of them."""
    for one in made:
        if isinstance(one, Decoded):
            yield one
            continue
        failures.append(one)
        if not keep_going:
            return


def _stopped(error: SegmentationError, done: int, total: int) -> SegmentationError:
    message = f"{done} of {total} images are done, in the order of their names; the others are not."
    advice = "Repair or remove the file and predict again, or leave out what fails (--keep-going)."
    if isinstance(error, FindingsError):
        told: SegmentationError = type(error)((*error.findings, Finding("stopped", message, advice=advice)))
    else:
        told = type(error)(f"{error} {message}")
    told.__cause__ = error.__cause__ or error
    return told


def _used(use: Use, decoded: Decoded, probability: NDArray[np.float32]) -> Any:
    """Return what a use returns, or the failure where it raises what is the fault of this image."""
    try:
        return use(decoded, probability)
    except _OF_ONE as error:
        return Failure(decoded.name, error)


def nothing(_made: Any) -> None:
    """Take no notice of what was made."""


def _all_used(
    use: Use, predictor: Predictor, decoded: Iterable[Decoded], batch: int, *, in_threads: bool
) -> Generator[Any, None, None]:
    """Yield what a use returns for each image, or a failure, in order."""
    if in_threads:
        yield from predict_and(partial(_used, use), predictor, decoded, batch)
    else:
        yield from (_used(use, *pair) for pair in predict_decoded(predictor, decoded, batch))


def for_each(
    predictor: Predictor,
    directory: Path,
    batch: int,
    use: Use,
    limit: int = -1,
    *,
    keep_going: bool = False,
    take: Callable[[Any], None] | None = None,
) -> Outcome:
    """Call use(decoded, probability) for every image, probabilities float32 (h,w,classes) at the image's own size.

    A use that comes with `take` is called by threads while the network goes on with the next images, so that some
    images after the first that fails may be used, too; else it is called by the caller's, one after the other.

    Parameters
    ----------
    predictor
        The network.
    directory
        Its images are taken in the order of their names.
    batch
        Windows per step.
    use
        What is done with each.
    limit
        Number of images at most; negative for all.
    keep_going
        Go on after an image that cannot be read, or for which `use` raises.
    take
        Called with what `use` returned, by the caller's thread, in the order of names.

    Raises
    ------
    DataError, CallbackError, UnsafeNameError, LoaderError
        Without `keep_going`, for the first image that fails, with how many images came before; all of those are
        done. Images whose header cannot be read are told before anything is done.

    """
    chosen, unreadable = readable_files(predictor.reader, directory, limit, keep_going=keep_going)
    failures, done = list(unreadable), 0
    decoding = ahead(_decoder(predictor), chosen, waiting=predictor.waiting(batch), name=attrgetter("name"))
    with closing(decoding) as decoded:
        sound = _sound(decoded, failures, keep_going=keep_going)
        with closing(_all_used(use, predictor, sound, batch, in_threads=take is not None)) as used:
            for made in used:
                if not isinstance(made, Failure):
                    (take or nothing)(made)
                    done += 1
                    continue
                failures.append(made)
                if not keep_going:
                    break
    if failures and not keep_going:
        # The last: one that was met while images were decoded ahead comes after it in the directory.
        raise _stopped(failures[-1].error, done, len(chosen))
    return Outcome(done, tuple(sorted(failures, key=attrgetter("name"))))


def names_of(failures: Sequence[Failure]) -> tuple[tuple[str, str], ...]:
    """Return name and reason of each failure."""
    return tuple((one.name, one.reason) for one in failures)
