"""One input and one recurrent matrix for the whole cell, each of which can be of low rank."""

from collections.abc import Callable
from functools import reduce
from typing import Any

from keras import ops

from rnnkit.cells._constants import check_whole
from rnnkit.layers.cell import RecurrentCell, Tensor


class LowRankCell(RecurrentCell):
    """A cell with a single W and a single U. With a rank, W = W1 W2 in the order they meet x: `kernel_left` and
    `kernel_right` instead of `kernel`; U likewise.

    Args:
        kernel_rank: Rank of W; None keeps it whole.
        recurrent_rank: Rank of U; None keeps it whole.

    Raises:
        RnnkitError: For a rank below 1.
    """

    def __init__(
        self, units: int, *, kernel_rank: int | None = None, recurrent_rank: int | None = None, **shared: Any
    ) -> None:
        super().__init__(units, **shared)
        self.kernel_rank = check_whole("kernel_rank", kernel_rank, "a whole matrix")
        self.recurrent_rank = check_whole("recurrent_rank", recurrent_rank, "a whole matrix")

    def build(self, input_shape: Any) -> None:
        """Create W, U and `bias`, one block of `units` for each of `gate_names`."""
        units = self.units
        self.kernels = factors(self.add_kernel, "kernel", input_shape[-1], self.kernel_rank, units)
        self.recurrent_kernels = factors(self.add_recurrent, "recurrent_kernel", units, self.recurrent_rank, units)
        self.bias = self.add_bias("bias", (len(self.gate_names) * units,))
        self.built = True

    def project(self, x: Tensor) -> Tensor:
        wide = ops.concatenate([reduce(self.affine, self.kernels, x)] * len(self.gate_names), axis=-1)
        return wide if self.bias is None else wide + self.bias

    def recur(self, h: Tensor, kernel: Any = None, bias: Any = None) -> Tensor:
        *first, last = self.recurrent_kernels
        return self.affine(reduce(self.affine, first, self.drop(h)), last, bias)


def factors(add: Callable[..., Any], name: str, rows: int, rank: int | None, columns: int) -> list[Any]:
    """Add a matrix `[rows, columns]`, or the two whose product it is."""
    if rank is None:
        return [add(name, (rows, columns))]
    return [add(f"{name}_left", (rows, rank)), add(f"{name}_right", (rank, columns))]
