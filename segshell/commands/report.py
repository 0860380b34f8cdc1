"""`report`: all experiments below a folder, ranked, with the parameters that differ."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from segshell.commands.arguments import add_imports, path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from segcore.against import Against
    from segcore.reports import Report
    from segshell.reporting import Found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments; those in mixed case are the seed system's names for the same."""
    parser.add_argument(
        "folder", nargs="?", type=path, metavar="DIR", help="folder of experiments; default the current one"
    )
    parser.add_argument("--inputFolder", type=path, metavar="DIR", help="the same as DIR")
    parser.add_argument("--output", type=path, metavar="CSV", help="also write everything as csv")
    parser.add_argument(
        "--metric", "--onlyMetric",
        action="append",
        default=[],
        metavar="NAME",
        help="show only this metric and rank by it; may be repeated, the first one ranks",
    )  # fmt: skip
    parser.add_argument(
        "--sort-by", "--sortBy",
        default="",
        metavar="NAME",
        help="the metric that ranks; default the primary metric of most experiments",
    )  # fmt: skip
    parser.add_argument(
        "--with-leaks",
        action="store_true",
        help="also count folds whose weights have seen samples on which they are scored, or may have",
    )
    parser.add_argument(
        "--intervals",
        action="store_true",
        help="also show how the others differ from the best one, with intervals that hold for all at once",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--html",
        type=path,
        metavar="HTML",
        help="also write a page to look at, one file that needs no network",
    )
    parser.add_argument(
        "--details",
        type=_details,
        metavar="N",
        help="with --html: show curves, scores and pictures of the best N experiments; default 5",
    )
    add_imports(parser)


def _details(text: str) -> int:
    """Read a whole number from 0."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"expected a whole number from 0, got {text!r}")
    return int(text)


def _folder(arguments: argparse.Namespace) -> Path:
    from segcore.errors import ConfigError, Finding

    if arguments.folder and arguments.inputFolder:
        advice = "Write the folder once."
        raise ConfigError([Finding("given-twice", "DIR and --inputFolder are the same.", advice=advice)])
    return Path(arguments.folder or arguments.inputFolder or ".")


def _write(found: "Report", output: Path, against: "Mapping[str, Against]") -> None:
    from segcore.report_text import csv_rows
    from segshell.result_tables import write_table

    header, *rows = csv_rows(found, against)
    write_table(output, header, rows)


def _say_broken(found: "Found") -> None:
    from segcore.errors import listed
    from segshell.streams import say

    say(listed(map(str, found.errors), "\n"))
    say(f"{len(found.errors)} of {len(found.experiments)} configs cannot be read; the others are reported")


def _outputs(arguments: argparse.Namespace) -> tuple[Path | None, Path | None]:
    """Return where the csv and the page go."""
    from segcore.errors import ConfigError, DataError, Finding

    output, html = (Path(one) if one else None for one in (arguments.output, arguments.html))
    if html is None and arguments.details is not None:
        advice = "Name the page with --html, or leave --details out."
        raise ConfigError([Finding("without-page", "--details is of the page alone.", advice=advice)])
    if html is not None and output is not None and html.resolve() == output.resolve():
        message = f"--output and --html are both {html}."
        raise DataError([Finding("same-file", message, advice="Give each a name of its own.")])
    return output, html


def _against(found: "Report", folder: Path) -> "Mapping[str, Against]":
    from segshell.comparing import against_best_of

    return dict(against_best_of(folder, found))


def _say_without(found: "Report") -> None:
    from segshell.streams import say

    say(
        f"no intervals: {found.sort_by} does not follow from counts of pixels, or nothing is there to compare"
    )


def _write_page(
    found: "Report", folder: Path, html: Path, against: "Mapping[str, Against]", arguments: argparse.Namespace
) -> None:
    from segcore.page import DETAILS
    from segcore.page_costs import amount
    from segshell.page import write
    from segshell.streams import say

    details = DETAILS if arguments.details is None else arguments.details
    allow, with_leaks = arguments.allow_imports, arguments.with_leaks
    written = write(folder, found, html, details, allow, against=against, with_leaks=with_leaks)
    say(f"page      {html}: {amount(written.size)}, of which pictures {amount(written.pictures)}")


def perform(arguments: argparse.Namespace) -> int:
    """Print the table, and write it where asked; 2 where a config cannot be read, whatever the others say."""
    from segcore.report_text import NOT_COMPARED, as_data, lines
    from segcore.reports import report
    from segshell.outputs import require_new_table
    from segshell.reporting import experiments_below

    folder, (output, html) = _folder(arguments), _outputs(arguments)
    written = [one for one in (output, html) if one is not None]
    for one in written:
        require_new_table(one, [])
    found = experiments_below(folder, arguments.allow_imports)
    configs = [folder / one.path for one in found.experiments]
    for one in written:
        require_new_table(one, configs if one.exists() else [])
    made = report(found.experiments, arguments.metric, arguments.sort_by, with_leaks=arguments.with_leaks)
    compared = _against(made, folder) if arguments.intervals or html is not None else NOT_COMPARED
    if arguments.intervals and not compared:
        _say_without(made)
    against = compared if arguments.intervals else NOT_COMPARED
    if output is not None:
        _write(made, output, against)
    if html is not None:
        _write_page(made, folder, html, compared, arguments)
    if arguments.json:
        import json

        print(json.dumps(as_data(made, against), indent=1))
    else:
        print("\n".join(lines(made, against)))
    if found.errors:
        _say_broken(found)
        return 2
    return 0
