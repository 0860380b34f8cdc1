"""Hypothesis strategies of what sets a learning rate: callbacks and schedules whose arguments fit together."""

from hypothesis import strategies as st

from segcore.values import Call

SETTERS = ("CyclicLR", "LRVariator", "ReduceLROnPlateau")
_rates = st.floats(0.001, 1)


def _call(name, pairs):
    return Call(name, tuple(pairs.items()))


cycles = st.fixed_dictionaries(
    {"base_lr": st.floats(1e-5, 9e-4), "max_lr": st.floats(0.01, 1)},
    optional={"mode": st.sampled_from(("triangular2", "exp_range")), "step_size": st.integers(1, 1999)},
).map(lambda pairs: _call("CyclicLR", pairs))

_ways = st.fixed_dictionaries(
    {"toVal": _rates},
    optional={"style": st.sampled_from(("sin", "cos", "power")) | st.floats(0.1, 5), "fromVal": _rates},
) | st.fixed_dictionaries({"style": st.just("const")}, optional={"fromVal": _rates})
_sizes = st.one_of(
    st.just({}),
    st.integers(1, 500).map(lambda size: {"absSize": size}),
    st.floats(0.01, 1).map(lambda size: {"relSize": size}),
)
variators = st.recursive(
    st.tuples(_ways, _sizes).map(lambda two: _call("LRVariator", two[0] | two[1])),
    lambda inner: st.tuples(_ways, _sizes, inner).map(
        lambda three: _call("LRVariator", three[0] | three[1] | {"then": three[2]})
    ),
    max_leaves=3,
)

_first = st.fixed_dictionaries(
    {"initial_learning_rate": _rates}, optional={"decay_steps": st.integers(1, 900)}
)
_warm = st.fixed_dictionaries({"warmup_target": _rates, "warmup_steps": st.integers(1, 90)}) | st.just({})
_pieces = st.lists(st.integers(1, 900), min_size=1, max_size=3, unique=True).flatmap(
    lambda steps: st.lists(_rates, min_size=len(steps) + 1, max_size=len(steps) + 1).map(
        lambda values: _call(
            "PiecewiseConstantDecay", {"boundaries": tuple(sorted(steps)), "values": tuple(values)}
        )
    )
)
schedules = st.one_of(
    st.tuples(_first, _warm).map(lambda two: _call("CosineDecay", two[0] | two[1])),
    st.tuples(_first, st.floats(0.1, 0.9)).map(
        lambda two: _call("ExponentialDecay", two[0] | {"decay_rate": two[1]})
    ),
    _first.map(lambda pairs: _call("PolynomialDecay", pairs)),
    _pieces,
)
