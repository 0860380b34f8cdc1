"""Keys that users of the seed system know and this version does not offer yet, with what to do meanwhile."""

LATER: tuple[tuple[str, str], ...] = (
    ("groupFunc", "Write groups: {pattern: '(regex)'}, {csv: file, id: column, column: name} or duplicates."),
    ("experiment_result", "Remove the key; set primary_metric."),
    ("add_to_train", "Remove the key."),
    ("manualResize", "Remove the key."),
    ("aggregation_metric", "Remove the key; `evaluate` gives every metric out of fold."),
    ("final_metrics", "Remove the key and name them in metrics."),
    ("num_seeds", "Remove the key; write replicates."),
    ("holdout", "Remove the key; write testSplit."),
    ("datasets", "Remove the key; write dataset."),
    ("classifier", "Remove the key: this system segments only."),
    ("classifier_lr", "Remove the key: this system segments only."),
    ("compressPredictionsAsInts", "Remove the key; predict writes 8-bit masks."),
    ("testTimeAugmentation", "Remove the key; write flipPred, or give --flips to predict."),
    ("declarations", "Remove the key; an architecture of your own is an extension."),
    ("num_gpus", "Remove the key; write gpus."),
    ("fit_with", "Remove the key; fit(ds) takes the data set."),
)
