"""The images of a directory one after the other through the network: which are done, and which fail."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from segshell.framing import Decoded
from segshell.image_listing import image_names
from segshell.image_outcomes import OF_ONE, Failure, Outcome, guarded, taken, unreadable
from segshell.loader_errors import named
from segshell.prediction import Predictor, ahead, predict_and, predict_decoded
from segshell.throughput import Throughput

Use: TypeAlias = Callable[[Decoded, NDArray[np.float32]], Any]


def _decoder(predictor: Predictor, directory: Path) -> Callable[[str], Decoded | Failure]:
    def decoded(name: str) -> Decoded | Failure:
        try:
            return predictor.decoded(name, predictor.reader.read(directory / name))
        except Exception as error:
            told = named(error, name)
            if isinstance(told, OF_ONE):
                return Failure(name, told)
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
        failures.append(one.forgetful() if keep_going else one)
        if not keep_going:
            return


def _used(use: Use, decoded: Decoded, probability: NDArray[np.float32]) -> Any:
    return guarded(partial(use, decoded, probability), decoded.name)


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
    told: Throughput | None = None,
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
    told
        Hears how fast it goes.

    Raises
    ------
    DataError, CallbackError, UnsafeNameError, LoaderError
        Without `keep_going`, for the first image that fails, with how many images came before; all of those are
        done. Images whose header cannot be read are told before anything is done.

    """
    found = image_names(directory)
    chosen = found if limit < 0 else found[:limit]
    options: Any = {"keep_going": keep_going, "take": take, "told": told}
    return for_each_of(predictor, directory, chosen, batch, use, [], **options)


def for_each_of(
    predictor: Predictor,
    directory: Path,
    names: Sequence[str],
    batch: int,
    use: Use,
    failures: list[Failure],
    *,
    keep_going: bool = False,
    take: Callable[[Any], None] | None = None,
    told: Throughput | None = None,
) -> Outcome:
    """Call use(decoded, probability) for some images of a directory, as `for_each`.

    Nothing that is held grows with the number of images, but their names and those that fail.

    Parameters
    ----------
    predictor, directory, batch, use, keep_going, take, told
        As in `for_each`.
    names
        The files, in the order in which they are taken.
    failures
        Empty; every failure is added as soon as it is met, one of decoding before the images ahead of it are taken.

    """
    speed = told or Throughput()
    with closing(speed.follow(names, len(names), "headers")) as looked_at:
        failures.extend(unreadable(predictor.reader, directory, looked_at, keep_going=keep_going))
    wrong = {one.name for one in failures}
    chosen, total = (name for name in names if name not in wrong), len(names) - len(wrong)
    decoding = ahead(_decoder(predictor, directory), chosen, waiting=predictor.waiting(batch))
    with closing(decoding) as decoded:
        sound = _sound(decoded, failures, keep_going=keep_going)
        every = _all_used(use, predictor, sound, batch, in_threads=take is not None)
        with closing(every) as used, closing(speed.follow(used, total, "images")) as followed:
            return taken(followed, failures, total, take, keep_going=keep_going)
