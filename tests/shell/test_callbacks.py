import pytest

from segcore.errors import ConfigError
from segcore.values import Call
from segshell.builders import STANDARD

keras = pytest.importorskip("keras")
callbacks = pytest.importorskip("segshell.callbacks")


def stopped_after(mode, values):
    """Return the epoch at which EarlyStopping with patience 1 ends a run with these values of val_iou."""
    callback = callbacks.build(Call("EarlyStopping", (("patience", 1),)), "val_iou", mode)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    callback.set_model(model)
    model.stop_training = False
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"val_iou": value})
        if model.stop_training:
            return epoch
    return None


@pytest.mark.parametrize(("mode", "stop"), [("max", None), ("min", 1)])
def test_a_rising_iou_goes_on_only_where_up_is_better(mode, stop):
    assert stopped_after(mode, [0.1, 0.2, 0.3]) == stop


def test_the_plateau_watches_the_given_column_in_the_given_direction():
    call = Call("reduce_lr_on_plateau", (("factor", 0.5), ("mode", "auto"), ("monitor", "loss")))
    callback = callbacks.build(call, "val_dice", "max")
    assert (callback.monitor, callback.mode, callback.factor) == ("val_dice", "max", 0.5)


def test_terminate_on_nan_needs_nothing_to_watch():
    assert isinstance(callbacks.build(Call("TerminateOnNaN")), keras.callbacks.TerminateOnNaN)


@pytest.mark.parametrize(
    ("monitor", "mode"), [("val_iou", "auto"), ("val_iou", None), (None, "max"), ("", "min")]
)
def test_a_watching_callback_without_column_or_direction_is_refused(monitor, mode):
    with pytest.raises(ValueError, match="min or max"):
        callbacks.build(Call("EarlyStopping"), monitor, mode)


def test_a_callback_from_outside_is_built_with_its_arguments():
    def mine(arguments, monitor, mode):
        return keras.callbacks.EarlyStopping(monitor, mode=mode, **arguments)

    builders = STANDARD.with_(callbacks={"Mine": mine})
    assert callbacks.build(Call("Mine", (("patience", 7),)), "val_iou", "max", builders).patience == 7


@pytest.mark.parametrize("name", ["ModelCheckpoint", "LambdaCallback", "EarlyStoping"])
def test_other_callbacks_are_unknown(name):
    with pytest.raises(ConfigError) as caught:
        callbacks.build(Call(name), "val_iou", "max")
    assert caught.value.findings[0].code == "unknown-callback"
