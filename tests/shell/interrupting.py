"""How a training is interrupted in this process, gone on with, and looked at."""

import hashlib
import json

from segcore.planning import selected
from segcore.state_trees import decode, encode
from segshell import generations
from segshell.engine import Engines
from segshell.progress import Silent
from segshell.running import run_plan
from segshell.segmentation import parse
from tests.swept_experiment import write_experiment

FOLD = 1  # its callbacks act late, and its best epoch is not the first


class Kill(BaseException):
    """What a kill is to the code: nothing after it runs, no handler catches it."""


class Dying(Silent):
    """Kills at the first step of an epoch of a fold-stage; hears what is told of the training itself."""

    def __init__(self, name=None, epoch=None):
        self.place, self.notes = (name, epoch), []

    def step(self, run, epoch, step, steps, loss):
        if (run.name, epoch) == self.place:
            raise Kill

    def note(self, text):
        if not text.startswith(("cache ", "memory ")):
            self.notes.append(text)


class At(Silent):
    """Does something once, at the first step of an epoch of a fold-stage; hears what is told of the training."""

    def __init__(self, name, epoch, act):
        self.place, self.act, self.notes = (name, epoch), act, []

    def step(self, run, epoch, step, steps, loss):
        if (run.name, epoch) == self.place and step == 1:
            self.act(run)

    def note(self, text):
        if not text.startswith(("cache ", "memory ")):
            self.notes.append(text)


def opened(folder, data):
    return parse(write_experiment(folder, data))


def train(one, engines, progress, folds=(FOLD,)):
    if not engines:
        engines.append(Engines(one.builders))
    prepared = one.prepare()
    run_plan(selected(prepared.plan, folds), prepared, one.folder, engines[0], progress)
    return prepared


def rewritten(where, epoch, **changes):
    """Change a checkpoint's record, its digest included."""
    path = generations.record_file(where, epoch)
    record = {**json.loads(path.read_text())["record"], **changes}
    digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
    path.write_text(json.dumps({"sha256": digest, "record": record}))


def altered(one, change):
    """Change the state in the newest checkpoint of an interrupted experiment, digests included."""
    (record,) = generations.newest(one.folder)
    where = one.folder.checkpoints(record.fold, record.stage, record.key)
    state = decode(json.loads(record.state), generations.latest(where, record.key, print).arrays)
    change(state)
    coded, arrays = encode(state)
    digest = generations.write_state(where, record.epoch, arrays)
    rewritten(where, record.epoch, state=json.dumps(coded), arrays=digest)
