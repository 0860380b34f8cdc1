"""What MLflow itself says of an experiment, and its callback without a training."""

from mlflow import MlflowClient

from segshell.folder import Folder
from segshell.mlflow_tracking import MLflow


class Runs:
    """What MLflow itself says of the runs of an experiment."""

    def __init__(self, uri, name):
        self.client = MlflowClient(uri)
        (self.experiment,) = (one for one in self.client.search_experiments() if one.name == name)
        every = self.client.search_runs([self.experiment.experiment_id])
        self.parents = [one for one in every if "mlflow.parentRunId" not in one.data.tags]
        self.children = [one for one in every if "mlflow.parentRunId" in one.data.tags]

    def of(self, fold, stage):
        place = (str(fold), str(stage))
        (run,) = (one for one in self.children if (one.data.tags["fold"], one.data.tags["stage"]) == place)
        return run

    def curve(self, run, column):
        """Return the values of a metric by step; every one of them once."""
        found = self.client.get_metric_history(run.info.run_id, column)
        assert len({one.step for one in found}) == len(found), f"{column}: a step stands there twice"
        return {one.step: one.value for one in found}

    def artifacts(self, run, path=None):
        for one in self.client.list_artifacts(run.info.run_id, path):
            yield from self.artifacts(run, one.path) if one.is_dir else (one.path,)


def observed(folder, epoch=0, home=None, **arguments):
    """Return an observer that has heard of the first epoch of a sitting."""
    callback = MLflow(**arguments)
    place = {"folder": str(folder), "config_folder": str(home or folder)}
    callback.set_params({"fold": 0, "stage": 0, "key": "k" * 32, **place, "epochs": 3, "steps": 1})
    callback.on_train_begin()
    callback.on_epoch_begin(epoch)
    return callback


def left(folder, losses):
    """Write the metrics file that a training leaves."""
    path = Folder(folder, "config.yaml").metrics(0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = "".join(f"{epoch},{loss},1\n" for epoch, loss in enumerate(losses, start=1))
    path.write_text(f"epoch,loss,improved\n{rows}")
    return path


def ended(callback, folder, losses):
    """Let an observer hear of epochs, and of the end of a training that left its metrics file."""
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"loss": loss})
    left(folder, losses)
    callback.on_train_end()


def without_proxies(monkeypatch):
    """Take away the proxies of whoever runs the tests."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
