"""The shared part of the three mutants of the GRU that Jozefowicz et al. searched out."""

from typing import Any, ClassVar

from rnnkit.layers.cell import RecurrentCell, Tensor


class MutantCell(RecurrentCell):
    """h = z * g + (1 - z) * h', where the subclass says what z sees of the state."""

    family = "gru"
    gate_names = ("z", "r", "g")
    chrono_gates = {"z": -1}
    #: Whether z sees the state, through `update_kernel`.
    updates: ClassVar[bool] = False

    def build(self, input_shape: Any) -> None:
        """Create `kernel`, `update_kernel` where z sees the state, `reset_kernel`, `candidate_kernel` and `bias`."""
        self.kernel = self.add_kernel("kernel", (input_shape[-1], 3 * self.units))
        square = (self.units, self.units)
        self.update_kernel = self.add_recurrent("update_kernel", square) if self.updates else None
        self.reset_kernel = self.add_recurrent("reset_kernel", square)
        self.candidate_kernel = self.add_recurrent("candidate_kernel", square)
        self.bias = self.add_bias("bias", (3 * self.units,))
        self.built = True

    def seen(self, h: Tensor) -> Tensor:
        """What z sees of the state."""
        return h

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        z, r, g = self.gates(x)
        if self.update_kernel is not None:
            z = z + self.recur(self.seen(h), self.update_kernel)
        z = self.recurrent_activation(z)
        r = self.recurrent_activation(r + self.recur(h, self.reset_kernel))
        return (self.blend(z, self.activation(g + self.recur(r * h, self.candidate_kernel)), h),)
