"""Adversarial training: each text is also learnt with its word vectors shifted to where the loss grows fastest."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import keras

from rnnkit.errors import RnnkitError
from rnnkit.layers.perturbation import Perturbation
from rnnkit.training.penalties import Penalty

Tensor = Any
_LEAST = 1e-12


def worst_shift(gradient: Tensor, values: Tensor, size: Tensor, mask: Tensor | None = None) -> Tensor:
    """The shift of a given size along the gradient, row by row.

    Equations:
        r = size * |v| * g / |g|          |.|: over a whole row, all shown time steps and features

    Args:
        gradient: g, of the loss with respect to the values, `[batch, time, features]`.
        values: v.
        size: As a share of the values' own.
        mask: `[batch, time]`, true where a step counts; None where all do.

    Reference:
        Miyato, Dai & Goodfellow, Adversarial Training Methods for Semi-Supervised Text Classification, ICLR 2017
        (arXiv:1605.07725), equation 6. They scale the word vectors to unit variance and shift by a fixed length, 5
        for 400 words of 256 features: a share of 0.016.
    """
    import tensorflow as tf

    def length(x: Tensor) -> Tensor:
        return tf.sqrt(tf.reduce_sum(x**2, axis=[1, 2], keepdims=True))

    dtype = values.dtype
    gradient, values = tf.cast(gradient, tf.float32), tf.cast(values, tf.float32)
    if mask is not None:
        shown = tf.cast(mask, tf.float32)[..., None]
        gradient, values = gradient * shown, values * shown
    # The gradient's scale does not matter, but squares of small numbers vanish in float32.
    largest = tf.reduce_max(tf.abs(gradient), axis=[1, 2], keepdims=True)
    gradient = tf.math.divide_no_nan(gradient, largest)
    direction = gradient / tf.maximum(length(gradient), _LEAST)
    return tf.stop_gradient(tf.cast(size * length(values) * direction, dtype))


@dataclass(frozen=True)
class Adversarial(Penalty[Perturbation]):
    """The loss of the batch with its word vectors adversarially shifted, as a penalty beside that of the batch itself.

    Equations:
        L(v) + L(v + r), r = worst_shift(dL/dv, v, size)

    Args:
        size: Of the shift, as a share of the word vectors' own.

    Raises:
        RnnkitError: For a model without one `Perturbation` layer where the word vectors are.

    Reference:
        Miyato, Dai & Goodfellow, ICLR 2017 (arXiv:1605.07725), section 3.
    """

    noun: ClassVar[str] = "Adversarial training"
    size: float

    def check(self, model: keras.Model) -> None:
        _place(model)

    @contextmanager
    def watching(self, model: keras.Model, watch: Callable[[Tensor], Any]) -> Iterator[Perturbation]:
        place = _place(model)
        with place.shifted(None, watch):
            yield place

    def sources(self, seen: Perturbation) -> list[Tensor]:
        return [seen.seen]

    def term(
        self, seen: Perturbation, gradients: Sequence[Tensor | None], loss_again: Callable[[], Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        with seen.shifted(worst_shift(gradients[0], seen.seen, self.size, seen.mask)):
            return loss_again(), {}


def _place(model: keras.Model) -> Perturbation:
    found = [layer for layer in model.layers if isinstance(layer, Perturbation)]
    if len(found) != 1:
        raise RnnkitError(f"Adversarial training needs one Perturbation layer, and there are {len(found)}.")
    return found[0]
