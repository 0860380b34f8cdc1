"""Do class weights make sense: as many as there are classes, and a loss that can take them."""

from collections.abc import Iterator

from segcore.catalog.losses import facts
from segcore.parsing.problems import Problem, Setting


def _needed(setting: Setting) -> tuple[int, str]:
    classes = setting.config.classes
    return (2, "one of background and one of mask") if classes == 1 else (classes, "one per class")


def count_problems(setting: Setting) -> Iterator[Problem]:
    """Find class weights that are not as many as the classes, or all 0."""
    given = setting.config.class_weights
    if given is None or isinstance(given, str):
        return
    needed, meaning = _needed(setting)
    path = setting.path("class_weights")
    if len(given) != needed:
        message = f"class_weights needs {needed} numbers, {meaning}, got {len(given)}."
        yield Problem("class-weights", message, path, "Write them in the order of the classes, or balanced.")
    elif not any(given):
        yield Problem("class-weights", "class_weights are all 0.", path, "Make one of them positive.")


def loss_problems(setting: Setting) -> Iterator[Problem]:
    """Find losses that would ignore class weights."""
    if setting.config.class_weights is None:
        return
    found = [one for one in (facts(term.name) for term in setting.config.loss) if one is not None]
    path, instead = setting.path("class_weights"), setting.path("loss")
    planes = setting.config.activation == "sigmoid" and setting.config.classes > 1
    for loss in found:
        if loss.weighting == "none" or (planes and loss.weighting == "exclusive"):
            advice = "Remove class_weights, or write another loss."
            message = f"{loss.name} takes no class weights."
            yield Problem("class-weights", message, path, advice, instead=instead)
    alike = [one.name for one in found if one.weighting == "classes"]
    if setting.config.classes == 1 and alike and len(alike) == len(setting.config.loss):
        verb = "sees" if len(alike) == 1 else "see"
        message = f"class_weights change nothing: {' and '.join(alike)} of one class {verb} no background."
        yield Problem("class-weights", message, path, "Add a loss of pixels such as binary_crossentropy.")
