import pytest

from segcore.catalog.rows import REQUIRED
from segcore.catalog.standard import STANDARD
from tests.core.catalog.libraries import differing_defaults, keras, public_classes

NAMES = STANDARD.names("schedule")


def schedules():
    return keras().optimizers.schedules


@pytest.mark.parametrize("name", NAMES)
def test_it_gives_a_rate_for_every_step_with_its_defaults(name):
    needed = {"initial_learning_rate": 0.1, "boundaries": [5], "values": [0.1, 0.01], "decay_rate": 0.5}
    needed |= {"decay_steps": 10, "first_decay_steps": 10}
    row = STANDARD.find("schedule", name)
    optional = {one.name: one.default for one in row.parameters if one.default is not REQUIRED}
    given = {one.name: needed[one.name] for one in row.parameters if one.name in needed}
    schedule = getattr(schedules(), name)(**{**optional, **given})
    assert all(0 <= float(schedule(step)) <= 0.11 for step in (0, 3, 9, 30))


@pytest.mark.parametrize("name", NAMES)
def test_defaults_are_keras_own_but_for_the_steps_that_a_plan_fills_in(name):
    different = differing_defaults(STANDARD.find("schedule", name), getattr(schedules(), name).__init__)
    assert set(different) <= {"decay_steps"}


def test_every_schedule_of_keras_is_offered_or_refused():
    classes = public_classes(schedules())
    assert {name for name in classes if STANDARD.refusal("schedule", name) is None} == set(NAMES)
