"""Linear cells that take each unit's input from one number: an input as wide as the state, or made so."""

from typing import Any

from keras import ops

from rnnkit.cells._linear import LinearCell
from rnnkit.layers.cell import Tensor


class EntryCell(LinearCell):
    """A linear cell that reads u: x itself where it is as wide as the units, else W x with W, `entry_kernel`, learnt.

    A subclass writes `gates_of`, and `build`, which it begins with `super().build(input_shape)`.
    """

    def build(self, input_shape: Any) -> None:
        """Create `entry_kernel`, or set it to None."""
        features = input_shape[-1]
        given = features == self.units
        self.entry_kernel = None if given else self.add_kernel("entry_kernel", (features, self.units))
        self.built = True

    def gates_of(self, u: Tensor) -> list[Tensor]:
        """The gates, from u, `[..., units]`."""
        return [u]

    def project_gates(self, x: Tensor) -> list[Tensor]:
        return self.gates_of(x if self.entry_kernel is None else self.affine(x, self.entry_kernel))

    def project(self, x: Tensor) -> Tensor:
        return ops.concatenate(self.project_gates(x), axis=-1)
