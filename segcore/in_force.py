"""What holds in every stage of many experiments: a column of values for each key, meanings resolved."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import Any, Final, TypeAlias

from attrs import frozen

from segcore.catalog.catalog import Catalog
from segcore.coding import Coded, Values, by_identity, coded, is_constant
from segcore.config import ExperimentConfig
from segcore.declaring import keys
from segcore.meanings import ABSENT, FOLLOWING, MEANINGS, OWN, OWN_DEFAULTS, Absent, means_itself, start
from segcore.stages import is_frozen, resolve

Path: TypeAlias = tuple[str | int, ...]


@frozen
class Column:
    """One key over n experiments: its path, its field of the config, and n values; `ABSENT` where a stage is none."""

    path: Path
    field: str
    coded: Coded


_FIELDS: Final = tuple(keys(ExperimentConfig))
_STAGED: Final = frozenset(name for name, key in _FIELDS if key.stage)


@frozen
class _Experiments:
    """Experiments as columns.

    Attributes
    ----------
    root, constant
        A column for each field as it stands at the top level, and the fields in which all are equal.
    replaced
        For each stage a column of what it replaces, `ABSENT` for experiments without such a stage.
    touched
        The fields that do not hold in every stage as they stand at the top level.

    """

    configs: tuple[ExperimentConfig, ...]
    catalogs: tuple[Catalog, ...]
    catalog_numbers: Coded
    root: Mapping[str, Values]
    constant: frozenset[str]
    replaced: tuple[tuple[Mapping[str, Any] | Absent, ...], ...]
    touched: frozenset[str]
    fewest_stages: int

    def levels(self, fields: Iterable[str]) -> tuple[int | None, ...]:
        """Return the stages to look at one by one, or None alone where no stage changes any of some fields."""
        staged = self.touched.intersection(fields)
        return tuple(range(len(self.replaced))) if staged else (None,)

    def has(self, number: int, stage: int | None) -> bool:
        return stage is None or self.replaced[stage][number] is not ABSENT

    def config_at(self, number: int, stage: int | None) -> ExperimentConfig:
        config = self.configs[number]
        return config if stage is None else resolve(config, config.stages[stage])

    def values(self, name: str, stage: int | None) -> Values:
        """Return the values of a field as they hold in a stage, not yet what they mean."""
        root = self.root[name]
        if stage is None or name not in self.touched:
            return root
        pairs = zip(self.replaced[stage], root, strict=True)
        return tuple([ABSENT if one is ABSENT else one.get(name, value) for one, value in pairs])

    def telling(self, fields: Iterable[str], stage: int | None) -> dict[str, Coded]:
        """Return the columns of some fields in which experiments differ, and that of their catalogs if they do.

        The others tell no experiments apart.
        """
        names = (one for one in fields if one in self.touched or one not in self.constant)
        columns = {one: coded(self.values(one, stage)) for one in names} | {"": self.catalog_numbers}
        return {name: one for name, one in columns.items() if len(one.different) > 1}


def _extended(config: ExperimentConfig, position: int, found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a stage replaces, with what its other keys say of callbacks and of the encoder."""
    extra = config.stages[position].extra_callbacks
    callbacks = {"callbacks": (*found.get("callbacks", config.callbacks), *extra)} if extra else {}
    is_held = is_frozen(config, position)
    holding = {"freeze_encoder": is_held} if is_held != config.freeze_encoder else {}
    return {**found, **callbacks, **holding}


def _replaced(
    configs: Sequence[ExperimentConfig], stages: Coded, position: int
) -> tuple[Mapping[str, Any] | Absent, ...]:
    """Return for each experiment the fields that do not hold in a stage as they stand at the top level."""
    plain = [
        dict(every[position].overrides) if position < len(every) else ABSENT for every in stages.different
    ]
    says_more = any(
        one.extra_callbacks or one.unfreeze_encoder for every in stages.different for one in every
    )
    if not says_more:
        return tuple(map(plain.__getitem__, stages.numbers))
    pairs = zip(configs, stages.numbers, strict=True)
    return tuple(
        [
            found if (found := plain[number]) is ABSENT else _extended(config, position, found)
            for config, number in pairs
        ]
    )


def _touched(replaced: Iterable[Values]) -> Iterator[str]:
    for column in replaced:
        for one in by_identity(column).different:
            yield from () if one is ABSENT else one


def _as_columns(configs: Sequence[ExperimentConfig], catalogs: Sequence[Catalog]) -> _Experiments:
    # One field after the other: a row of all fields for each experiment takes three times as long.
    root = {name: tuple(map(attrgetter(name), configs)) for name, _ in _FIELDS}
    stages = by_identity(root["stages"])
    counts = [len(one) for one in stages.different]
    replaced = tuple(_replaced(configs, stages, position) for position in range(max(counts)))
    return _Experiments(
        tuple(configs),
        tuple(catalogs),
        by_identity(tuple(catalogs)),  # catalogs are long to compare
        root,
        frozenset(name for name, column in root.items() if is_constant(column)),
        replaced,
        frozenset(_touched(replaced)),
        min(counts),
    )


def _meant(known: _Experiments, name: str, telling: dict[str, Coded], stage: int | None) -> Coded:
    """Return what a field means for each experiment; asked once for each different set of values that tell."""
    raw = telling.get(name) or coded(known.values(name, stage))
    if all(one is ABSENT or means_itself(name, one) for one in raw.different):
        return raw
    meaning = MEANINGS[name][1]
    sets = coded(zip(raw.numbers, *(one.numbers for one in telling.values()), strict=True))
    firsts = {number: position for position, number in reversed(tuple(enumerate(sets.numbers)))}
    told = coded(
        meaning(known.config_at(position, stage), known.catalogs[position])
        if known.has(position, stage)
        else ABSENT
        for _, position in sorted(firsts.items())
    )
    return Coded(told.different, tuple([told.numbers[one] for one in sets.numbers]))


def _is_even(levels: list[Coded]) -> bool:
    """Return whether every experiment has one value in all its stages."""
    first, *others = levels
    for other in others:
        for one, two in {*zip(first.numbers, other.numbers, strict=True)}:
            if other.different[two] not in (ABSENT, first.different[one]):
                return False
    return True


def _key_columns(known: _Experiments, name: str, spelled: str) -> Iterator[Column]:
    """Yield the columns of a key: one, or one for each stage where it changes from stage to stage."""
    fields = MEANINGS[name][0] if name in MEANINGS else (name,)
    stages = known.levels(fields) if name in _STAGED else (None,)
    telling = [known.telling(fields, stage) for stage in stages]
    if not any(telling) or (name in FOLLOWING and name in known.constant):
        return
    told = [_meant(known, name, columns, stage) for columns, stage in zip(telling, stages, strict=True)]
    if _is_even(told):
        yield Column((spelled,), name, told[0])
        return
    for position, values in enumerate(told):
        yield Column(("stages", position, spelled), name, values)


def _own_values(known: _Experiments, name: str, position: int) -> Values:
    if position >= known.fewest_stages:
        pairs = zip(known.root["stages"], known.replaced[position], strict=True)
        return tuple([ABSENT if one is ABSENT else getattr(stages[position], name) for stages, one in pairs])
    return tuple(map(attrgetter(name), map(itemgetter(position), known.root["stages"])))


def _own_column(known: _Experiments, name: str, position: int) -> Coded:
    """Return what a key that only stages have means in one of them."""
    raw = _own_values(known, name, position)
    if name == "validation_negatives":
        negatives = _own_values(known, "negatives", position)
        raw = tuple([other if one is None else one for one, other in zip(raw, negatives, strict=True)])
    elif name == "initial_weights":
        pairs = zip(raw, known.configs, strict=True)
        raw = tuple([start(config, position) if isinstance(one, str) else one for one, config in pairs])
    return coded(raw)


def _stage_columns(known: _Experiments) -> Iterator[Column]:
    """Yield what only stages have; of a stage that not every experiment has, what is not at its default."""
    for position in range(len(known.replaced)):
        for name in OWN:
            column = _own_column(known, name, position)
            if name == "epochs" or not {*column.different} <= {OWN_DEFAULTS[name], ABSENT}:
                yield Column(("stages", position, name), name, column)


def varying(configs: Sequence[ExperimentConfig], catalogs: Sequence[Catalog]) -> tuple[Column, ...]:
    """Return the columns of everything that does not mean the same in all of n experiments.

    A key that stages may replace stands once where it holds alike in all stages of each experiment, else once for
    each stage, as ``stages[1].lr``. Meanings are those by which a plan is made: defaults that follow from other keys
    are what they come to (`preprocessing`, the learning rate, the primary metric and what callbacks watch).

    Parameters
    ----------
    configs
        n experiments as they were parsed.
    catalogs
        The names that each of them may use; n of them.

    Raises
    ------
    ValueError
        When there are not as many catalogs as configs.

    """
    if len(configs) != len(catalogs):
        raise ValueError(f"{len(configs)} configs need as many catalogs, got {len(catalogs)}")
    if not configs:
        return ()
    known = _as_columns(configs, catalogs)
    found: list[Column] = []
    for name, key in _FIELDS:
        if name == "stages":
            found += _stage_columns(known)
        else:
            found += _key_columns(known, name, key.name)
    return tuple(one for one in found if len(one.coded.different) > 1)
