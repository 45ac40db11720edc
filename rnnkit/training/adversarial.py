"""Adversarial training: each text is also learnt with its word vectors shifted to where the loss grows fastest."""

from typing import Any

import keras

from rnnkit.errors import RnnkitError
from rnnkit.layers.perturbation import Perturbation
from rnnkit.training.stepping import require_tensorflow

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


class AdversarialModel(keras.Model):
    """A functional Keras model trained on each batch twice: clean and adversarially shifted.

    Made as `keras.Model(inputs, outputs)` is, with a `Perturbation` layer where the word vectors are. What is reported
    as `loss` is that of the batch as it is. A training step takes about twice as long.

    Equations:
        L(v) + L(v + r), r = worst_shift(dL/dv, v, size)

    Args:
        size: Of the shift, as a share of the word vectors' own.

    Raises:
        RnnkitError: Without TensorFlow, or without a `Perturbation` layer.

    Reference:
        Miyato, Dai & Goodfellow, ICLR 2017 (arXiv:1605.07725), section 3.
    """

    def __init__(self, *arguments: Any, size: float, **more: Any) -> None:
        require_tensorflow("Adversarial training")
        super().__init__(*arguments, **more)
        self.size = size
        found = [layer for layer in self.layers if isinstance(layer, Perturbation)]
        if len(found) != 1:
            raise RnnkitError(f"Adversarial training needs one Perturbation layer, and there are {len(found)}.")
        self._place = found[0]

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step of the optimizer on a batch."""
        import tensorflow as tf

        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        variables = [variable.value for variable in self.trainable_variables]

        def scored(shift: Tensor) -> tuple[Tensor, Tensor, list[Tensor], Tensor]:
            with tf.GradientTape() as tape, self._place.shifted(shift, tape.watch):
                answers = self(x, training=True)
                loss = self.compute_loss(x=x, y=y, y_pred=answers, sample_weight=weights, training=True)
                scaled = self.optimizer.scale_loss(loss)
            *gradients, of_vectors = tape.gradient(scaled, [*variables, self._place.seen])
            return answers, loss, gradients, of_vectors

        answers, loss, gradients, of_vectors = scored(None)
        shift = worst_shift(of_vectors, self._place.seen, self.size, self._place.mask)
        _, _, more, _ = scored(shift)
        self.optimizer.apply(
            [
                tf.convert_to_tensor(one) + tf.convert_to_tensor(other)
                for one, other in zip(gradients, more, strict=True)
            ],
            self.trainable_variables,
        )
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
        return self.compute_metrics(x, y, answers, sample_weight=weights)
