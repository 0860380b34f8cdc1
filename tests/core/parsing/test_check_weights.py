"""Checks of class weights."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.catalog.losses import FACTS, facts
from segcore.loss_text import Term
from segcore.parsing import check_weights
from segcore.parsing.problems import Setting
from tests.record_strategies import config_of


def setting(**changes):
    return Setting(evolve(config_of(), **changes), 0, frozenset())


@given(st.integers(1, 5), st.lists(st.sampled_from([0.0, 1.5]), min_size=2, max_size=6))
def test_there_is_a_weight_per_class_and_one_is_positive(classes, weights):
    found = list(check_weights.count_problems(setting(classes=classes, class_weights=tuple(weights))))
    assert bool(found) == (len(weights) != max(2, classes) or not any(weights))


@given(
    st.lists(st.sampled_from([one.name for one in FACTS]), min_size=1, max_size=4, unique=True),
    st.integers(1, 3),
)
def test_a_loss_never_ignores_weights_in_silence(names, classes):
    given_loss = tuple(Term(1.0, name) for name in names)
    found = list(
        check_weights.loss_problems(
            setting(classes=classes, loss=given_loss, activation="softmax", class_weights="balanced")
        )
    )
    kinds = [facts(name).weighting for name in names]
    useless = classes == 1 and set(kinds) == {"classes"}
    assert len(found) == kinds.count("none") + useless


def test_a_loss_over_all_classes_of_a_pixel_takes_weights_only_where_they_exclude_each_other():
    loss = (Term(1.0, "cosine_similarity"),)
    for activation, count in (("sigmoid", 1), ("softmax", 0)):
        given_loss = setting(classes=3, loss=loss, activation=activation, class_weights="balanced")
        assert len(list(check_weights.loss_problems(given_loss))) == count


def test_without_weights_nothing_is_judged():
    for check in (check_weights.count_problems, check_weights.loss_problems):
        assert not list(check(setting(class_weights=None, loss=(Term(1.0, "lovasz_loss"),))))
    assert not list(check_weights.count_problems(setting(class_weights="balanced")))


def test_a_loss_of_an_extension_is_not_judged():
    assert not list(check_weights.loss_problems(setting(class_weights=(1.0, 2.0), loss=(Term(1.0, "mine"),))))
