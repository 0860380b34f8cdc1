"""The samples of an experiment: its data set, their groups and strata, and extra samples to train on."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from segcore.audit import Facts
from segcore.config import ExperimentConfig
from segcore.errors import DataError, Finding
from segcore.samples import SampleTable
from segcore.values import Call, Table
from segshell import formats
from segshell.builders import STANDARD, Builders
from segshell.files import require_plain
from segshell.paths import path_in
from segshell.tables import Check, Described, described

if TYPE_CHECKING:
    from segcore.extras import Joined

_MASK_KEYS = frozenset(
    (
        "values",
        "colors",
        "threshold",
        "ignore",
        "channels",
        "range",
        "missing_masks",
        "resize_masks",
        "on_bad_image",
    )
)


@frozen
class Gathered:
    """All samples of an experiment.

    Attributes
    ----------
    dataset
        The data set, with extra samples where there are any.
    table
        Its table.
    main
        The table of what is dealt to folds, with groups and strata.
    joined
        Where the samples of `main` stand in `table`; None without extra samples.
    facts
        What the audit is told of the samples whose pixels were counted.

    """

    dataset: Any = field(repr=False)
    table: SampleTable = field(repr=False)
    main: SampleTable = field(repr=False)
    joined: "Joined | None" = field(default=None, repr=False)
    facts: tuple[Facts, ...] = field(default=(), repr=False)


def _built(call: Call, config: ExperimentConfig, root: Path, builders: Builders) -> Any:
    return formats.dataset_from(
        call,
        root,
        config.classes,
        exclusive=config.is_exclusive,
        shape_channels=config.shape[2],
        builders=builders,
    )


def _named(config: ExperimentConfig, images: str, masks: str) -> Call:
    """Return the data set of two folders that the command line names, read as that of the config is."""
    given = config.dataset.arguments if config.dataset else ()
    kept = tuple((name, value) for name, value in given if name in _MASK_KEYS)
    # Relative to where the program was started, not to the config.
    paths = (("images", str(Path(images).absolute())), ("masks", str(Path(masks).absolute())))
    return Call("folders", (*kept, *paths))


def dataset_of(
    config: ExperimentConfig,
    root: Path,
    images: str | None = None,
    masks: str | None = None,
    builders: Builders = STANDARD,
) -> Any:
    """Return the data set that the command line or the config names.

    Raises
    ------
    DataError
        When neither names one, or its files are wrong.

    """
    if (images is None) != (masks is None):
        raise DataError(
            [Finding("dataset", "--images and --masks belong together.", (), None, (), "Give both.")]
        )
    if images is not None and masks is not None:
        return _built(_named(config, images, masks), config, root, builders)
    if config.dataset is None:
        advice = "Add dataset: {images: ..., masks: ...} to the config, or give --images and --masks."
        raise DataError([Finding("dataset", "no data set is named.", ("dataset",), None, (), advice)])
    return _built(config.dataset, config, root, builders)


def check_for(config: ExperimentConfig) -> Check:
    """Return what brings an item to the form in which it is trained on, or says what is wrong with it."""

    def check(item: Any) -> Any:
        from segshell.items import checked

        return checked(item, config.shape[2], config.classes, exclusive=config.is_exclusive)

    return check


def _text(path: Path, key: str) -> str:
    try:
        require_plain(path)
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _no_csv(path, "it is no UTF-8", key, "Save it as csv, UTF-8.") from error
    except OSError as error:
        raise _no_csv(path, error.strerror or str(error), key, "Correct the path.") from error


def _no_csv(path: Path, reason: str, key: str, advice: str) -> DataError:
    return DataError([Finding("csv-missing", f"{path}: cannot be read: {reason}.", (key,), None, (), advice)])


def _duplicates(found: Described) -> tuple[str, ...]:
    from segcore.likeness import components

    if len(found.facts) != len(found.table):
        message = "near-duplicate images are not known of this data set."
        advice = "Write a pattern or a csv, or name the data set in the config."
        raise DataError([Finding("groups", message, ("groups",), None, (), advice)])
    return components([one.phash for one in found.facts], [one.id for one in found.facts])


def _labels(given: str | Table | None, key: str, found: Described, root: Path) -> tuple[str, ...]:
    if given is None:
        return ()
    if not isinstance(given, Table):
        return _duplicates(found)
    from segcore.labels import by_pattern, by_table  # here: most configs name no labels

    words = {name: str(value) for name, value in given.items}
    if "pattern" in words:
        return by_pattern(found.table.ids, words["pattern"], key)
    path = path_in(root, words["csv"], (key, "csv"))
    return by_table(
        found.table.ids, _text(path, key), words.get("id", "id"), words["column"], words["csv"], key
    )


def _labelled(config: ExperimentConfig, root: Path, found: Described) -> SampleTable:
    """Return the table with the groups and strata of the config; without any, those that it has."""
    groups = _labels(config.groups, "groups", found, root) or found.table.groups
    strata = _labels(config.strata, "strata", found, root) or found.table.strata
    return evolve(found.table, groups=groups, strata=strata)


def gathered(
    config: ExperimentConfig,
    root: Path,
    dataset: Any,
    builders: Builders = STANDARD,
) -> Gathered:
    """Return all samples of an experiment.

    Parameters
    ----------
    config
        Its groups, strata and extra_train_data.
    root
        The folder of the config.
    dataset
        What is dealt to folds.
    builders
        Names to builders.

    Raises
    ------
    DataError
        What is wrong with any sample, all at once; labels that are missing.

    """
    found = described(dataset, check_for(config), config.classes)
    main = _labelled(config, root, found)
    if config.extra_train_data is None:
        return Gathered(dataset, main, main, None, found.facts)
    from segcore.extras import PREFIX, joined  # here: most configs name no other data
    from segshell.combined import with_extra

    extra = _built(config.extra_train_data, config, root, builders)
    more = described(extra, check_for(config), config.classes)
    both = joined(main, more.table)
    facts = (*found.facts, *(evolve(one, id=PREFIX + one.id) for one in more.facts))
    return Gathered(with_extra(dataset, extra), both.table, main, both, facts)
