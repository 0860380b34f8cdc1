"""What one run is known by in all of its processes, on whatever machines."""

import os
from functools import cache
from typing import Final
from uuid import uuid4

VARIABLE: Final = "SEGSHELL_RUN"


@cache
def token() -> str:
    """Return the token of this run: that of the process for which this one works, else one that it makes itself."""
    return os.environ.get(VARIABLE) or uuid4().hex
