"""Figures and calibration of the tasks that give each example one label of several."""

from typing import Any

import numpy as np

from rnnkit.metrics.confidence import best_temperature, calibration, judge
from rnnkit.metrics.labels import accuracy, best_threshold, confusion_matrix, macro_f1
from rnnkit.tasks.shared.words_and_labels import softmax

_FEWEST_ROWS, _FEWEST_MISTAKES = 100, 20  # of validation, from which a threshold and a temperature can be told
_SHORTEST_GAIN = 0.005  # minimum gain in validation macro F1 for a threshold other than one half


def confusion_of(targets: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Counts of true and most probable labels, `[labels, labels]`.

    Args:
        targets: The true labels, `[rows]`.
        outputs: Logits, `[rows, labels]`.
    """
    return confusion_matrix(targets, outputs.argmax(axis=-1), outputs.shape[-1])


def label_scores(targets: np.ndarray, outputs: np.ndarray) -> dict[str, Any]:
    """Accuracy, macro F1, the number of rows and their confusion matrix.

    Args:
        targets: The true labels, `[rows]`.
        outputs: Logits, `[rows, labels]`.

    Example:

    >>> label_scores(np.array([0, 1]), np.array([[2.0, 1.0], [0.5, 0.1]]))["accuracy"]
    0.5
    """
    confusion = confusion_of(targets, outputs)
    return {
        "accuracy": round(accuracy(targets, outputs.argmax(axis=-1)), 5),
        "macro_f1": round(macro_f1(confusion), 5),
        "rows": len(targets),
        "confusion": confusion.tolist(),
    }


def calibrate(layer: Any, targets: np.ndarray, outputs: np.ndarray) -> dict[str, Any]:
    """Move the threshold between two labels, then scale the logits by a temperature, both fitted on validation.

    Both go into the last layer's weights, so that every export includes them; the temperature changes no label.

    Args:
        layer: The dense layer of the logits.
        targets: The true labels of the validation part, `[rows]`.
        outputs: Its logits, `[rows, labels]`.

    Returns:
        A record of what was changed, for `metrics.json`.
    """
    if len(targets) < _FEWEST_ROWS or len(np.unique(targets)) < 2:
        return {}
    record, shift = _threshold(layer, targets, outputs) if outputs.shape[-1] == 2 else ({}, 0.0)
    moved = outputs + np.array([shift, -shift], outputs.dtype) if shift else outputs
    return {**record, **temper(layer, targets, moved)}


def _threshold(layer: Any, targets: np.ndarray, outputs: np.ndarray) -> tuple[dict[str, Any], float]:
    """Move the threshold to the best one on validation, where that clearly helps. Return what was done, and what was
    added to the first label's bias and taken from the second's."""
    plain = round(macro_f1(confusion_of(targets, outputs)), 5)
    threshold, score = best_threshold(targets, softmax(outputs)[:, 1])
    if score - plain < _SHORTEST_GAIN or not 0 < threshold < 1:
        return {"threshold": 0.5}, 0.0
    shift = np.log(threshold / (1 - threshold)) / 2
    layer.bias.assign_add(np.array([shift, -shift], np.float32))
    return {"threshold": round(threshold, 4), "validation_macro_f1_gain": round(score - plain, 4)}, float(shift)


def temper(layer: Any, targets: np.ndarray, outputs: np.ndarray) -> dict[str, Any]:
    """Divide the logits by the temperature at which validation is most likely; with hardly a mistake to tell it,
    nothing is changed. Arguments and what is returned are those of `calibrate`."""
    before = judge(softmax(outputs), targets)
    if (~before.correct).sum() < _FEWEST_MISTAKES:
        return {}
    temperature = best_temperature(outputs, targets)
    after = judge(softmax(outputs / temperature), targets)
    for weight in layer.weights:
        weight.assign(weight / temperature)
    return {
        "temperature": round(temperature, 4),
        "validation_calibration_error_before": round(calibration(before).error, 4),
        "validation_calibration_error": round(calibration(after).error, 4),
    }
