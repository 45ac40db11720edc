"""Biases of the first gates alone, where what stands behind them has none."""

from collections.abc import Sequence
from typing import Any

from keras import ops

from rnnkit.layers.cell import RecurrentCell, Tensor


class FirstBiasesCell(RecurrentCell):
    """A cell whose first gates, those that see the state (`recurrent_gates`), are the ones with biases."""

    def add_bias(self, name: str, shape: Sequence[int | None], initializer: Any = None) -> Any:
        """Add a bias, or return None with `use_bias=False`; `bias` for the first gates alone."""
        first = (len(self.recurrent_gates or ()) * self.units,)
        return super().add_bias(name, first if name == "bias" else shape, initializer)

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
