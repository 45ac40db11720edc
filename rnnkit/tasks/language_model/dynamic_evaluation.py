"""Dynamic evaluation: a language model keeps learning from the text on which it is scored."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np

from rnnkit.errors import RnnkitError


def dynamic_log_probabilities(
    network: Any, windows: Iterable[tuple[np.ndarray, np.ndarray]], learning_rate: float, clipping: Mapping[str, float]
) -> np.ndarray:
    """log p of each unit, by a network that takes a step of gradient descent after each window.

    Equations:
        L_t = -mean log p(window t | states, w_t)          scored with the weights from before
        w_t+1 = w_t - learning_rate * grad L_t

    Args:
        network: A network of `language_network`, with lanes; it is modified.
        windows: Inputs and targets in the order of the text.
        learning_rate: The learning rate; 0 scores as usual.
        clipping: Gradient clipping, as arguments of a Keras optimizer.

    Returns:
        float64 [units]; within a window, the mean.

    Raises:
        RnnkitError: The rate is below 0.

    Reference:
        Mikolov et al., Recurrent Neural Network Based Language Model, Interspeech 2010, section 2 (dynamic models);
        Krause et al., Dynamic Evaluation of Neural Sequence Models, ICML 2018 (arXiv:1709.07432), section 4.
    """
    if not 0 <= learning_rate < np.inf:
        raise RnnkitError(f"The learning rate is {learning_rate:g}; expected 0 or more.")
    embedding = network.get_layer("embedding")
    embedding.samples = 0

    def loss(targets: Any, vectors: Any) -> Any:
        flat = keras.ops.reshape(vectors, (-1, vectors.shape[-1]))
        return embedding.loss(keras.ops.reshape(targets, (-1,)), flat)

    whole = WithoutDropout(network)
    whole.compile(keras.optimizers.SGD(float(learning_rate), **clipping), loss)
    found = []
    for inputs, targets in windows:
        whole.reset_metrics()
        nats = whole.train_on_batch(inputs, targets)  # the loss before the step
        found.append(np.full(targets.size, -float(nats)))
    return np.concatenate(found)


class WithoutDropout(keras.Model):
    """A network that trains without dropout, as in inference."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.network(inputs, training=False)
