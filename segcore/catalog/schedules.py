"""The schedules of the learning rate: Keras' own, which stand in `lr`."""

from segcore.catalog import keras_schedules

LINES: tuple[str, ...] = keras_schedules.LINES

REFUSED: tuple[tuple[str, str], ...] = (
    ("LearningRateSchedule", "it is a base class of Keras, not a schedule"),
    ("CyclicLR", "it is a callback; write it under callbacks"),
    ("LRVariator", "it is a callback; write it under callbacks"),
    ("ReduceLROnPlateau", "it is a callback; write it under callbacks"),
)
