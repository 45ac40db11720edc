"""Encoded examples as batches that Keras's `fit` takes, the order of each epoch a function of the seed alone."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

from rnnkit.data.bucketing import LengthBuckets

Batch = tuple[Any, ...]


class Batches:
    """Batches of like lengths.

    Args:
        lengths: Steps of each example, `[examples]`.
        collate: Makes a batch, `(inputs, targets[, weights])`, of an array of example numbers.
        batch_size: Examples a batch.
        seed: With the epoch's number decides the order.

    `epoch` is the epoch that the next pass gives; the training sets it, so a resumed training sees the same order.
    """

    def __init__(
        self, lengths: np.ndarray, collate: Callable[[np.ndarray], Batch], batch_size: int, seed: int = 0
    ) -> None:
        self.buckets = LengthBuckets(lengths, batch_size, seed)
        self.collate = collate
        self.epoch = 0
        self.steps = -(-len(lengths) // batch_size)

    def shuffled(self) -> Iterator[Batch]:
        """The batches of the current epoch."""
        return (self.collate(indices) for indices in self.buckets.epoch(self.epoch))

    def in_order(self) -> Iterator[tuple[np.ndarray, Batch]]:
        """Example numbers and batch, by length, each example once."""
        return ((indices, self.collate(indices)) for indices in self.buckets.in_order())

    def for_training(self) -> Any:
        """What to give to `fit`: every pass over it is the epoch that `epoch` then says."""
        return _keras_data(self.shuffled, self.steps)

    def for_evaluation(self) -> Any:
        """What to give to `fit(validation_data=...)`."""
        return _keras_data(lambda: (batch for _, batch in self.in_order()), self.steps)


def _keras_data(batches: Callable[[], Iterator[Batch]], steps: int) -> Any:
    """A generator for Keras; on TensorFlow a dataset with open shapes, so that lengths may differ without retracing."""
    if keras.backend.backend() != "tensorflow":
        return _Again(batches)
    import tensorflow as tf

    example = next(batches())
    signature = tuple(tf.TensorSpec([None] * np.ndim(array), tf.as_dtype(np.asarray(array).dtype)) for array in example)
    data = tf.data.Dataset.from_generator(batches, output_signature=signature)
    return data.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(2)


class _Again(keras.utils.PyDataset):
    """A pass over the batches for backends without tf.data, begun anew at every epoch."""

    def __init__(self, batches: Callable[[], Iterator[Batch]]) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=2)
        self._make = batches
        self._current = list(batches())

    def __len__(self) -> int:
        return len(self._current)

    def __getitem__(self, index: int) -> Batch:
        return self._current[index]

    def on_epoch_begin(self) -> None:
        self._current = list(self._make())
