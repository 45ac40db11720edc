"""Chrono initialisation: gates whose initial memories cover every length up to the longest."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
from keras import ops

from rnnkit.errors import RnnkitError


def check_longest(longest: int, chrono_gates: Mapping[str, int], cell: str) -> None:
    """Refuse an argument `longest` that leaves nothing to spread the biases over.

    Raises:
        RnnkitError: For fewer than 3 steps, or a cell without gates that hold its state.

    Example:

    >>> check_longest(784, {"f": 1}, "LSTMCell")
    """
    if not chrono_gates:
        raise RnnkitError(f"{cell} has no gate that holds its state, so it takes no longest={longest!r}.")
    if longest < 3:
        raise RnnkitError(f"longest is {longest!r}; expected 3 time steps or more, for example longest=100.")


def chrono_bias(initializer: Any, longest: int, signs: Sequence[int], seed: int | None) -> Callable[..., Any]:
    """An initialiser for `[gates * units]`: sign * log(u), u uniform from 1 to longest - 1 and the same for each gate.

    Why: a forget gate of constant bias b forgets in about 1 + exp(b) steps, so these spread over all time scales.

    Args:
        initializer: For the gates of sign 0.
        longest: The longest dependency, in time steps: the paper's T_max.
        signs: For each gate 1 where it holds the state, -1 where it replaces it, else 0.
        seed: Seeds u.

    Returns:
        A function of shape and dtype.

    Example:

    >>> import numpy as np
    >>> bias = chrono_bias(keras.initializers.Zeros(), 100, (1, 0), seed=1)((8,))
    >>> bool(np.all(bias[:4] >= 0) and np.all(bias[:4] <= np.log(99)) and np.all(bias[4:] == 0))
    True

    Reference:
        Tallec & Ollivier, Can Recurrent Neural Networks Warp Time?, ICLR 2018 (arXiv:1804.11188).
    """

    def initialize(shape: Any, dtype: Any = None) -> Any:
        blocks = ops.split(initializer(shape, dtype=dtype), len(signs))
        spread = ops.log(keras.random.uniform((shape[0] // len(signs),), 1.0, longest - 1.0, dtype=dtype, seed=seed))
        return ops.concatenate([sign * spread if sign else own for sign, own in zip(signs, blocks, strict=True)])

    return initialize
