"""Checks of losses, rate and bounds of gradients."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.catalog.losses import FACTS, facts
from segcore.loss_text import Term
from segcore.parsing import check_training
from segcore.parsing.problems import Setting
from segcore.values import Call
from tests.record_strategies import config_of

terms = st.lists(st.sampled_from([one.name for one in FACTS]), min_size=1, max_size=4, unique=True)


def setting(replaced=(), **changes):
    return Setting(evolve(config_of(), **changes), 0, frozenset(replaced))


@given(terms, st.sampled_from(["sigmoid", "softmax", "linear"]))
def test_each_loss_that_does_not_take_the_activation_is_a_problem(names, activation):
    loss = tuple(Term(1, name) for name in names)
    found = list(check_training.loss_activation_problems(setting(activation=activation, loss=loss)))
    unfit = [name for name in names if activation not in facts(name).activations]
    assert [problem.message.split()[0] for problem in found] == unfit


@given(terms, st.integers(1, 3))
def test_each_loss_that_needs_more_classes_is_a_problem(names, classes):
    loss = tuple(Term(1, name) for name in names)
    found = list(check_training.loss_classes_problems(setting(classes=classes, loss=loss)))
    assert len(found) == sum(facts(name).classes > classes for name in names)


def test_a_loss_of_an_extension_is_not_judged():
    given_loss = setting(loss=(Term(1, "mine"),))
    assert not list(check_training.loss_activation_problems(given_loss))
    assert not list(check_training.loss_classes_problems(given_loss))


def test_the_rate_is_given_once():
    optimizer = Call("SGD", (("learning_rate", 0.5),))
    assert list(check_training.rate_problems(setting(lr=0.1, optimizer=optimizer)))
    assert not list(check_training.rate_problems(setting(lr=None, optimizer=optimizer)))
    assert not list(check_training.rate_problems(setting(lr=0.1)))


@pytest.mark.parametrize(
    ("replaced", "path"),
    [
        ((), ("clipvalue",)),
        (("clipnorm",), ("stages", 0, "clipnorm")),
        (("clipvalue",), ("stages", 0, "clipvalue")),
        (("clipnorm", "clipvalue"), ("stages", 0, "clipnorm")),
    ],
)
def test_two_bounds_are_told_where_the_stage_wrote_one(replaced, path):
    (found,) = check_training.clip_problems(setting(replaced, clipnorm=1.0, clipvalue=1.0))
    assert found.path == path


@given(st.integers(1, 12), st.integers(1, 12))
def test_a_batch_gives_every_gpu_an_image(batch, gpus):
    """A batch that is smaller than the number of GPUs is told where the stage wrote it, else at the number."""
    shared = {"batch": batch, "gpus": gpus}
    for replaced, path in (((), ("gpus",)), (("batch",), ("stages", 0, "batch"))):
        found = [one.path for one in check_training.share_problems(setting(replaced, **shared))]
        assert found == ([path] if batch < gpus else [])


def test_one_bound_is_no_problem():
    assert not list(check_training.clip_problems(setting(clipnorm=1.0)))
