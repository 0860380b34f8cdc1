"""The hand-made part of the rows of Keras' schedules, and how their signatures become lines."""

import inspect
from importlib import import_module

from tests.catalog_kinds import Family

SCHEDULES = Family(
    offered=(
        "CosineDecay",
        "CosineDecayRestarts",
        "ExponentialDecay",
        "InverseTimeDecay",
        "PiecewiseConstantDecay",
        "PolynomialDecay",
    ),
    kinds={
        "initial_learning_rate": "Number(above=0)",
        "decay_steps": "Optional(Integer(1))",
        "first_decay_steps": "Integer(1)",
        "decay_rate": "Number(above=0)",
        "staircase": "Flag",
        "alpha": "Number(0, 1)",
        "warmup_target": "Optional(Number(above=0))",
        "warmup_steps": "Integer(0)",
        "t_mul": "Number(1)",
        "m_mul": "Number(above=0)",
        "end_learning_rate": "Number(0)",
        "power": "Number(above=0)",
        "cycle": "Flag",
        "boundaries": "ListOf(Integer(1), minimum=1)",
        "values": "ListOf(Number(0), minimum=2)",
    },
    left_out=frozenset({"name"}),
)


def _with_default_steps(called):
    """Return something with a schedule's signature in which decay_steps, which a plan fills in, may be left out."""
    given = inspect.signature(called).parameters.values()
    parameters = [one.replace(default=None) if one.name == "decay_steps" else one for one in given]
    parameters.sort(key=lambda one: one.default is not inspect.Parameter.empty)

    def stand_in():
        """Hold a signature."""

    stand_in.__signature__ = inspect.Signature(parameters)
    return stand_in


def schedule_lines(signature):
    """Return the signature lines of Keras' schedules; `signature(name, called, family)` writes one."""
    schedules = import_module("keras.optimizers.schedules")
    return [
        signature(name, _with_default_steps(getattr(schedules, name)), SCHEDULES)
        for name in SCHEDULES.offered
    ]
