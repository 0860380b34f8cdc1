"""Hypothesis strategies of what a config may say of its data sets, groups and strata."""

from hypothesis import strategies as st

from segcore.values import Call, Table

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
paths = texts.filter(lambda one: "\0" not in one)
_places = paths | st.lists(paths, min_size=1, max_size=3).map(tuple)
_bytes = st.integers(0, 255)
colors = st.tuples(_bytes, _bytes, _bytes)


def _table(names, values, size):
    low, high = size
    return st.dictionaries(names, values, min_size=low, max_size=high).map(
        lambda one: Table(tuple(one.items()))
    )


def _meanings(classes, *, exclusive):
    """Return a strategy of at most one way to say what raw values mean."""
    highest = classes - 1 if exclusive else 1
    raw = st.integers(0, 65535).map(str)
    values = _table(raw, st.integers(0, highest) | st.just("ignore"), (1, 4))
    count = classes if exclusive else classes + 1
    listed = st.lists(colors, min_size=count, max_size=count, unique=True).map(tuple)
    named = listed.map(lambda found: Table(tuple((f"class {n}", one) for n, one in enumerate(found))))
    ways = [("values", values), ("colors", listed | named)]
    ways += [] if exclusive else [("threshold", st.floats(0, 65535))]
    drawn = [given.map(lambda value, name=name: ((name, value),)) for name, given in ways]
    return st.just(()) | st.one_of(*drawn)


def _channels(count):
    listed = st.lists(st.integers(0, 30), min_size=count, max_size=count).map(tuple)
    worded = {3: st.sampled_from(("rgb", "grey")), 4: st.sampled_from(("rgba", "grey"))}
    return listed | worded.get(count, st.just("grey"))


_ranges = st.tuples(st.floats(-1e6, 0), st.floats(1, 1e6))
_ignored = st.integers(0, 65535) | st.lists(st.integers(0, 65535) | colors, min_size=1, max_size=3).map(tuple)


@st.composite
def folders(draw, classes, channels, *, exclusive):
    """Draw a data set of the format ``folders`` that fits classes and channels."""
    by_class = st.lists(texts, min_size=classes, max_size=classes, unique=True).flatmap(
        lambda names: st.tuples(*[_places] * classes).map(
            lambda given: Table(tuple(zip(names, given, strict=True)))
        )
    )
    arguments = [("images", draw(_places)), ("masks", draw(_places | by_class))]
    arguments += draw(_meanings(classes, exclusive=exclusive))
    optional = {
        "channels": _channels(channels),
        "range": _ranges,
        "ignore": _ignored,
        "negatives": _places,
        "missing_masks": st.sampled_from(("negative", "skip")),
        "resize_masks": st.just(value=True),
        "on_bad_image": st.just("skip"),
    }
    arguments += [(name, draw(given)) for name, given in optional.items() if draw(st.integers(0, 3)) == 0]
    return Call("folders", tuple(_consistent(dict(arguments)).items()))


def _consistent(arguments):
    """Leave out what is ignored where one of its numbers has another meaning already."""
    ignored = arguments.get("ignore")
    numbers = {str(one) for one in (ignored if isinstance(ignored, tuple) else (ignored,))}
    meant = {raw for raw, _ in getattr(arguments.get("values"), "items", ())}
    return {name: one for name, one in arguments.items() if name != "ignore" or not numbers & meant}


_patterns = st.sampled_from(("^(a+)", "([0-9]+)_", "x")).map(lambda one: Table((("pattern", one),)))
_csv = st.tuples(paths, texts).map(lambda two: Table((("csv", two[0]), ("id", "name"), ("column", two[1]))))


@st.composite
def sampling(draw, classes, channels, *, exclusive):
    """Draw the keys of a config that say which samples there are and what belongs together."""
    data = folders(classes, channels, exclusive=exclusive)
    stratified = draw(st.booleans())
    return {
        "dataset": draw(st.none() | data),
        "extra_train_data": draw(st.none() | data),
        "groups": draw(st.none() | st.just("duplicates") | _patterns | _csv),
        "strata": draw(st.none() | _patterns | _csv) if stratified else None,
        "stratified": stratified,
    }
