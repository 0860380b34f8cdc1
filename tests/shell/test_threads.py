"""Threads of a training step: a share of the machine, and chosen before TensorFlow begins or not at all."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segshell.threads import ThreadsError, limit, share_of
from segshell.versions import usable_cores


@given(st.integers(1, 500))
def test_shares_use_the_machine_and_no_more(jobs):
    each = share_of(jobs)
    assert each >= 1
    assert each * jobs <= max(jobs, usable_cores()) < (each + 1) * jobs + jobs


def test_without_a_number_nothing_is_chosen():
    limit(None)


def test_a_number_that_comes_too_late_is_an_error():
    import tensorflow as tf

    tf.constant(1.0) + 1.0
    with pytest.raises(ThreadsError, match="TensorFlow has begun with"):
        limit(tf.config.threading.get_intra_op_parallelism_threads() + 3)


def test_a_number_that_comes_in_time_holds():
    code = (
        "from segshell.quiet import start_tensorflow\n"
        "start_tensorflow()\n"
        "from segshell.threads import limit\n"
        "limit(1)\n"
        "limit(1)\n"
        "from tensorflow.config import threading as one\n"
        "print(one.get_intra_op_parallelism_threads(), one.get_inter_op_parallelism_threads())\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["1", "1"]
