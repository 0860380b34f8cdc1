"""Names that can be files everywhere, and why others cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segshell.file_names import fault


@given(st.lists(st.from_regex(r"[a-z0-9_-]{5,20}\.png", fullmatch=True), min_size=1, max_size=3))
def test_plain_names_have_no_fault(steps):
    assert fault("/".join(steps)) == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"),
        ("a\0b", "NUL"),
        ("/a", "absolute"),
        ("\\a", "absolute"),
        ("C:a", "absolute"),
        ("a/../b", "climbs"),
        ("a\\..\\b", "climbs"),
        ("é" * 128, "255 bytes"),
        ("a/nul.png", "device"),
        ("a./b", "ends in a dot"),
        ("a ", "ends in a dot or a space"),
    ],
)
def test_every_other_name_says_why_not(name, reason):
    assert reason in fault(name)
