"""Optuna's TPE as a function of the trials that are known: repeatable, within the space, and quiet."""

import json
import logging
import statistics
import subprocess
import sys
import warnings

from attrs import evolve

from segcore.searching import Choices, Parameter, Range, Search, drawn, fits
from segcore.trials import Trial
from segshell.optuna_sampling import suggested

OVER = (
    Parameter(("lr",), Range(1e-5, 1e-1, is_log=True)),
    Parameter(("batch",), Choices(("8", "16", '{"SGD": {"momentum": 0.9}}'))),
    Parameter(("stages", "0", "epochs"), Range(2, 10, 2, is_whole=True)),
    Parameter(("ema",), Range(0.1, 0.9, 0.2)),
    Parameter(("width",), Range(1, 512, is_log=True, is_whole=True)),
)
SEARCH = Search("tpe", 40, 5, "val_iou", "max", (0,), OVER)


def done(number, search=SEARCH, score=None):
    values = drawn(search, number)
    return Trial(number, values, "done", number % 7 / 7 if score is None else score)


def test_what_is_suggested_is_of_the_space_and_a_function_of_what_is_known():
    known = [done(number) for number in range(15)]
    found = [suggested(SEARCH, number, known) for number in range(15, 21)]
    assert all(fits(SEARCH, values) for values in found)
    assert found == [suggested(SEARCH, number, known) for number in range(15, 21)]
    assert len(set(found)) == len(found)
    assert suggested(evolve(SEARCH, seed=6), 15, known) != found[0]


def test_it_goes_where_scores_were_good_and_away_where_they_were_bad():
    """The median of what is suggested lies on the side of the better half, for both directions."""
    search = evolve(SEARCH, over=(Parameter(("lr",), Range(0.0, 1.0)),))
    known = [
        Trial(number, values, "done", float(json.loads(dict(values)["lr"])))
        for number in range(30)
        if (values := drawn(search, number))
    ]
    numbers = range(30, 45)
    high = [json.loads(suggested(search, number, known)[0][1]) for number in numbers]
    low = [json.loads(suggested(evolve(search, mode="min"), number, known)[0][1]) for number in numbers]
    assert statistics.median(high) > 0.75
    assert statistics.median(low) < 0.25


def test_trials_that_failed_have_no_score_and_those_that_run_are_kept_away_from():
    known = [done(number) for number in range(12)]
    failed = [*known, Trial(12, drawn(SEARCH, 12), "failed", None, "nan")]
    first = suggested(SEARCH, 13, failed)
    assert fits(SEARCH, first)
    assert suggested(SEARCH, 13, failed, [first]) != first


def test_nothing_is_tried_twice_and_a_space_that_is_used_up_gives_nothing():
    search = evolve(SEARCH, trials=9, over=(OVER[1], Parameter(("b",), Choices(("1", "2", "3")))))
    known = []
    while (values := suggested(search, len(known), known)) is not None:
        known.append(Trial(len(known), values, "done", 1.0))
    assert len({one.values for one in known}) == len(known) == 9


def test_optuna_says_nothing_and_its_logger_is_as_it_was(capfd):
    logger = logging.getLogger("optuna")
    before = logger.level
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        filters = list(warnings.filters)
        suggested(SEARCH, 12, [done(number) for number in range(12)])
        assert warnings.filters == filters
    assert logger.level == before
    assert capfd.readouterr() == ("", "")


def test_who_lacks_optuna_hears_how_to_install_it():
    """In a process that cannot import it."""
    code = (
        "import sys; sys.modules['optuna'] = None\n"
        "from segshell.missing import told; from segshell.optuna_sampling import require\n"
        "try: require()\nexcept ImportError as error: print(told(error))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "optuna is not installed. Install it: pip install 'segshell[search]'.\n"
