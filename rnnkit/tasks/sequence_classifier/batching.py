"""Batches of sequences, changed at random where training shuffles them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnkit.data.batches import Batch, Batches
from rnnkit.data.bucketing import pad
from rnnkit.tasks.base.examples import Encoded
from rnnkit.tasks.sequence_classifier.augmentation import augmented, changes


def batch_of(
    rows: Sequence[np.ndarray], targets: Sequence[Any], per_step: bool, weights: np.ndarray | None, step: int
) -> Batch:
    """A batch `(inputs, targets[, weights])`, padded with NaN.

    Args:
        rows: The features of each sequence, `[time, features]`.
        targets: The label of each, or those of its steps, -1 for an unknown one.
        per_step: Which of the two.
        weights: That of each label in the loss; None where all are equal.
        step: Lengths are padded to multiples of it.

    Example:

    >>> inputs, labels, counted = batch_of([np.ones((1, 2), "float32")], [np.array([1])], True, None, 2)
    >>> inputs.shape, labels.tolist(), counted.tolist()
    ((1, 2, 2), [[1, 0]], [[1.0, 0.0]])
    """
    inputs = pad(rows, step, value=np.nan)
    if not per_step:
        labels = np.array(targets, np.int32)
        return (inputs, labels) if weights is None else (inputs, labels, weights[labels])
    labels = np.full(inputs.shape[:2], -1, np.int32)
    for row, each in zip(labels, targets, strict=True):
        row[: len(each)] = each
    counted = (labels >= 0).astype(np.float32)
    labels = np.maximum(labels, 0)
    return inputs, labels, counted if weights is None else counted * weights[labels]


class SequenceBatches(Batches):
    """Batches of like lengths; shuffled for training, their sequences are changed as the options say.

    Args:
        buckets: As for `Batches`.
        collate: Likewise.
        task: The task, whose options are read.
        encoded: The sequences.
    """

    def __init__(self, buckets: Any, collate: Any, task: Any, encoded: Encoded) -> None:
        super().__init__(buckets, collate)
        self.task, self.encoded = task, encoded

    def learnt(self, indices: np.ndarray, epoch: int) -> Batch:
        return self._changed(indices, epoch) if changes(self.task.options) else self.collate(indices)

    def _changed(self, indices: np.ndarray, epoch: int) -> Batch:
        """A batch of an epoch, a function of the seed, the epoch and the sequences alone."""
        task, options = self.task, self.task.options
        rows, targets = list[np.ndarray](), list[Any]()
        for index in indices:
            steps = self.encoded.targets[index] if options.per_step else None
            seed = (options.seed, epoch, int(index))
            row, steps = augmented(self.encoded.inputs[index], steps, len(task.channels.names), options, seed)
            rows.append(row)
            targets.append(self.encoded.targets[index] if steps is None else steps)
        return batch_of(rows, targets, options.per_step, task.preprocessing.class_weights, task.padding_step)
