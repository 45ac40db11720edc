"""Epochs and steps: batches go from Python straight into Keras's `train_on_batch`.

Keras's `fit` would wrap the batches in a `tf.data` generator, whose extra threads gain nothing on the few cores this is
for, and have been seen to leave TensorFlow waiting for ever at the end of an epoch on two.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing

import keras

from rnnkit.data.batches import Batches, rows_of
from rnnkit.training.averaging import averaged
from rnnkit.training.prefetch import prefetched
from rnnkit.training.replicas import ONE, Replicas, Size

#: A compiled metric of this name is the loss without what layers add to it in training, as validation has it.
DATA_LOSS = "data_loss"


def run_epochs(
    model: keras.Model,
    training: Batches,
    validate: Callable[[], Mapping[str, float]],
    callbacks: Sequence[keras.callbacks.Callback],
    first: int,
    last: int,
    replicas: Replicas = ONE,
    size: Size = rows_of,
) -> None:
    """Train from epoch `first` up to, not including, `last`, or until a callback sets `model.stop_training`: after a
    step, which ends its epoch there, or after an epoch. What was trained is validated before it ends.

    Args:
        model: Compiled and built.
        training: Gives each epoch's batches in the order of that epoch.
        validate: Called after each epoch; its figures are named `val_...`.
        callbacks: Keras callbacks.
        first: Number of the first epoch, from 0.
        last: Number of epochs in all.
        replicas: The devices.
        size: What the loss of a batch is a mean over.
    """
    told = keras.callbacks.CallbackList(list(callbacks), model=model, epochs=last, steps=training.steps)
    model.stop_training = False
    told.on_train_begin()
    with replicas.steps(model, training, size) as take:
        for epoch in range(first, last):
            told.on_epoch_begin(epoch)
            seen = Mean()
            with closing(prefetched(replicas.batches(training, epoch))) as batches:
                for step, batch in enumerate(batches):
                    told.on_train_batch_begin(step)
                    seen.add(*take(batch))
                    told.on_train_batch_end(step, told_apart(seen.figures()))
                    if model.stop_training:
                        break
            with averaged(model):
                found = {name: float(value) for name, value in validate().items()} if replicas.is_chief else {}
            scored = {f"val_{name}": value for name, value in replicas.from_chief(found).items()}
            told.on_epoch_end(epoch, {**told_apart(seen.figures()), **scored})
            if replicas.from_chief(bool(model.stop_training)):
                break
    told.on_train_end()


def score(model: keras.Model, batches: Batches) -> dict[str, float]:
    """The compiled loss and metrics over all batches."""
    seen = Mean()
    for indices, batch in batches.in_order():
        model.reset_metrics()
        seen.add(model.test_on_batch(*batch, return_dict=True), len(indices))
    return {name: value for name, value in seen.figures().items() if name != DATA_LOSS}


def told_apart(figures: dict[str, float]) -> dict[str, float]:
    """Figures with `DATA_LOSS`, if present, as the `loss`, and the layers' share as the `penalty`.

    Example:

    >>> told_apart({"loss": 5.0, DATA_LOSS: 3.0})
    {'loss': 3.0, 'penalty': 2.0}
    """
    if DATA_LOSS not in figures:
        return figures
    rest = {name: value for name, value in figures.items() if name not in ("loss", DATA_LOSS)}
    return {"loss": figures[DATA_LOSS], "penalty": figures["loss"] - figures[DATA_LOSS], **rest}


class Mean:
    """The mean of figures over batches of different sizes.

    Example:

    >>> mean = Mean()
    >>> mean.add({"loss": 1.0}, 3)
    >>> mean.add({"loss": 2.0}, 1)
    >>> mean.figures()
    {'loss': 1.25}
    """

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._rows = 0

    def add(self, figures: Mapping[str, float], rows: int) -> None:
        """Add a batch's figures, weighted by its rows."""
        self._rows += rows
        for name, value in figures.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(value) * rows

    def figures(self) -> dict[str, float]:
        """The means so far."""
        return {name: value / self._rows for name, value in self._sums.items()}
