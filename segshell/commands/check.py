"""`check`: the config alone, all findings at once."""

import argparse

from segshell.commands.arguments import add_config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_config(parser)


def perform(arguments: argparse.Namespace) -> int:
    """Check the config and say so; findings raise ConfigError."""
    from segshell.segmentation import parse

    experiment = parse(arguments.config, allow_imports=arguments.allow_imports)
    config = experiment.config
    count = len(config.stages)
    print(
        f"{arguments.config}: ok ({config.architecture.name} with {config.backbone}, {count} stage{'s' * (count != 1)})"
    )
    return 0
