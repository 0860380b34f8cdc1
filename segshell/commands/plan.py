"""`plan`: what run would do."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segshell.commands.arguments import add_config, add_data, add_folds

if TYPE_CHECKING:
    from segcore.ledger import Standing
    from segcore.plans import RunPlan
    from segshell.preparing import Prepared


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_config(parser)
    add_data(parser)
    add_folds(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--ids", action="store_true", help="name the ids of every part")
    parser.add_argument("--audit-json", metavar="FILE", help="write what was found in the data set, too")
    parser.add_argument(
        "--provenance",
        action="store_true",
        help="instead of the plan, say of every value in force where it was written; needs no data",
    )


def _provenance(arguments: argparse.Namespace) -> int:
    """Print every value in force with file and line."""
    from segcore.parsing.provenance import as_data, lines, origins
    from segshell.configs import open_config

    opened = open_config(arguments.config, allow_imports=arguments.allow_imports)
    found = origins(opened.config, opened.root, arguments.config, opened.catalog)
    print(json.dumps(as_data(found), indent=1) if arguments.json else "\n".join(lines(found)))
    return 0


def _data(arguments: argparse.Namespace, chosen: "RunPlan", prepared: "Prepared", beside: "Standing") -> Any:
    """Return the plan for JSON."""
    from segcore.plan_text import as_data

    data = as_data(chosen, prepared.ledger, prepared.table if arguments.ids else None, beside)
    return {**data, "notes": list(getattr(prepared.dataset, "notes", ()))}


def perform(arguments: argparse.Namespace) -> int:
    """Print the plan, or where the values in force come from."""
    if arguments.provenance:
        return _provenance(arguments)
    from segcore.plan_text import id_lines, lines, replicate_line
    from segcore.planning import selected
    from segcore.selection import chosen_folds
    from segshell.auditing import audited, shown, write
    from segshell.outputs import folders_of
    from segshell.searching import standing_of
    from segshell.segmentation import parse
    from segshell.standing import standing

    searched = standing_of(arguments.config, arguments.allow_imports)
    experiment = parse(arguments.config, allow_imports=arguments.allow_imports)
    dataset = experiment.dataset(arguments.images, arguments.masks)
    prepared = experiment.prepare(dataset)
    folds = chosen_folds(experiment.config, arguments.folds)
    chosen = selected(prepared.plan, folds)
    beside = standing(experiment.folder, chosen)
    needs_audit = arguments.audit_json or not arguments.json
    found = (
        audited(experiment.config, prepared.table, prepared.split, prepared.facts) if needs_audit else None
    )
    if arguments.audit_json:
        write(found, Path(arguments.audit_json), (Path(arguments.config), *folders_of(prepared.dataset)))
    others = [
        (one.folder, selected(ready.plan, folds), ready)
        for one, ready in experiment.replicates(prepared)
        if one is not experiment
    ]
    if arguments.json:
        more = [_data(arguments, runs, ready, standing(folder, runs)) for folder, runs, ready in others]
        data = _data(arguments, chosen, prepared, beside) | ({"search": searched.data} if searched else {})
        print(json.dumps({**data, "replicates": more} if more else data, indent=1))
        return 0
    before = [*searched.plan_lines, "", "the config as it stands, which the trials vary:"] if searched else []
    left_out = [f"note      {one}" for one in getattr(prepared.dataset, "notes", ())]
    again = [
        replicate_line(number, runs, ready.ledger, standing(folder, runs))
        for number, (folder, runs, ready) in enumerate(others, 1)
    ]
    print("\n".join([*before, *lines(chosen, prepared.ledger, beside), *again, "", *left_out, *shown(found)]))
    if arguments.ids:
        print("\n".join(id_lines(chosen, prepared.table)))
    return 0
