"""The graph is the mean of its members and flips, worked out by hand, and holds their weights and nothing else."""

import numpy as np
import pytest
from attrs import evolve

from segcore.views import FLIPS, IDENTITY
from segshell.checkpoints import WeightsError
from segshell.export_graph import ExportGraph
from tests.shell.exporting import by_hand, keep, pixels_of, settled, spec_of
from tests.shell.small import BUILDERS

# Neither square nor of three channels: a flip of the wrong axis has another shape.
SPEC = spec_of("Small", "resnet18", 2, "sigmoid", (24, 40, 2))
PIXELS = pixels_of(SPEC)


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    """Give two networks and the files of their weights."""
    folder = tmp_path_factory.mktemp("members")
    models = [settled(SPEC, fold, BUILDERS) for fold in (0, 1)]
    return models, [keep(model, SPEC, folder, fold) for fold, model in enumerate(models)]


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.125, 0.875)])
@pytest.mark.parametrize("views", [FLIPS, (IDENTITY,)])
def test_probabilities_are_the_mean_of_members_and_flips(members, shares, views):
    models, weights = members
    graph = ExportGraph(SPEC, weights, shares, views, builders=BUILDERS)
    expected = by_hand(models, PIXELS, flips=len(views) > 1, shares=shares)
    assert np.ptp(expected) > 0.05
    for pixels, truth in ((PIXELS, expected), (PIXELS[:1], expected[:1])):
        (name, found), *rest = graph.serve(pixels).items()
        assert (name, rest) == ("probabilities", [])
        np.testing.assert_allclose(found, truth, atol=1e-6)


def test_logits_leave_as_probabilities(tmp_path):
    spec = evolve(SPEC, classes=3, activation="linear")
    model = settled(spec, 0, BUILDERS)
    graph = ExportGraph(spec, [keep(model, spec, tmp_path, 0)], [1.0], FLIPS, builders=BUILDERS)
    found = graph.serve(PIXELS)["probabilities"].numpy()
    np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-6)
    logits = np.asarray(model(PIXELS))
    assert logits.min() < 0
    alone = ExportGraph(
        spec, [tmp_path / "weights" / "best-0.0.weights.h5"], [1.0], [IDENTITY], builders=BUILDERS
    )
    powers = np.exp(logits)
    expected = powers / powers.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(alone.serve(PIXELS)["probabilities"], expected, atol=1e-6)


def test_a_graph_holds_the_weights_of_its_members_and_no_more(members):
    models, weights = members
    graph = ExportGraph(SPEC, weights, (0.5, 0.5), FLIPS, builders=BUILDERS)
    assert len(graph.variables) == 2 * len(models[0].variables)
    assert graph.size == sum(one.numpy().nbytes for model in models for one in model.variables)


def test_members_keep_their_weights_when_another_is_loaded_after_them(members):
    models, weights = members
    graphs = [ExportGraph(SPEC, [one], [1.0], [IDENTITY], builders=BUILDERS) for one in weights]
    for graph, model in zip(graphs, models, strict=True):
        np.testing.assert_allclose(graph.serve(PIXELS)["probabilities"], model(PIXELS), atol=1e-6)


def test_a_number_of_images_may_be_fixed(members):
    graph = ExportGraph(SPEC, members[1][:1], [1.0], FLIPS, 2, BUILDERS)
    assert graph.serve(PIXELS[:2])["probabilities"].shape == (2, 24, 40, 2)
    with pytest.raises(TypeError, match="2, 24, 40, 2"):
        graph.serve(PIXELS[:1])


def test_weights_of_another_network_are_refused(members):
    other = evolve(SPEC, preprocessing="caffe")
    with pytest.raises(WeightsError, match="was trained with preprocessing"):
        ExportGraph(other, members[1], (0.5, 0.5), FLIPS, builders=BUILDERS)
