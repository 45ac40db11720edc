"""The shared part of cells with a recurrence linear in the state: c = a * c' + b, a and b from the input alone."""

from collections.abc import Sequence
from typing import Any, ClassVar

from keras import ops

from rnnkit.layers.cell import RecurrentCell, Tensor, over_time
from rnnkit.layers.linear_recurrence import Number, linear_recurrence, one_step
from rnnkit.layers.pooling import last_shown


class LinearCell(RecurrentCell):
    """A cell defined by `recurrence` and, where its output is not the state itself, `readout`.

    From these follow `step` and the form that runs all time steps at once. Where the output is not the state, it is
    the first of `state_names` and idle, and the linear states come after it: one, or two for a complex number.
    """

    family: ClassVar[str] = "linear"
    refuses: ClassVar[tuple[str, ...]] = ("recurrent_dropout",)

    def build(self, input_shape: Any) -> None:
        """Create `kernel` and `bias`, one block of `units` columns for each of `gate_names`."""
        columns = len(self.gate_names) * self.units
        self.kernel = self.add_kernel("kernel", (input_shape[-1], columns))
        self.bias = self.add_bias("bias", (columns,))
        self.built = True

    def recurrence(self, *gates: Tensor) -> tuple[Number, Number]:
        """The decay a and the increment b, each `[..., units]`, real or complex."""
        raise NotImplementedError(f"{type(self).__name__} has no recurrence(*gates).")

    def readout(self, gates: Sequence[Tensor], *c: Tensor) -> Tensor:
        """The output at a step, from its gates and the new linear states."""
        return c[0]

    def project_gates(self, x: Tensor) -> list[Tensor]:
        """`project` gate by gate: over a whole sequence, cutting one large tensor is slower."""
        count = len(self.gate_names)
        kernels = ops.split(ops.convert_to_tensor(self.kernel), count, axis=-1)
        biases = [None] * count if self.bias is None else ops.split(ops.convert_to_tensor(self.bias), count)
        return [self.affine(x, kernel, bias) for kernel, bias in zip(kernels, biases, strict=True)]

    def step(self, x: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        gates = self.gates(x)
        a, b = self.recurrence(*gates)
        c = one_step(a, self._linear(states), b)
        return (self.readout(gates, *c), *c) if self.idle_states else c

    def scan(self, inputs: Tensor, states: Sequence[Tensor], mask: Tensor | None) -> tuple[Tensor, tuple[Tensor, ...]]:
        last = last_shown(inputs, inputs[0], mask)
        return self.run(over_time(self.project_gates, inputs), self.project_gates(last), states, mask)

    def run(
        self, gates: Sequence[Tensor], last_gates: Sequence[Tensor], states: Sequence[Tensor], mask: Tensor | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The recurrence over all steps.

        Args:
            gates: One `[time, batch, units]` each.
            last_gates: The same at the last step that counts, `[batch, units]`. Not taken from `gates`: where only the
                last output is wanted, what the others need need not be computed.
            states: Those before the first step.
            mask: `[time, batch, 1]`, true where a step counts, or None.

        Returns:
            The outputs, and the last states.
        """
        a, b = self.recurrence(*gates)
        if mask is not None:  # a hidden step keeps the state: decay 1, increment 0
            one = [ops.ones_like(a[0]), *(ops.zeros_like(part) for part in a[1:])]
            a = tuple(ops.where(mask, part, kept) for part, kept in zip(a, one, strict=True))
            b = tuple(ops.where(mask, part, ops.zeros_like(part)) for part in b)
        c = linear_recurrence(a, b, self._linear(states))
        last = tuple(part[-1] for part in c)
        if not self.idle_states:
            return c[0], last
        output = self.readout(last_gates, *last)
        if mask is not None:
            output = ops.where(ops.any(mask, axis=0), output, states[0])
        return self.readout(gates, *c), (output, *last)

    def _linear(self, states: Sequence[Tensor]) -> Number:
        return tuple(states[len(self.idle_states) :])
