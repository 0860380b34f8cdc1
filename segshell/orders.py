"""What is handed to another process: a fold-stage to perform, and how that has ended."""

from attrs import frozen

from segcore.ledger import Result
from segcore.scheduling import Task


@frozen
class Order:
    """What a worker is told to do.

    Attributes
    ----------
    config
        Path of the experiment's config, the same wherever it is done.
    task
        The fold-stage; its key is that of the plan when it was made.
    images, masks
        Folders in place of the config's data set.
    allow_imports
        Installed modules that the config may import.
    forced
        Whether it is trained although it is done.
    resumes
        Whether an interrupted training is gone on with.
    cache
        Where decoded samples are kept, in place of what the config says; empty for that.
    shown
        What stands before what is said of it: the experiment, where there are several.

    """

    config: str
    task: Task
    images: str | None = None
    masks: str | None = None
    allow_imports: tuple[str, ...] = ()
    forced: bool = False
    resumes: bool = True
    cache: str = ""
    shown: str = ""


@frozen
class Done:
    """A fold-stage is trained and its record written."""

    result: Result


@frozen
class Failed:
    """A fold-stage could not be performed, or was stopped; the text is what the user is told."""

    text: str
    exit_code: int
    is_stop: bool = False
