"""Hypothesis profiles: no deadlines, since machines are shared, and fewer examples where CI is set."""

import os

from hypothesis import HealthCheck, settings

# How fast examples are drawn says more about the machine's other work than about a strategy.
_TIMELESS = (HealthCheck.too_slow,)

settings.register_profile("here", deadline=None, derandomize=False, suppress_health_check=_TIMELESS)
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=False,
    suppress_health_check=_TIMELESS,
    max_examples=30,
    print_blob=True,
)
settings.load_profile("ci" if os.environ.get("CI") else "here")
