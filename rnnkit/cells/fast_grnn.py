"""Gated network small enough for a microcontroller."""

from collections.abc import Callable
from functools import reduce
from typing import Any

from keras import ops
from keras.initializers import Constant

from rnnkit.errors import RnnkitError
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class FastGRNNCell(RecurrentCell):
    """FastGRNN: one matrix W and one matrix U serve both the gate and the candidate, and both can be of low rank.

    Why: a third of a GRU's weights at about its accuracy, and less with low rank, so that a model fits in kilobytes.
    The scalars zeta and nu let the network choose how much of the candidate a closed gate lets in.

    Use it when: the model must be tiny, for wake words or sensors on a microcontroller.

    Equations:
        z = sigmoid(W x + U h' + bz)
        g = tanh(W x + U h' + bg)
        h = (sigmoid(zeta) * (1 - z) + sigmoid(nu)) * g + z * h'

    Gates: z, g (biases only, W and U are shared). With a rank, W = W1 W2 in the order they meet x: `kernel_left` and
    `kernel_right` instead of `kernel`; U likewise. Biases start at 1 and zeta, nu at 1, -4, as in the authors' code.

    Args:
        kernel_rank: Rank of W; None keeps it whole.
        recurrent_rank: Rank of U; None keeps it whole.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import FastGRNN
    >>> FastGRNN(8, kernel_rank=2, recurrent_rank=4)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Kusupati et al., FastGRNN: A Fast, Accurate, Stable and Tiny Kilobyte Sized Gated Recurrent Neural Network,
        NeurIPS 2018 (arXiv:1901.02358).
    """

    gate_names = ("z", "g")

    def __init__(
        self,
        units: int,
        *,
        kernel_rank: int | None = None,
        recurrent_rank: int | None = None,
        bias_initializer: Any = "ones",
        **shared: Any,
    ) -> None:
        super().__init__(units, bias_initializer=bias_initializer, **shared)
        for name, rank in (("kernel_rank", kernel_rank), ("recurrent_rank", recurrent_rank)):
            if rank is not None and rank < 1:
                raise RnnkitError(f"{name} is {rank!r}; expected 1 or more, or None for a whole matrix.")
        self.kernel_rank, self.recurrent_rank = kernel_rank, recurrent_rank

    def build(self, input_shape: Any) -> None:
        units = self.units
        self.kernels = factors(self.add_kernel, "kernel", input_shape[-1], self.kernel_rank, units)
        self.recurrent_kernels = factors(self.add_recurrent, "recurrent_kernel", units, self.recurrent_rank, units)
        self.bias = self.add_bias("bias", (2 * units,))
        self.zeta = self.add_weight(name="zeta", shape=(1,), initializer=Constant(1.0))
        self.nu = self.add_weight(name="nu", shape=(1,), initializer=Constant(-4.0))
        self.built = True

    def project(self, x: Tensor) -> Tensor:
        x = reduce(ops.matmul, self.kernels, x)
        both = ops.concatenate([x, x], axis=-1)
        return both if self.bias is None else both + self.bias

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        xz, xg = self.gates(x)
        u = reduce(ops.matmul, self.recurrent_kernels, self.drop(h))
        z, g = self.recurrent_activation(xz + u), self.activation(xg + u)
        return ((ops.sigmoid(self.zeta) * (1 - z) + ops.sigmoid(self.nu)) * g + z * h,)


def factors(add: Callable[..., Any], name: str, rows: int, rank: int | None, columns: int) -> list[Any]:
    """Add a matrix `[rows, columns]`, or the two whose product it is."""
    if rank is None:
        return [add(name, (rows, columns))]
    return [add(f"{name}_left", (rows, rank)), add(f"{name}_right", (rank, columns))]


FastGRNN = recurrent_layer(FastGRNNCell)
