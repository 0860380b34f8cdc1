"""The search for a learning rate on a real training: what it tries, what it leaves, what it draws."""

import sys

import numpy as np
import pytest
from PIL import Image

from segcore.errors import ConfigError, DataError
from segshell.rate_finder import PlotError, RateSearch, require_picture, search
from tests.shell.small import contents, experiment


def found_in(one, engines, place=(0, 0), **options):
    return search(one.prepare(), place, one.folder, engines, **{"epochs": 6, **options})


@pytest.fixture(scope="module")
def found(trained, engines):
    return found_in(trained, engines, start_lr=1e-4, end_lr=3.0)


def test_it_tries_one_rate_per_step_and_ends_where_asked(trained, engines):
    run = trained.prepare().plan.find(0, 0)
    found = found_in(trained, engines, start_lr=1e-6, end_lr=1e-4)
    assert len(found.rates) == len(found.losses) == 6 * run.steps
    np.testing.assert_allclose(found.rates, np.geomspace(1e-6, 1e-4, 6 * run.steps))


def test_the_first_loss_is_that_of_the_untrained_network_and_rates_act(found, trained, engines):
    """At tiny rates the losses stay near those of the start; the search ends lower or higher, not there."""
    still = found_in(trained, engines, start_lr=1e-12, end_lr=1e-11)
    assert found.losses[0] == pytest.approx(still.losses[0], abs=1e-6)
    assert found.losses.min() < still.losses.min() - 0.02


def test_the_same_search_gives_the_same_losses(found, trained, engines):
    again = found_in(trained, engines, start_lr=1e-4, end_lr=3.0)
    np.testing.assert_array_equal(again.losses, found.losses)
    assert again.suggested == found.suggested


def test_nothing_of_the_experiment_is_changed(trained, engines):
    before = contents(trained.folder.root)
    found_in(trained, engines, epochs=1)
    assert contents(trained.folder.root) == before


def test_a_later_stage_starts_from_the_kept_weights_and_needs_them(trained, pictures, engines, tmp_path):
    assert len(found_in(trained, engines, (1, 1)).rates) > 1
    with pytest.raises(DataError, match="fold 0 stage 1 starts from fold 0 stage 0, which is not trained"):
        found_in(experiment(tmp_path, pictures), engines, (0, 1))


@pytest.mark.parametrize("options", [{"start_lr": 1.0, "end_lr": 0.1}, {"start_lr": 0.0}, {"epochs": 0}])
def test_rates_that_do_not_rise_are_refused(trained, engines, options):
    with pytest.raises(ConfigError, match="rate-search"):
        found_in(trained, engines, **options)


def test_a_stage_that_is_not_planned_is_refused(trained, engines):
    with pytest.raises(DataError, match="fold 0 stage 7"):
        found_in(trained, engines, (0, 7))


def test_the_experiment_offers_it(pictures, tmp_path):
    """In the order of the seed system's arguments: data set, first rate, last rate, epochs."""
    from tests.shell.small import own_data_set

    one = experiment(tmp_path)
    found = one.lr_find(own_data_set(), 1e-4, 1e-2, 2)
    assert found.rates[0] == pytest.approx(1e-4)
    assert found.rates[-1] == pytest.approx(1e-2)


# --- pictures ---------------------------------------------------------------------------------------------

RATES = np.geomspace(1e-5, 1, 80)
FALLING = RateSearch(RATES, 1 / (1 + np.exp((np.log10(RATES) + 3) / 0.3)) + 0.1)


@pytest.mark.parametrize("name", ["plot_loss", "plot_loss_change", "plot"])
@pytest.mark.parametrize("search_of", [FALLING, RateSearch(RATES, 1 + np.arange(80.0))])
def test_a_picture_is_written_and_shows_more_than_paper(name, search_of, tmp_path):
    pytest.importorskip("matplotlib")
    figure = getattr(search_of, name)(tmp_path / "lr.png")
    assert (len(figure.axes) == 2) == (name == "plot")
    pixels = np.asarray(Image.open(tmp_path / "lr.png").convert("RGB"))
    assert (pixels < 200).any(axis=2).mean() > 0.005


def test_the_lines_are_the_losses_over_the_rates_on_a_logarithmic_axis():
    pytest.importorskip("matplotlib")
    (axes,) = FALLING.plot_loss().axes
    raw, smooth, suggestion = axes.get_lines()
    assert axes.get_xscale() == "log"
    np.testing.assert_array_equal(raw.get_xdata(), RATES)
    np.testing.assert_array_equal(raw.get_ydata(), FALLING.losses)
    np.testing.assert_array_equal(smooth.get_ydata(), FALLING.smoothed)
    assert suggestion.get_xdata()[0] == FALLING.suggested


def test_drawing_chooses_no_backend_for_the_process():
    """A script's own figures go where they went before."""
    import subprocess

    code = (
        "import matplotlib, numpy as np; from segshell.rate_finder import RateSearch;"
        "matplotlib.use('svg');"
        "RateSearch(np.geomspace(1e-3, 1, 9), np.arange(9.0)).plot_loss();"
        "print(matplotlib.get_backend())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "svg"


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(PlotError, match=r"pip install 'segshell\[plot\]'") as caught:
        FALLING.plot_loss()
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(("name", "words"), [("lr.xyz", "Allowed are .*png"), ("gone/lr.png", "no folder")])
def test_a_picture_that_cannot_be_written_is_refused_before_the_search(name, words, tmp_path):
    pytest.importorskip("matplotlib")
    with pytest.raises(PlotError, match=words):
        require_picture(tmp_path / name)
