"""`python -m segshell`: parse the command line and dispatch to one module per verb."""

import argparse
import gc
import importlib
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, ModuleType

VERBS = (
    ("check", "check a config alone; all findings at once"),
    ("plan", "show what run would do, fold by fold and stage by stage"),
    ("run", "train what is not trained yet"),
    ("lr-find", "try rising learning rates on a fold and draw the losses"),
    ("predict", "predict the images of a directory"),
    ("ensemble", "average predictions that were written before, of any networks, and write masks"),
    ("evaluate", "score the kept weights on images that they did not see"),
    ("tune", "choose threshold, object and hole sizes, flips and fold weights out of fold"),
    ("export", "write weights, input rule, flips and their mean as one file for other programs"),
    ("diff", "show what differs in meaning between two configs"),
    ("compare", "tell which of two experiments is better, by how much, and how sure that is"),
    ("report", "rank all experiments below a folder, with the parameters that differ"),
    ("clean", "remove results that were set aside and trainings that no longer match"),
    ("schema", "print the JSON schema of a config, with which editors complete and check it"),
    ("new", "write a commented config and its schema into a folder"),
    ("demo", "make a small data set and run the main job on it"),
)
# These take a moment and end, and nearly all of it is loading modules, or making records that live to the end.
_SHORT = frozenset({"check", "compare", "diff", "plan", "report", "schema", "new"})
_EPILOG = """exit codes: 0 ok, 1 unexpected error, 2 usage or config, 3 data, 4 training failed,
5 locked or incompatible, 74 input/output, 130 Ctrl-C, 143 SIGTERM"""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Help of one width: the same on every terminal, and argparse loads no archivers to ask for its size."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=100)


def _module(verb: str) -> ModuleType:
    return importlib.import_module(f"segshell.commands.{verb.replace('-', '_')}")


def _parser(given: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="segshell",
        description="Segmentation experiments described in YAML.",
        epilog=_EPILOG,
        formatter_class=_Formatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    # Only the verb that is called is imported; all are told of where none is called.
    called = [name for name in given[:1] if name in dict(VERBS)]
    for name, text in VERBS:
        if called in ([], [name]):
            verb = verbs.add_parser(
                name, help=text, description=f"{text[0].upper()}{text[1:]}.", formatter_class=_Formatter
            )
        if called == [name]:
            _module(name).add_arguments(verb)
    return parser


def _perform(arguments: argparse.Namespace) -> int:
    try:
        code: int = _module(arguments.verb).perform(arguments)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  (the last resort: one line and a file)
        from segshell.failures import told

        return told(arguments.verb, error)
    return code


@contextmanager
def _uncollected(*, is_short: bool) -> Iterator[None]:
    # What modules make while they load lives to the end: looking through it for garbage, again and again,
    # takes an eighth of the time of a short verb.
    was_enabled = gc.isenabled()
    if is_short:
        gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _terminate(number: int, _frame: FrameType | None) -> None:
    from segshell.stopping import Stopped

    raise Stopped(number)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end a verb as Ctrl-C does: what was begun is taken back, locks are free."""
    # Python takes signals in the main thread alone.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def main(given: list[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    words = sys.argv[1:] if given is None else given
    with _uncollected(is_short=bool(_SHORT.intersection(words[:1]))), _terminable():
        return _perform(_parser(words).parse_args(words))


if __name__ == "__main__":
    from segshell.streams import prepare

    prepare()
    sys.exit(main())
