"""`report`: all experiments below a folder, ranked, with the parameters that differ."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from segshell.commands.arguments import add_imports, path

if TYPE_CHECKING:
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
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_imports(parser)


def _folder(arguments: argparse.Namespace) -> Path:
    from segcore.errors import ConfigError, Finding

    if arguments.folder and arguments.inputFolder:
        advice = "Write the folder once."
        raise ConfigError([Finding("given-twice", "DIR and --inputFolder are the same.", advice=advice)])
    return Path(arguments.folder or arguments.inputFolder or ".")


def _write(found: "Report", output: Path) -> None:
    from segcore.report_text import csv_rows
    from segshell.result_tables import write_table

    header, *rows = csv_rows(found)
    write_table(output, header, rows)


def _say_broken(found: "Found") -> None:
    from segcore.errors import listed
    from segshell.streams import say

    say(listed(map(str, found.errors), "\n"))
    say(f"{len(found.errors)} of {len(found.experiments)} configs cannot be read; the others are reported")


def perform(arguments: argparse.Namespace) -> int:
    """Print the table, and write it where asked; 2 where a config cannot be read, whatever the others say."""
    from segcore.report_text import as_data, lines
    from segcore.reports import report
    from segshell.outputs import require_new_table
    from segshell.reporting import experiments_below

    folder = _folder(arguments)
    output = Path(arguments.output) if arguments.output else None
    if output is not None:
        require_new_table(output, [])
    found = experiments_below(folder, arguments.allow_imports)
    if output is not None:
        require_new_table(output, [folder / one.path for one in found.experiments if output.exists()])
    made = report(found.experiments, arguments.metric, arguments.sort_by, with_leaks=arguments.with_leaks)
    if output is not None:
        _write(made, output)
    if arguments.json:
        import json

        print(json.dumps(as_data(made), indent=1))
    else:
        print("\n".join(lines(made)))
    if found.errors:
        _say_broken(found)
        return 2
    return 0
