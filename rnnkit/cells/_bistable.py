"""The shared part of the bistable cells, which differ in what feeds their gates back."""

from rnnkit.layers.cell import RecurrentCell, Tensor


class BistableCell(RecurrentCell):
    """A cell whose feedback a, above 1, makes a unit latch; a subclass adds recurrent weights and `feedback`."""

    family = "gru"
    gate_names = ("a", "c", "g")
    recurrent_gates = ()
    chrono_gates = {"c": 1}

    def feedback(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """What the gates a and c see of the old state."""
        raise NotImplementedError(f"{type(self).__name__} has no feedback(h).")

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        a, c, g = self.gates(x)
        seen = self.drop(h)
        ua, uc = self.feedback(seen)
        a, c = 1 + self.activation(a + ua), self.recurrent_activation(c + uc)
        return (self.blend(c, h, self.activation(g + a * seen)),)
