import numpy as np
import pytest

from segcore.catalog.standard import STANDARD as NAMES
from segcore.errors import ConfigError
from segcore.values import Call

keras = pytest.importorskip("keras")
optimizers = pytest.importorskip("segshell.optimizers")


def step(optimizer, gradient):
    variable = keras.Variable(np.zeros(2, np.float32))
    optimizer.apply([keras.ops.convert_to_tensor(np.array(gradient, np.float32))], [variable])
    return variable.numpy()


def test_the_given_rate_is_the_size_of_a_step():
    assert step(optimizers.build(Call("SGD"), 0.5), [1, -2]) == pytest.approx([-0.5, 1.0])


def test_the_resolved_rate_wins_over_an_argument():
    optimizer = optimizers.build(Call("SGD", (("learning_rate", 9.0),)), 0.5)
    assert float(optimizer.learning_rate) == 0.5


def test_arguments_reach_the_optimizer_in_any_spelling_of_its_name():
    optimizer = optimizers.build(Call("rms_prop", (("rho", 0.7), ("momentum", 0.2))), 0.1)
    assert (type(optimizer).__name__, optimizer.rho, optimizer.momentum) == ("RMSprop", 0.7, 0.2)


def test_clipnorm_bounds_the_length_of_a_gradient():
    moved = step(optimizers.build(Call("SGD"), 1.0, clipnorm=1.0), [30, 40])
    assert moved == pytest.approx([-0.6, -0.8])


def test_clipvalue_bounds_its_entries():
    moved = step(optimizers.build(Call("SGD"), 1.0, clipvalue=2.0), [30, -0.5])
    assert moved == pytest.approx([-2.0, 0.5])


def test_both_bounds_at_once_are_refused():
    with pytest.raises(ConfigError) as caught:
        optimizers.build(Call("SGD"), 1.0, clipnorm=1.0, clipvalue=1.0)
    assert caught.value.findings[0].code == "two-clips"


def test_the_names_of_its_variables_do_not_count_up():
    paths = []
    for _ in range(2):
        optimizer = optimizers.build(Call("Adam"), 0.1)
        optimizer.build([keras.Variable(np.zeros(2), name="kernel")])
        paths.append([variable.path for variable in optimizer.variables])
    assert paths[0] == paths[1]


@pytest.mark.parametrize("name", ["Adamm", "Optimizer", "LossScaleOptimizer", "get"])
def test_what_is_no_optimizer_by_name_is_refused(name):
    with pytest.raises(ConfigError) as caught:
        optimizers.build(Call(name), 0.1)
    assert caught.value.findings[0].code == "unknown-optimizer"


@pytest.mark.parametrize("name", sorted(NAMES.names("optimizer")))
def test_every_optimizer_goes_on_from_its_variables(name):
    """Two steps, then two more from a copy of the state in a new optimizer: the bits of four steps."""

    def steps(optimizer, variable, count, first=0):
        for number in range(first, first + count):
            optimizer.apply([np.float32([0.3, -0.1 * number])], [variable])

    def new():
        variable = keras.Variable(np.float32([1.0, -2.0]))
        optimizer = optimizers.build(Call(name), 0.01, None, None)
        optimizer.build([variable])
        return optimizer, variable

    straight, weights = new()
    steps(straight, weights, 4)
    first, before = new()
    steps(first, before, 2)
    second, after = new()
    after.assign(before)
    for variable, value in zip(second.variables, [one.numpy() for one in first.variables], strict=True):
        variable.assign(value)
    steps(second, after, 2, first=2)
    assert after.numpy().tobytes() == weights.numpy().tobytes()
