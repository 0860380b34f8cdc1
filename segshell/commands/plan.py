"""`plan`: what run would do."""

import argparse
import json

from segshell.commands.arguments import add_config, add_data, add_folds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_config(parser)
    add_data(parser)
    add_folds(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--ids", action="store_true", help="name the ids of every part")


def perform(arguments: argparse.Namespace) -> int:
    """Print the plan."""
    from segcore.plan_text import as_data, id_lines, lines
    from segcore.planning import selected
    from segcore.selection import chosen_folds
    from segshell.preparing import dataset_of
    from segshell.segmentation import parse

    experiment = parse(arguments.config)
    dataset = dataset_of(experiment.config, experiment.folder.root, arguments.images, arguments.masks)
    prepared = experiment.prepare(dataset)
    chosen = selected(prepared.plan, chosen_folds(experiment.config, arguments.folds))
    if arguments.json:
        print(
            json.dumps(as_data(chosen, prepared.ledger, prepared.table if arguments.ids else None), indent=1)
        )
        return 0
    print("\n".join(lines(chosen, prepared.ledger)))
    if arguments.ids:
        print("\n".join(id_lines(chosen, prepared.table)))
    return 0
