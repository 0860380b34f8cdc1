"""`clean`: remove what no longer matches the config."""

import argparse
from typing import TYPE_CHECKING

from segshell.commands.arguments import add_config, add_data

if TYPE_CHECKING:
    from collections.abc import Iterable

    from segcore.plans import RunPlan
    from segshell.cleaning import Removable
    from segshell.folder import Folder
    from segshell.segmentation import Experiment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_config(parser)
    add_data(parser)
    parser.add_argument("--dry-run", action="store_true", help="only name what would be removed")


def _found(experiment: "Experiment", every: "Iterable[tuple[Folder, RunPlan]]") -> "list[Removable]":
    from segshell.cleaning import removable, removable_beyond

    asked = [one for place in every for one in removable(*place)]
    return [*asked, *removable_beyond(experiment.folder, experiment.config.replicates)]


def perform(arguments: argparse.Namespace) -> int:
    """Name and remove results that were set aside, and interrupted trainings that no plan asks for."""
    from segshell import files
    from segshell.cleaning import remove
    from segshell.segmentation import parse

    experiment = parse(arguments.config, allow_imports=arguments.allow_imports)
    prepared = experiment.prepare(experiment.dataset(arguments.images, arguments.masks))
    every = [(one.folder, ready.plan) for one, ready in experiment.replicates(prepared)]
    if arguments.dry_run:
        found = _found(experiment, every)
    else:
        files.require_writable(experiment.folder.root)
        with files.lock(experiment.folder.root):
            found = _found(experiment, every)
            remove(found)
    for one in found:
        name = one.path.relative_to(experiment.folder.root).as_posix()
        print(f"{one.size / 1e6:9.1f} MB  {name}  {one.why}")
    total = sum(one.size for one in found) / 1e6
    verb = "would be freed" if arguments.dry_run else "freed"
    print(f"{total:9.1f} MB {verb}" if found else "nothing to remove: every file belongs to this config")
    return 0
