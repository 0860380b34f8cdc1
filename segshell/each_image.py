"""The images of a directory one after the other through the network: which are done, and which fail."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from segshell.framing import Decoded
from segshell.image_outcomes import OF_ONE, Failure, Outcome, guarded, readable_files, taken
from segshell.loader_errors import named
from segshell.prediction import Predictor, ahead, predict_and, predict_decoded

Use: TypeAlias = Callable[[Decoded, NDArray[np.float32]], Any]


def _decoder(predictor: Predictor) -> Callable[[Path], Decoded | Failure]:
    def decoded(path: Path) -> Decoded | Failure:
        try:
            return predictor.decoded(path.name, predictor.reader.read(path))
        except Exception as error:
            told = named(error, path.name)
            if isinstance(told, OF_ONE):
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
    failures = list(unreadable)
    decoding = ahead(_decoder(predictor), chosen, waiting=predictor.waiting(batch), name=attrgetter("name"))
    with closing(decoding) as decoded:
        sound = _sound(decoded, failures, keep_going=keep_going)
        with closing(_all_used(use, predictor, sound, batch, in_threads=take is not None)) as used:
            return taken(used, failures, len(chosen), take, keep_going=keep_going)
