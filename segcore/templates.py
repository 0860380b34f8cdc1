"""The first config of a new experiment: every line explained, with nothing left to fill in but the folders."""

_CONFIG = """\
# yaml-language-server: $schema={schema}
# A segmentation experiment. `python -m segshell check config.yaml` says what is wrong with it,
# `plan` what would be trained, `run` trains it. Paths are relative to this file.

# The data: a mask belongs to the image with the same stem, 0 is background.
dataset:
  images: images            # fill in: the folder of images
  masks: masks              # fill in: the folder of masks

# The network. encoder_weights: null starts from random weights and downloads nothing.
architecture: Unet
backbone: resnet34
encoder_weights: imagenet
shape: [256, 256, 3]        # height, width, channels: images are resized to it
classes: 1                  # one class: mask or no mask; for more, masks hold class ids
activation: sigmoid         # softmax for several classes

# Each epoch shows every training image once, changed anew.
augmentation:
  Fliplr: 0.5               # the chance of a flip
  Flipud: 0.5
  Affine: {{rotate: [-15, 15], scale: [0.9, 1.1]}}
  Multiply: [0.8, 1.2]      # brightness

# How it is trained, and what is measured.
optimizer: Adam
batch: 8                    # less where memory runs out
loss: binary_crossentropy+dice_loss
metrics: [iou, dice]
primary_metric: val_iou     # the epoch in which it is best is kept

callbacks:
  ReduceLROnPlateau: {{patience: 5, factor: 0.5}}
  EarlyStopping: {{patience: 15}}

# Folds: each network is scored on images that it was not trained on.
folds_count: 5
stratified: true            # the same share of images with a mask in every fold

# Stages are trained one after another, each from the best weights of the one before;
# a stage may replace most keys above for itself.
stages:
  - epochs: 50
    lr: 0.001
    negatives: none         # first only images with a mask
    validation_negatives: real
  - epochs: 50
    lr: 0.0001
    negatives: real         # then all of them
"""


def new_config(schema: str) -> str:
    """Return the text of a commented config that parses.

    Parameters
    ----------
    schema
        Where the JSON schema lies, relative to the config: the first line tells it to editors.

    """
    return _CONFIG.format(schema=schema)
