"""What a cross-check gives before it is located in the text, and the view of a config that checks have."""

from attrs import frozen

from segcore.config import ExperimentConfig

Path = tuple[str | int, ...]


@frozen
class Problem:
    """A finding before it has its place and its nearest names.

    Attributes
    ----------
    code, message, advice
        As in a Finding.
    path
        Where it is; see `locating.locate` for what a path may be.
    instead
        The path that counts where nothing of `path` is written, as for a value that is a default.
    given, names
        A name that does not exist, and the valid ones, from which the nearest are chosen.

    """

    code: str
    message: str
    path: Path
    advice: str = ""
    instead: Path = ()
    given: str = ""
    names: tuple[str, ...] = ()


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

    def callback_path(self, position: int) -> Path:
        """Return where a callback in force was written: in the list in force, or added by the stage."""
        added = self.config.stages[self.stage].extra_callbacks
        first = len(self.config.callbacks) - len(added)
        if position >= first:
            return ("stages", self.stage, "extra_callbacks", position - first)
        return (*self.path("callbacks"), position)
