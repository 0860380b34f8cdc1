"""What a run is known by: the same in the processes that work for it, another in every other."""

import os
import subprocess
import sys

from segshell.run_token import VARIABLE, token

CODE = "from segshell.run_token import token; print(token(), token())"


def _told(**more):
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE} | more
    ran = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True
    )
    return ran.stdout.split()


def test_processes_of_a_run_share_it_and_others_do_not():
    assert _told(**{VARIABLE: token()}) == [token(), token()]
    first, again = _told()
    assert first == again != token()
