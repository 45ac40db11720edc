"""A recurrent matrix that starts as the same kind of square matrix for each of its gates."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from rnnkit.errors import RnnkitError

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class SquareBlocks(keras.initializers.Initializer):
    """Fills a `[units, gates * units]` matrix with one square block for each gate, drawn independently.

    Why: what a state becomes over many steps hangs on the square matrix it is multiplied by. `orthogonal` for the
    whole wide matrix leaves its blocks anything but orthogonal, and `identity` fills the first block alone.

    Args:
        initializer: Of each block, such as "identity" or "orthogonal".

    Raises:
        RnnkitError: For a shape that is not made of square blocks.

    Example:

    >>> import numpy as np
    >>> np.asarray(SquareBlocks("identity")((2, 4))).tolist()
    [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]]

    Reference:
        Le, Jaitly & Hinton, A Simple Way to Initialize Recurrent Networks of Rectified Linear Units, 2015 (identity);
        Saxe, McClelland & Ganguli, Exact Solutions to the Nonlinear Dynamics of Learning in Deep Linear Neural
        Networks, ICLR 2014 (orthogonal).
    """

    def __init__(self, initializer: str) -> None:
        self.initializer = initializer

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        if len(shape) != 2 or shape[1] % shape[0]:
            raise RnnkitError(
                f"The recurrent initializer {self.initializer} needs a square matrix for each gate, and this cell's "
                f"recurrent weights are {' x '.join(map(str, shape))}. Leave it out, or take glorot_uniform or small."
            )
        count = shape[1] // shape[0]
        blocks = [keras.initializers.get(self.initializer)((shape[0], shape[0]), dtype=dtype) for _ in range(count)]
        return ops.concatenate(blocks, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {"initializer": self.initializer}
