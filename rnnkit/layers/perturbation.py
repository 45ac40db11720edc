"""A layer whose values can be read and shifted, for adversarial training."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class Perturbation(keras.layers.Layer):
    """The identity; within `shifted`, the identity plus a shift.

    Example:

    >>> import numpy as np
    >>> layer = Perturbation()
    >>> with layer.shifted(1.0):
    ...     float(layer(np.zeros(()))), float(layer.seen)
    (1.0, 0.0)
    >>> float(layer(np.zeros(())))
    0.0
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self._shift: Tensor = None
        self._watch: Callable[[Tensor], Any] | None = None
        self._seen: Tensor = None
        self._mask: Tensor = None

    @property
    def seen(self) -> Tensor:
        """The last input within `shifted`."""
        return self._seen

    @property
    def mask(self) -> Tensor:
        """Its mask, `[batch, time]`, or None."""
        return self._mask

    @contextmanager
    def shifted(self, by: Tensor = None, watch: Callable[[Tensor], Any] | None = None) -> Iterator[None]:
        """A context in which the layer adds a tensor and passes its input to `watch`, such as a `GradientTape`'s."""
        self._shift, self._watch = by, watch or (lambda values: None)
        try:
            yield
        finally:
            self._shift = self._watch = None

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        if self._watch is None:
            return inputs
        self._watch(inputs)
        self._seen, self._mask = inputs, mask
        return inputs if self._shift is None else inputs + self._shift
