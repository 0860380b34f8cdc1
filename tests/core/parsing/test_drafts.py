"""A draft says which fields cannot be judged in a stage."""

from hypothesis import given
from hypothesis import strategies as st

from segcore.config import ExperimentConfig, Stage
from segcore.declaring import required
from segcore.parsing.drafts import ROOT_PLACEHOLDERS, STAGE_PLACEHOLDERS, Draft, StageDraft

fields = st.frozensets(st.sampled_from(["lr", "loss", "metrics", "classes"]))


@given(fields, fields, fields)
def test_a_field_is_bad_in_a_stage_by_itself_or_unless_the_stage_replaces_it(bad, own, replaced):
    config = ExperimentConfig(**ROOT_PLACEHOLDERS, stages=(Stage(1),))
    draft = Draft(config, bad, (own,))
    for name in ("lr", "loss", "metrics", "classes"):
        expected = name in own or (name in bad and name not in replaced)
        assert (name in draft.bad_in(0, replaced)) == expected


def test_there_is_a_placeholder_for_every_required_key():
    assert {*ROOT_PLACEHOLDERS, "stages"} == set(required(ExperimentConfig))
    assert set(STAGE_PLACEHOLDERS) == set(required(Stage))


def test_a_placeholder_stage_trains():
    assert StageDraft().stage.epochs > 0
