"""Keys of the seed system that are not offered yet."""

from segcore.parsing.later import LATER
from segcore.parsing.read_keys import ROOT, STAGE


def test_a_key_that_is_offered_is_not_told_to_come_later():
    assert not {name for name, _ in LATER} & {*ROOT, *STAGE}


def test_each_has_one_advice_that_is_a_sentence():
    assert len(dict(LATER)) == len(LATER)
    assert all(advice.endswith(".") and advice[0].isupper() for _, advice in LATER)
