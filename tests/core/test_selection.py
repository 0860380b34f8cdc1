"""Folds and stages that a user names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.errors import DataError
from segcore.parsing.experiment import parse
from segcore.selection import chosen_folds, chosen_stage, first_stage, in_windows


def config(folds: int = 3, epochs: tuple[int, ...] = (1, 0, 2), inference: str = "resize") -> object:
    stages = ", ".join(f"{{epochs: {one}}}" for one in epochs)
    return parse(
        f"architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nfolds_count: {folds}\nstages: [{stages}]\n"
        f"inference: {inference}"
    )


@given(st.integers(1, 20))
def test_no_choice_means_all_folds(folds: int) -> None:
    assert chosen_folds(config(folds), None) == tuple(range(folds))


def test_one_fold_may_be_given_bare_and_order_is_kept() -> None:
    assert chosen_folds(config(), 1) == (1,)
    assert chosen_folds(config(), [2, 0]) == (2, 0)


@pytest.mark.parametrize("given_folds", [3, -1, [0, 3], []])
def test_a_fold_that_is_not_there_is_refused_with_the_valid_ones(given_folds: object) -> None:
    with pytest.raises(DataError, match="folds are 0 to 2"):
        chosen_folds(config(), given_folds)


def test_negative_stages_count_from_the_last_that_is_trained() -> None:
    assert [chosen_stage(config(), stage) for stage in (-1, -2, 0, 2)] == [2, 0, 0, 2]


@pytest.mark.parametrize("stage", [1, 3, -3])
def test_a_stage_without_epochs_or_out_of_range_is_refused(stage: int) -> None:
    with pytest.raises(DataError, match=f"stages are 0, 2, got {stage}"):
        chosen_stage(config(), stage)


def test_a_fold_given_twice_is_refused() -> None:
    with pytest.raises(DataError, match="fold 1 is given twice"):
        chosen_folds(config(), [1, 0, 1])


@pytest.mark.parametrize("stage", [-1, 3])
def test_training_starts_from_a_stage_that_there_is(stage: int) -> None:
    with pytest.raises(DataError, match="stages are 0 to 2"):
        first_stage(config(), stage)
    assert first_stage(config(), 2) == 2


@pytest.mark.parametrize("inference", ["resize", "windows"])
def test_windows_are_what_is_asked_for_and_else_what_the_config_says(inference: str) -> None:
    one = config(inference=inference)
    assert [in_windows(one, asked) for asked in (True, False, None)] == [True, False, inference == "windows"]
