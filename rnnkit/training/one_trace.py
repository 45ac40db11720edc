"""Steps that TensorFlow traces once, whatever the lengths of the batches.

Keras traces a step for the shape of the first batch, and once more for any shape when a batch of another length comes.
Each trace of a recurrent network takes a second or more; here the first one is for any length already. The number of
rows is fixed where most batches have the same: TensorFlow then needs not look, at every step of the gradient of a loop,
whether one of two tensors was broadcast. Batches of other numbers, such as an epoch's last, share another trace.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any

import keras


@contextmanager
def traced_once(model: Any, rows: int | None = None) -> Generator[None, None, None]:
    """Within it, `train_on_batch` and `test_on_batch` of a compiled model trace one step each.

    Args:
        model: A compiled model.
        rows: The number of examples for which a training step is traced too.

    Batches of another structure or dtype have a trace of their own. On other backends than TensorFlow, and for a model
    that runs eagerly, nothing changes.

    Example:

    >>> import numpy as np
    >>> values = keras.Input((None, 1))
    >>> model = keras.Model(values, keras.layers.GlobalAveragePooling1D()(values))
    >>> model.compile(loss="mse")
    >>> with traced_once(model):
    ...     [float(model.test_on_batch(np.ones((2, steps, 1)), np.zeros((2, 1)))) for steps in (3, 5)]
    [1.0, 1.0]
    """
    if keras.backend.backend() != "tensorflow" or model.run_eagerly:
        yield
        return
    model.train_function = _Steps(model, model.train_step, rows)
    model.test_function = _Steps(model, model.test_step, None)
    try:
        yield
    finally:
        model.train_function = model.test_function = None  # Keras makes its own again


def traces_of(model: Any) -> int:
    """The number of training steps traced so far within `traced_once`; 0 outside of it, and on other backends.

    Example:

    >>> traces_of(keras.Sequential())
    0
    """
    return len(model.train_function.traced) if isinstance(model.train_function, _Steps) else 0


class _Steps:
    """A step as Keras calls it: with an iterator over one batch, `(inputs, targets, weights or None)`.

    Args:
        model: The model.
        step: What it does with a batch.
        rows: The number of examples that has a trace of its own.
    """

    def __init__(self, model: Any, step: Callable[[Any], Any], rows: int | None) -> None:
        self.model, self.step, self.rows = model, step, rows
        self.traced: dict[str, Any] = {}

    def __call__(self, batches: Iterable[Any]) -> Any:
        import tensorflow as tf

        data = tuple(next(iter(batches)))
        tensors = keras.tree.map_structure(tf.convert_to_tensor, data if data[-1] is not None else data[:-1])
        signature = open_signature(self.model, tensors, self.rows)
        if (kind := repr(signature)) not in self.traced:
            self.traced[kind] = tf.function(self.step, input_signature=[signature], autograph=False)
        return self.traced[kind](tensors)


def open_signature(model: Any, data: Any, rows: int | None) -> Any:
    """The signature of a batch: inputs are open where the model's are, targets in examples and steps. A batch in which
    all have `rows` examples is open in steps alone."""
    import tensorflow as tf

    inputs, rest = data[0], data[1:]
    flat = keras.tree.flatten(data)
    count = rows if all(tensor.ndim and tensor.shape[0] == rows for tensor in flat) else None

    def open_as_the_model(tensor: Any, shape: Any) -> Any:
        return tf.TensorSpec([count if shape[0] is None else shape[0], *shape[1:]], tensor.dtype)

    def open_in_examples_and_steps(tensor: Any) -> Any:
        side = 1 if tensor.ndim > 1 and tensor.shape[1] == 1 else None  # Keras squeezes a side that it knows to be 1
        return tf.TensorSpec([count, side, *tensor.shape[2:]][: tensor.ndim], tensor.dtype)

    shapes = iter([tuple(each.shape) for each in model.inputs])
    opened = keras.tree.map_structure(lambda tensor: open_as_the_model(tensor, next(shapes)), inputs)
    return (opened, *keras.tree.map_structure(open_in_examples_and_steps, rest))
