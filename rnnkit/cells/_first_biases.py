"""Biases of the first gates alone, where what stands behind them has none."""

from typing import Any

from keras import ops

from rnnkit.layers.cell import RecurrentCell, Tensor


class FirstBiasesCell(RecurrentCell):
    """A cell of which only the gates in `biased_gates`, the first, have biases."""

    def project(self, x: Tensor) -> Tensor:
        return add_first_biases(self.affine(x, self.kernel), self.bias)


def add_first_biases(x: Tensor, bias: Any) -> Tensor:
    """x + bias, with 0 for the columns behind those that `bias` has; x itself where `bias` is None.

    Example:

    >>> import numpy as np
    >>> np.asarray(add_first_biases(np.ones((1, 3)), np.array([1.0, 2.0]))).tolist()
    [[2.0, 3.0, 1.0]]
    """
    if bias is None:
        return x
    bias = ops.convert_to_tensor(bias)
    return x + ops.pad(bias, (0, x.shape[-1] - bias.shape[0]))
