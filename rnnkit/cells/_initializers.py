"""Initialisers that Keras does not have: a reservoir of given spectral radius, a long memory, scaled blocks."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

Tensor = Any
register = keras.saving.register_keras_serializable(package="rnnkit")

#: Uniform over [0, 1] and over [-1, 1], as a configuration: each cell makes an initialiser of its own from it.
ZERO_TO_ONE = {"class_name": "RandomUniform", "config": {"minval": 0.0, "maxval": 1.0}}
MINUS_ONE_TO_ONE = {"class_name": "RandomUniform", "config": {"minval": -1.0, "maxval": 1.0}}


@register
class SpectralRadius(keras.initializers.Initializer):
    """A sparse random square matrix, scaled until its largest eigenvalue has the given modulus.

    Why: below 1, an echo state network forgets where it began (the echo state property, for nearly all inputs); close
    to 1, it forgets slowly.

    Args:
        radius: The largest modulus among the eigenvalues.
        connections: How many of a column's numbers are not 0, on average; as many as there are rows at most.
        initializer: What the matrix is drawn from before it is thinned out and scaled.
        seed: Seeds which numbers are kept; by default Keras's global seed does.

    Raises:
        ValueError: When the shape is not square, or all eigenvalues are 0, so that no scale helps.

    Example:

    >>> matrix = SpectralRadius(0.9, connections=5, seed=1)((50, 50))
    >>> print(round(float(np.abs(np.linalg.eigvals(np.asarray(matrix))).max()), 4))
    0.9

    Reference:
        Jaeger, The "echo state" approach to analysing and training recurrent neural networks, GMD Report 148, 2001.
    """

    def __init__(
        self, radius: float = 0.9, connections: int = 10, initializer: Any = "random_normal", seed: int | None = None
    ) -> None:
        self.radius = radius
        self.connections = connections
        self.initializer = keras.initializers.get(initializer)
        self.seed = seed

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        if len(shape) != 2 or shape[0] != shape[1]:
            raise ValueError(f"SpectralRadius is for square matrices, not for the shape {tuple(shape)}.")
        matrix = ops.convert_to_numpy(self.initializer(shape, dtype="float32")).astype("float64")
        kept = ops.convert_to_numpy(keras.random.uniform(shape, dtype="float32", seed=self.seed))
        matrix = matrix * (kept < self.connections / shape[0])
        largest = np.abs(np.linalg.eigvals(matrix)).max()
        if largest < 1e-9:
            raise ValueError(
                f"All eigenvalues of the {shape[0]} x {shape[1]} reservoir are 0 with connections={self.connections}; "
                "expected some loop among its units. Raise connections, or units."
            )
        return ops.convert_to_tensor(matrix * (self.radius / largest), dtype=dtype or keras.config.floatx())

    def get_config(self) -> dict[str, Any]:
        return {
            "radius": self.radius,
            "connections": self.connections,
            "initializer": keras.initializers.serialize(self.initializer),
            "seed": self.seed,
        }


@register
class NearOne(keras.initializers.RandomUniform):
    """Recurrent weights near 1, uniform, that neither lose nor blow up a state within `steps` steps.

    Why: over `steps` steps, a weight u carries a state on times u ** steps. All weights drawn here keep that between
    1 / gain and gain. The authors of IndRNN start the last layer so when the answer stands at the end of a long
    sequence, and the layers below over [0, 1].

    Args:
        steps: Length of the sequences.
        gain: How much a state may grow or shrink over that length.
        seed: Seeds the numbers; by default Keras's global seed does.

    Example:

    >>> u = np.asarray(NearOne(steps=100)((64,)))
    >>> bool(np.all((u**100 > 0.49) & (u**100 < 2.01)))
    True

    Reference:
        Li et al., Independently Recurrent Neural Network, CVPR 2018 (arXiv:1803.04831), section 3 and its code.
    """

    def __init__(self, steps: int, gain: float = 2.0, seed: Any = None) -> None:
        super().__init__(minval=gain ** (-1 / steps), maxval=gain ** (1 / steps), seed=seed)
        self.steps = steps
        self.gain = gain

    def get_config(self) -> dict[str, Any]:
        return {"steps": self.steps, "gain": self.gain, "seed": super().get_config()["seed"]}


def scaled_blocks(initializer: Any, scales: Sequence[float]) -> Callable[..., Tensor]:
    """`initializer` with one equal block of columns for each of `scales`, multiplied by it.

    Example:

    >>> np.asarray(scaled_blocks(keras.initializers.Ones(), [1, 2])((1, 4), dtype="float32")).tolist()
    [[1.0, 1.0, 2.0, 2.0]]
    """

    def initialize(shape: Sequence[int], dtype: Any = None) -> Tensor:
        columns = np.repeat(np.asarray(scales, "float64"), shape[-1] // len(scales))
        return initializer(shape, dtype=dtype) * ops.convert_to_tensor(columns, dtype=dtype)

    return initialize


def constant_block(initializer: Any, start: int, value: float) -> Callable[..., Tensor]:
    """`initializer` with the columns from `start` on set to `value`.

    Example:

    >>> np.asarray(constant_block(keras.initializers.Zeros(), 1, -2.0)((1, 3), dtype="float32")).tolist()
    [[0.0, -2.0, -2.0]]
    """

    def initialize(shape: Sequence[int], dtype: Any = None) -> Tensor:
        last = np.arange(shape[-1]) >= start
        return ops.where(last, ops.cast(value, dtype), initializer(shape, dtype=dtype))

    return initialize
