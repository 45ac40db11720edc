"""One training step over all replicas of `tf.distribute`, whose gradient is that of the whole batch."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from rnnkit.data.batches import Batch, rows_of
from rnnkit.errors import RnnkitError
from rnnkit.training.one_trace import open_signature
from rnnkit.training.replicas import Size

Tensor = Any
_LEAST = 1e-12


class Exchange:
    """What the replicas of this process say of their parts of a batch while a step is traced.

    Attributes:
        first: The number of the first of them among all replicas.
        sizes: What the loss of each part is a mean over.
    """

    def __init__(self, first: int) -> None:
        self.first, self.sizes = first, list[Tensor]()

    def here(self) -> int:
        """Which of this process's replicas is being traced."""
        import tensorflow as tf

        number = tf.get_static_value(tf.distribute.get_replica_context().replica_id_in_sync_group)
        return int(number) - self.first

    def mean(self, gradients: Sequence[Tensor | None]) -> list[Tensor | None]:
        """The gradient of the loss of the whole batch, on every replica.

        Args:
            gradients: Of the loss of this replica's part. Those of word vectors are sparse and stay so: only the rows
                that a batch has are exchanged.
        """
        import tensorflow as tf

        context = tf.distribute.get_replica_context()
        size = tf.identity(self.sizes[self.here()])  # on the device of this replica
        given = [gradient for gradient in gradients if gradient is not None]
        scaled = [_scaled(gradient, size) for gradient in given]
        *sums, total = context.all_reduce(tf.distribute.ReduceOp.SUM, [*scaled, size])
        means = iter([_scaled(gradient, 1 / tf.maximum(total, _LEAST)) for gradient in sums])
        return [None if gradient is None else next(means) for gradient in gradients]


def sharing(optimizer: type[Any]) -> type[Any]:
    """The class of an optimizer that applies the gradient of the whole batch.

    Keras clips each replica's gradient and adds them up after that (3.15); here they are added up first, so that
    clipping sees the gradient that a single device would.

    Args:
        optimizer: The class of an optimizer of Keras.
    """

    class Sharing(optimizer):  # type: ignore[misc]
        exchange: Exchange | None = None

        def apply(self, grads: Any, trainable_variables: Any = None) -> None:
            found = grads if self.exchange is None else self.exchange.mean(list(grads))
            super().apply(found, trainable_variables)

        def _all_reduce_sum_gradients(self, grads_and_vars: Any) -> Any:
            return grads_and_vars if self.exchange else super()._all_reduce_sum_gradients(grads_and_vars)

    return Sharing


@contextmanager
def undivided_losses() -> Iterator[None]:
    """A context in which Keras leaves losses as they are. Under `tf.distribute` it divides those that it reduces itself
    by the number of replicas, and not those that return a scalar (3.15), so nothing could be said of their gradient."""
    from keras.src.losses import loss as module

    names = ("scale_loss_for_distribution", "unscale_loss_for_distribution")
    kept = {name: getattr(module, name) for name in names}
    try:
        for name in names:
            setattr(module, name, lambda value: value)
        yield
    finally:
        for name, function in kept.items():
            setattr(module, name, function)


def on_replicas() -> bool:
    """Whether several replicas of `tf.distribute` share what is built here."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return bool(tf.distribute.get_strategy().num_replicas_in_sync > 1)


class MirroredStep:
    """A training step: a part of a batch for each replica of this process in, figures of the whole batch out.

    Args:
        strategy: Of `tf.distribute`.
        model: Built and compiled within its scope.
        size: What the loss of a batch is a mean over.
        first: The number of this process's first replica.
        spare: A part that stands for those that have no examples.
        usual: The number of examples that most parts have.

    Raises:
        RnnkitError: The model was compiled with an optimizer that does not share its gradients.
    """

    def __init__(self, strategy: Any, model: Any, size: Size, first: int, spare: Batch, usual: Sequence[int]) -> None:
        if not hasattr(model.optimizer, "exchange"):
            raise RnnkitError(
                f"The network was compiled with an optimizer of its own, {type(model.optimizer).__name__}. On several "
                "devices expected that of `rnnkit.training.trainer.optimizer`."
            )
        self.strategy, self.model, self.size, self.spare, self.usual = strategy, model, size, spare, usual
        self.exchange = Exchange(first)
        model.optimizer.exchange = self.exchange
        self._traced: dict[str, Any] = {}

    def __call__(self, parts: Sequence[Batch | None]) -> tuple[Mapping[str, float], int]:
        """Take a step."""
        import tensorflow as tf

        sizes = [0.0 if part is None else self.size(part) for part in parts]
        rows = [0 if part is None else rows_of(part) for part in parts]
        given = tuple(self.spare if part is None else part for part in parts)
        data = keras.tree.map_structure(tf.convert_to_tensor, given)
        signature = tuple(open_signature(self.model, *each) for each in zip(data, self.usual, strict=True))
        if (kind := repr(signature)) not in self._traced:
            counted = tf.TensorSpec([len(parts)], tf.float32)
            self._traced[kind] = tf.function(self._step, input_signature=[signature, counted, counted], autograph=False)
        found = self._traced[kind](data, np.array(sizes, "float32"), np.array(rows, "float32"))
        figures = {name: float(value) for name, value in found.items()}
        return figures, round(figures.pop(_ROWS))

    def _step(self, data: Any, sizes: Tensor, rows: Tensor) -> Any:
        import tensorflow as tf

        count = len(data)
        self.exchange.sizes = [sizes[place] for place in range(count)]

        def replica() -> Any:
            context, here = tf.distribute.get_replica_context(), self.exchange.here()
            self.model.reset_metrics()  # of this replica; outside of it, each of their variables would be exchanged
            with undivided_losses():
                figures = self.model.train_step(data[here])
            values = [tf.cast(value, tf.float32) * sizes[here] for value in figures.values()]
            sums = context.all_reduce(tf.distribute.ReduceOp.SUM, tf.stack([*values, sizes[here], rows[here]]))
            *means, _, seen = tf.unstack(sums / tf.concat([tf.fill([len(values)], _least(sums[-2])), [1.0, 1.0]], 0))
            return {**dict(zip(figures, means, strict=True)), _ROWS: seen}

        found = self.strategy.run(replica)
        return {name: self.strategy.experimental_local_results(value)[0] for name, value in found.items()}


_ROWS = "rows of the batch"


def _least(size: Tensor) -> Tensor:
    import tensorflow as tf

    return tf.maximum(size, _LEAST)


def _scaled(gradient: Tensor, by: Tensor) -> Tensor:
    import tensorflow as tf

    if isinstance(gradient, tf.IndexedSlices):
        return tf.IndexedSlices(gradient.values * by, gradient.indices, gradient.dense_shape)
    return gradient * by
