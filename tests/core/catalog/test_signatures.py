import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.catalog.rows import REQUIRED, Parameter, Required, Row
from segcore.catalog.signatures import bare, name_of, parse
from segcore.kinds import Either, Flag, Integer, ListOf, Monitor, Number, Optional, Stochastic, TableOf, Text
from segcore.values import Choice, Range


def test_a_line_is_read_into_kinds_and_defaults():
    line = (
        "Stop(monitor: Monitor, delta: Number(0, below=1) = -1e-3,"
        ' mode: Text("a", "b") = "a", on: Flag = True)'
    )
    assert parse("callback", line) == Row(
        "callback",
        "Stop",
        (
            Parameter("monitor", Monitor()),
            Parameter("delta", Number(minimum=0, below=1), -0.001),
            Parameter("mode", Text(("a", "b")), "a"),
            Parameter("on", Flag(), True),
        ),
    )


def test_kinds_nest():
    line = 'Crop(px: Optional(Either(Stochastic(0, whole=True), TableOf(Integer, ("x", "y")))) = None)'
    kind = Optional(Either((Stochastic(0, whole=True), TableOf(Integer(), ("x", "y")))))
    assert parse("augmenter", line).parameters == (Parameter("px", kind, None),)


def test_ranges_choices_and_sequences_are_values():
    line = "A(a: Stochastic = Range(-1, 2.5), b: Stochastic = Choice(1, 3), c: ListOf(Number) = [1, 2])"
    defaults = [one.default for one in parse("augmenter", line).parameters]
    assert defaults == [Range(-1, 2.5), Choice((1, 3)), (1, 2)]


def test_a_direction_stands_behind_the_arrow():
    assert parse("metric", 'mse() -> "min"') == Row("metric", "mse", (), "min")


@pytest.mark.parametrize("line", ["vgg16", "vgg16()", " vgg16 ( ) "])
def test_a_name_alone_has_no_parameters(line):
    assert parse("encoder", line) == Row("encoder", "vgg16")
    assert name_of(line) == "vgg16"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "two words",
        "f(",
        "f(a)",
        "f(a: 3)",
        "f(a: Banana)",
        "f(a: Number(banana=1))",
        "f(a: Number(1, 2, 3, 4, 5))",
        "f(a: Number(**limits))",
        "f(a: kinds.Number())",
        "f(a: Number() = print('x'))",
        "f(a: Number() = other)",
        "f(a: Number() = {1: 2})",
        "f(a: Number() = b'bytes')",
        "f(a: Number() = 1, b: Number())",
        "f(a: Number(), a: Number())",
        "f(*, a: Flag)",
        "f(a: Flag, /)",
        "f(*a: Flag)",
        "f(**a: Flag)",
        'f() -> "up"',
        "f() -> max",
        "f()\nimport os",
        'f() -> "max": pass\nx',
        "f(" + "-" * 100_000 + "1)",
    ],
)
def test_what_is_no_signature_is_a_value_error(line):
    with pytest.raises(ValueError, match=r"."):
        parse("metric", line)


def test_nothing_in_a_line_is_run():
    """A call in a default is refused by its text, not by what it does."""
    with pytest.raises(ValueError, match="exit is not one of Range, Choice"):
        parse("metric", "f(a: Flag = exit())")


@settings(deadline=None)
@given(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True))
def test_a_bare_name_has_neither_case_nor_underscores(name):
    assert bare(name) == bare(name.upper().replace("_", "")) == bare(f"_{name}_")


_names = st.from_regex(r"[a-z][a-z0-9_]{0,6}x", fullmatch=True)
_numbers = st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False)
_bounds = st.none() | _numbers
_texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=5)
_plain = st.one_of(
    st.builds(Flag),
    st.builds(Number, _bounds, _bounds, _bounds, _bounds),
    st.builds(Stochastic, _bounds, _bounds, st.booleans()),
    st.builds(Text, st.lists(_texts, max_size=3).map(tuple)),
)
_kinds = st.recursive(
    _plain,
    lambda inner: st.one_of(
        st.builds(Optional, inner),
        st.builds(ListOf, inner, st.integers(0, 3)),
        st.builds(Either, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=4,
)
_defaults = st.one_of(
    st.just(REQUIRED),
    st.none() | st.booleans() | _numbers | _texts,
    st.builds(Range, _numbers, _numbers),
    st.builds(Choice, st.lists(_numbers, max_size=3).map(tuple)),
    st.lists(_numbers, max_size=3).map(tuple),
)
_parameters = st.builds(Parameter, _names, _kinds, _defaults)


def _written_kind(kind):
    match kind:
        case Text(choices=choices):
            return f"Text({', '.join(map(repr, choices))})"
        case Either(of=several):
            return f"Either({', '.join(map(_written_kind, several))})"
        case Optional(of=one):
            return f"Optional({_written_kind(one)})"
        case ListOf(of=one, minimum=minimum):
            return f"ListOf({_written_kind(one)}, minimum={minimum})"
        case _:
            return repr(kind)


def _written(parameter):
    default = parameter.default
    if isinstance(default, Required):
        return f"{parameter.name}: {_written_kind(parameter.kind)}"
    text = (
        f"Choice({', '.join(map(repr, default.options))})" if isinstance(default, Choice) else repr(default)
    )
    return f"{parameter.name}: {_written_kind(parameter.kind)} = {text}"


@settings(deadline=None)
@given(
    st.lists(_parameters, max_size=5, unique_by=lambda one: one.name),
    st.sampled_from(["", "max", "min"]),
    _names,
)
def test_reading_undoes_writing(parameters, direction, name):
    ordered = sorted(parameters, key=lambda one: not isinstance(one.default, Required))
    arrow = f' -> "{direction}"' if direction else ""
    line = f"{name}({', '.join(map(_written, ordered))}){arrow}"
    assert parse("metric", line) == Row("metric", name, tuple(ordered), direction)
