"""The shared part of cells with a recurrence linear in the state: c = a * c' + b, a and b from the input alone."""

from collections.abc import Sequence
from itertools import accumulate
from typing import ClassVar

from keras import ops

from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.linear_recurrence import Number, full_precision, linear_recurrence, one_step
from rnnkit.layers.pooling import last_shown
from rnnkit.layers.scanning import Scanned, over_time


class LinearCell(RecurrentCell):
    """A cell defined by `recurrence` and, where its output is not the state itself, `readout`.

    From these follow `step` and the form that runs all time steps at once. Where the output is not the state, it is
    the first of `state_names` and idle, and the linear states come after it: one, or two for a complex number.
    """

    family: ClassVar[str] = "linear"
    recurrent_gates: ClassVar[tuple[str, ...] | None] = ()
    refuses: ClassVar[tuple[str, ...]] = ("recurrent_dropout",)

    @property
    def gate_sizes(self) -> list[int]:
        """Width of each gate, in the order of `gate_names`."""
        return [self.units] * len(self.gate_names)

    def gates(self, x: Tensor) -> list[Tensor]:
        *ends, _ = accumulate(self.gate_sizes)
        return ops.split(x, ends, axis=-1) if ends else [x]

    def recurrence(self, *gates: Tensor) -> tuple[Number, Number]:
        """The decay a and the increment b, each as wide as the state, real or complex; a is `[..., 1, size]` where it
        is the same for all rows. Each may have a higher precision than the gates; the states are computed in float32.
        """
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
        c = one_step(full_precision(a), full_precision(self._linear(states)), full_precision(b))
        c = tuple(ops.cast(part, states[0].dtype) for part in c)
        return (self.readout(gates, *c), *c) if self.idle_states else c

    def scan(
        self, inputs: Tensor, states: Sequence[Tensor], mask: Tensor | None, begins: Tensor | None = None
    ) -> Scanned | None:
        last = last_shown(inputs, inputs[0], mask)
        return self.run(over_time(self.project_gates, inputs), self.project_gates(last), states, mask, begins)

    def run(
        self,
        gates: Sequence[Tensor],
        last_gates: Sequence[Tensor],
        states: Sequence[Tensor],
        mask: Tensor | None,
        begins: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The recurrence over all steps.

        Args:
            gates: One `[time, batch, units]` each.
            last_gates: The same at the last step that counts, `[batch, units]`. Not taken from `gates`: where only the
                last output is wanted, what the others need need not be computed.
            states: Those before the first step.
            mask: `[time, batch, 1]`, true where a step counts, or None.
            begins: `[time, batch, 1]`, true where the states before a step are zeros, or None.

        Returns:
            The outputs, and the last states.
        """
        a, b = self.recurrence(*gates)
        if mask is not None:  # a hidden step keeps the state: decay 1, increment 0
            one = [ops.ones_like(a[0]), *(ops.zeros_like(part) for part in a[1:])]
            a = tuple(ops.where(mask, part, kept) for part, kept in zip(a, one, strict=True))
            b = tuple(ops.where(mask, part, ops.zeros_like(part)) for part in b)
        if begins is not None:
            a = tuple(ops.where(begins, ops.zeros_like(part), part) for part in a)
        c = linear_recurrence(full_precision(a), full_precision(b), full_precision(self._linear(states)))
        c = tuple(ops.cast(part, states[0].dtype) for part in c)
        last = tuple(part[-1] for part in c)
        if not self.idle_states:
            return c[0], last
        output = self.readout(last_gates, *last)
        if mask is not None:
            output = ops.where(ops.any(mask, axis=0), output, states[0])
        return self.readout(gates, *c), (output, *last)

    def _linear(self, states: Sequence[Tensor]) -> Number:
        return tuple(states[len(self.idle_states) :])
