"""Which devices share batches, and what is said where they are missing."""

import pytest
import tensorflow as tf

from segshell.replicas import VARIABLE, DeviceError, replicas_for
from tests.shell.small import contents, copied, train


@pytest.fixture(autouse=True)
def _gpus_alone(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)


def test_one_device_is_the_one_that_tensorflow_takes(monkeypatch):
    """Whatever the environment says."""
    assert replicas_for(1) == ("",)
    monkeypatch.setenv(VARIABLE, "nothing")
    assert replicas_for(1) == ("",)


def test_the_first_gpus_are_taken_and_missing_ones_are_counted():
    """It is said how many there are, and how to go on."""
    there = len(tf.config.get_visible_devices("GPU"))
    for count in range(2, there + 1):
        assert replicas_for(count) == tuple(f"GPU:{number}" for number in range(count))
    with pytest.raises(DeviceError, match=f"gpus is {there + 2}, but TensorFlow sees {there} here") as caught:
        replicas_for(there + 2)
    assert f"gpus: {max(there, 1)}," in str(caught.value)
    assert f"{VARIABLE}={there + 2}" in str(caught.value)


@pytest.mark.parametrize("given", ["1", "0", "-3", "two", "2.0", "²", " 3"])
def test_fewer_parts_of_the_processor_than_gpus_are_refused(monkeypatch, given):
    monkeypatch.setenv(VARIABLE, given)
    with pytest.raises(DeviceError, match=f"{VARIABLE} is {given!r}.* gpus: 2"):
        replicas_for(2)


def test_a_process_that_has_begun_cannot_be_given_parts(monkeypatch):
    begun = len(tf.config.list_logical_devices("CPU"))
    monkeypatch.setenv(VARIABLE, str(begun + 1))
    with pytest.raises(DeviceError, match=f"TensorFlow has begun with {begun}"):
        replicas_for(begun + 1)


def test_missing_devices_are_told_before_anything_is_touched(trained, engines, tmp_path):
    """What was trained on one device, and no longer belongs to the config, still lies where it lay."""
    one = copied(trained, tmp_path / "one", gpus=64, batch=64)
    prepared = one.prepare()
    before = contents(one.folder.root / "weights")
    with pytest.raises(DeviceError) as caught:
        train(one, engines, prepared=prepared)
    assert caught.value.exit_code == 5
    assert contents(one.folder.root / "weights") == before
