"""A cross-check's result before it is located in the text, and the view of a config that checks look through."""

from attrs import frozen

from segcore.config import ExperimentConfig

Path = tuple[str | int, ...]


@frozen
class Problem:
    """A finding that knows its path but not yet its place."""

    code: str
    message: str
    path: Path
    nearest: tuple[str, ...] = ()
    advice: str = ""


@frozen
class Setting:
    """The experiment as it holds in one stage, and where each of its keys was written.

    Attributes
    ----------
    config
        The experiment with the stage's overrides.
    stage
        Position of the stage.
    replaced
        Names of the fields that the stage itself replaces.

    """

    config: ExperimentConfig
    stage: int
    replaced: frozenset[str]

    def path(self, key: str) -> Path:
        """Return where a key that holds in this stage was written: in the stage, or at the top level."""
        return ("stages", self.stage, key) if key in self.replaced else (key,)
