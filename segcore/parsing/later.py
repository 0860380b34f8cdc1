"""Keys that users of the seed system know and this version does not offer yet, with what to do meanwhile."""

LATER: tuple[tuple[str, str], ...] = (
    ("transforms", "Prepare the images beforehand and remove the key."),
    ("extra_train_data", "Remove the key."),
    ("dataset_augmenter", "Remove the key; use augmentation."),
    ("groupFunc", "Remove the key."),
    ("groups", "Give the groups through a data set object, or remove the key."),
    ("crops", "Cut the images beforehand and remove the key."),
    ("freeze_encoder", "Remove the key."),
    ("unfreeze_encoder", "Remove the key."),
    ("copyWeights", "Remove the key."),
    ("gpus", "Remove the key."),
    ("showDataExamples", "Remove the key."),
    ("flipPred", "Remove the key; predict takes --flips."),
    ("maxEpochSize", "Remove the key."),
    ("imports", "Remove the key; pass builders to parse."),
    ("extends", "Copy the keys of the other file here."),
    ("remove", "Remove the key."),
    ("replicates", "Remove the key; set seed."),
    ("experiment_result", "Remove the key; set primary_metric."),
    ("add_to_train", "Remove the key."),
    ("manualResize", "Remove the key."),
)
