"""What cells share whose recurrence is linear in the state: c = a * c' + b, with a and b from the input alone."""

from collections.abc import Sequence
from typing import ClassVar

from keras import ops

from rnnkit.cells.base import RecurrentCell, Tensor
from rnnkit.layers.linear_recurrence import Number, linear_recurrence
from rnnkit.layers.pooling import last_shown


class LinearCell(RecurrentCell):
    """A cell that says `recurrence` and, where its output is not the state itself, `readout`.

    From these follow `step` and the form that runs all time steps at once. Where the output is not the state, it is
    the first of `state_names` and idle, and the linear states come after it: one, or two for a complex number.
    """

    refuses: ClassVar[tuple[str, ...]] = ("recurrent_dropout",)

    def recurrence(self, x: Tensor) -> tuple[Number, Number]:
        """The decay a and the increment b of the projected input, each `[..., units]`, real or complex."""
        raise NotImplementedError(f"{type(self).__name__} has no recurrence(x).")

    def readout(self, x: Tensor, *c: Tensor) -> Tensor:
        """The output at a step, from the projected input and the new linear states."""
        return c[0]

    def step(self, x: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        a, b = self.recurrence(x)
        return self._with_output(x, _next(a, self._linear(states), b))

    def parallel(
        self, inputs: Tensor, states: Sequence[Tensor], mask: Tensor | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        return self.run(self.project_sequence(inputs), states, mask)

    def run(self, x: Tensor, states: Sequence[Tensor], mask: Tensor | None) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The recurrence over projected inputs, `[time, batch, columns]`: outputs and last states."""
        a, b = self.recurrence(x)
        if mask is not None:  # a hidden step keeps the state: decay 1, increment 0
            one = [ops.ones_like(a[0]), *(ops.zeros_like(part) for part in a[1:])]
            a = tuple(ops.where(mask, part, kept) for part, kept in zip(a, one, strict=True))
            b = tuple(ops.where(mask, part, ops.zeros_like(part)) for part in b)
        c = linear_recurrence(a, b, self._linear(states))
        outputs = self._with_output(x, c)[0]
        last = tuple(part[-1] for part in c)
        if not self.idle_states:
            return outputs, last
        # Not taken from the outputs: where only the last is wanted, the others need not be computed.
        output = self.readout(last_shown(x, x[0], mask), *last)
        return outputs, (output if mask is None else ops.where(ops.any(mask, axis=0), output, states[0]), *last)

    def _linear(self, states: Sequence[Tensor]) -> Number:
        return tuple(states[len(self.idle_states) :])

    def _with_output(self, x: Tensor, c: Number) -> tuple[Tensor, ...]:
        return (self.readout(x, *c), *c) if self.idle_states else c


def _next(a: Number, c: Number, b: Number) -> Number:
    """a * c + b, real or complex."""
    if len(c) == 1:
        return (a[0] * c[0] + b[0],)
    return a[0] * c[0] - a[1] * c[1] + b[0], a[0] * c[1] + a[1] * c[0] + b[1]
