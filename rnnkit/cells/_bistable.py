"""The shared part of the bistable cells, which differ in what feeds their gates back."""

from typing import Any

from rnnkit.layers.cell import RecurrentCell, Tensor


class BistableCell(RecurrentCell):
    """A cell whose feedback a, above 1, makes a unit latch; a subclass adds recurrent weights and `feedback`."""

    family = "gru"
    gate_names = ("a", "c", "g")
    chrono_gates = {"c": 1}

    def build(self, input_shape: Any) -> None:
        """Create `kernel` and `bias`."""
        self.kernel = self.add_kernel("kernel", (input_shape[-1], 3 * self.units))
        self.bias = self.add_bias("bias", (3 * self.units,))
        self.built = True

    def feedback(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """What the gates a and c see of the old state."""
        raise NotImplementedError(f"{type(self).__name__} has no feedback(h).")

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        a, c, g = self.gates(x)
        seen = self.drop(h)
        ua, uc = self.feedback(seen)
        a, c = 1 + self.activation(a + ua), self.recurrent_activation(c + uc)
        return (c * h + (1 - c) * self.activation(g + a * seen),)
