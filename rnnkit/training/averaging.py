"""A running average of the weights, scored and saved in their place."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np


@contextmanager
def averaged(model: keras.Model) -> Iterator[None]:
    """A context in which `model` has the running average of its weights, if its optimizer keeps one.

    Equations:
        a_t = decay a_t-1 + (1 - decay) w_t,   a_1 = w_1
    Why: the last steps of a training wander about a better place than the one they end at.

    Args:
        model: Compiled with an optimizer that has `use_ema` (`rnnkit.training.trainer.optimizer`, option `average`), or
            not: then nothing changes.

    Example:

    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), "mse")
    >>> for _ in range(3):
    ...     _ = model.train_on_batch(np.ones((1, 1)), np.ones((1, 1)))
    >>> last = model.get_weights()[0]
    >>> with averaged(model):
    ...     mean = model.get_weights()[0]
    >>> bool((mean != last).all()), bool((model.get_weights()[0] == last).all())
    (True, True)

    Reference:
        Polyak & Juditsky, Acceleration of Stochastic Approximation by Averaging, SIAM 1992; exponential, as in Kingma
        & Ba, Adam, ICLR 2015, section 7.2.
    """
    averages = getattr(model.optimizer, "_model_variables_moving_average", None)
    if not getattr(model.optimizer, "use_ema", False) or not averages:
        yield
        return
    kept = [np.array(keras.ops.convert_to_numpy(weight)) for weight in model.trainable_variables]
    try:
        for weight, average in zip(model.trainable_variables, averages, strict=True):
            weight.assign(average)
        yield
    finally:
        for weight, value in zip(model.trainable_variables, kept, strict=True):
            weight.assign(value)
