"""Initialisers that Keras does not have: a reservoir, a long memory, rotations, scaled blocks."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnkit.errors import RnnkitError

Tensor = Any
register = keras.saving.register_keras_serializable(package="rnnkit")

#: Uniform over [0, 1] and over [-1, 1], as a configuration: each cell makes an initialiser of its own from it.
ZERO_TO_ONE = {"class_name": "RandomUniform", "config": {"minval": 0.0, "maxval": 1.0}}
MINUS_ONE_TO_ONE = {"class_name": "RandomUniform", "config": {"minval": -1.0, "maxval": 1.0}}
#: `Rotations`, as a configuration.
ROTATIONS = {"class_name": "rnnkit>Rotations", "config": {}}
#: Normal with a variance of 1 / inputs, not truncated.
FAN_IN_NORMAL = {
    "class_name": "VarianceScaling",
    "config": {"scale": 1.0, "mode": "fan_in", "distribution": "untruncated_normal"},
}


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


@register
class Rotations(keras.initializers.Initializer):
    """A square matrix U whose U - U^T turns pairs of units, each pair by an angle of its own.

    Why: an orthogonal matrix exp(U - U^T) that mixes no pairs is easy to see through, and its angles, the frequencies
    that the network can hold, are spread over the whole circle.

    Args:
        kind: "henaff": angles evenly over a turn, for exp(U - U^T). "cayley": -tan(angle / 2), angles evenly over a
            quarter of a turn, for (I + A)^-1 (I - A) with A = U - U^T.
        seed: Seeds the angles; by default Keras's global seed does.

    Raises:
        RnnkitError: For another kind.

    Example:

    >>> u = np.asarray(Rotations(seed=1)((5, 5)))
    >>> np.argwhere(u).tolist(), bool(np.abs(u).max() < np.pi)
    ([[0, 1], [2, 3]], True)

    Reference:
        Henaff, Szlam & LeCun, Recurrent Orthogonal Networks and Long-Memory Tasks, ICML 2016 (arXiv:1602.06662);
        Helfrich, Willmott & Ye, Orthogonal Recurrent Neural Networks with Scaled Cayley Transform, ICML 2018
        (arXiv:1707.09520), section 4.1.
    """

    def __init__(self, kind: str = "henaff", seed: int | None = None) -> None:
        if kind not in ("henaff", "cayley"):
            raise RnnkitError(f"kind is {kind!r}; expected 'henaff' or 'cayley'.")
        self.kind = kind
        self.seed = seed

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        low, high = (-np.pi, np.pi) if self.kind == "henaff" else (0, np.pi / 2)
        angles = ops.convert_to_numpy(keras.random.uniform((shape[0] // 2,), low, high, "float32", seed=self.seed))
        made = np.zeros(shape)
        first = np.arange(0, shape[0] - 1, 2)
        made[first, first + 1] = angles if self.kind == "henaff" else -np.tan(angles / 2)
        return ops.convert_to_tensor(made, dtype=dtype or keras.config.floatx())

    def get_config(self) -> dict[str, Any]:
        return {"kind": self.kind, "seed": self.seed}


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
