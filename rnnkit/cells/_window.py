"""A causal convolution over time, one step at a time or all at once: what QRNN and TDNN share.

An output is y_t = sum_d W_d x_(t-d), d = 0 .. window - 1. The products W_d x_t of all d are computed when x_t comes,
and what later steps will need of them is added up in one state, `ahead`: its block j is what the steps seen so far
contribute to the output j + 1 steps from now (the transposed form of a FIR filter). So a step needs no old inputs.
"""

from typing import Any, ClassVar

from keras import ops

from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.pooling import last_shown
from rnnkit.layers.scanning import over_time
from rnnkit.layers.shown_first import shown_first


class WindowCell(RecurrentCell):
    """A cell whose gates see the last few inputs. `ahead` is the last of its states, and `kernel` holds the matrices of
    d = 0, then of d = 1 and so on, each with one block of `units` columns for each of `gate_names`.
    """

    refuses: ClassVar[tuple[str, ...]] = (
        "recurrent_dropout",
        "zoneout",
    )  # zoneout would mix `ahead` of one step into the next

    def __init__(self, units: int, *, window: int, **shared: Any) -> None:
        super().__init__(units, **shared)
        if not isinstance(window, int) or isinstance(window, bool) or window < 2:
            raise ValueError(f"window is {window!r}; expected a whole number of 2 inputs or more.")
        self.window = window

    @property
    def state_size(self) -> list[int]:
        columns = (self.window - 1) * len(self.gate_names) * self.units
        return [self.units] * (len(self.state_names) - 1) + [columns]

    def build(self, input_shape: Any) -> None:
        """Create `kernel` and `bias`."""
        columns = len(self.gate_names) * self.units
        self.kernel = self.add_kernel("kernel", (input_shape[-1], self.window * columns))
        self.bias = self.add_bias("bias", (columns,))
        self.built = True

    def project(self, x: Tensor) -> Tensor:
        return self.affine(x, self.kernel)

    def window_step(self, products: Tensor, ahead: Tensor) -> tuple[Tensor, Tensor]:
        """One step: what `project` gave and the old `ahead` to the gates side by side, `[batch, gates * units]`, and
        the new `ahead`."""
        now, *later = ops.split(products, self.window, axis=-1)
        due, *rest = ops.split(ahead, self.window - 1, axis=-1)
        waiting = [new + old for new, old in zip(later, [*rest, ops.zeros_like(due)], strict=True)]
        return self._biased(now + due), ops.concatenate(waiting, axis=-1)

    def window_sequence(
        self, inputs: Tensor, ahead: Tensor, mask: Tensor | None
    ) -> tuple[list[Tensor], list[Tensor], Tensor]:
        """All steps at once; hidden ones count for nothing, wherever they stand.

        Args:
            inputs: `[time, batch, features]`.
            ahead: The state before the first step.
            mask: `[time, batch, 1]`, true where a step counts, or None.

        Returns:
            The gates, `[time, batch, units]` each; the gates at the last step that counts, `[batch, units]` each; the
            last `ahead`.

        Example:

        >>> import numpy as np
        >>> from rnnkit.cells import TDNNCell
        >>> cell = TDNNCell(1, window=2, kernel_initializer="ones")  # each gate is x_t + x_(t-1)
        >>> cell.build((1, 1))
        >>> ones, zeros = np.ones((3, 1, 1), "float32"), np.zeros((1, 1), "float32")
        >>> (y,), (last,), ahead = cell.window_sequence(ones, zeros, None)
        >>> np.ravel(y).tolist(), np.ravel(last).tolist(), np.ravel(ahead).tolist()
        ([1.0, 2.0, 2.0], [2.0], [1.0])
        """
        if mask is not None:
            return self._masked_sequence(inputs, ahead, mask)
        # Old inputs beside each input, and one matrix product a gate: inputs are far narrower than products.
        length = ops.shape(inputs)[0]
        shifted = [ops.pad(inputs, [[delay, 0], [0, 0], [0, 0]])[:length] for delay in range(self.window)]
        delays = ops.split(ops.convert_to_tensor(self.kernel), self.window, axis=1)
        kernels = self.gates(ops.concatenate(delays, axis=0))
        gates = over_time(lambda x: [self.affine(x, kernel) for kernel in kernels], ops.concatenate(shifted, axis=-1))
        # What was seen before is due at the first steps.
        begun = self.gates(ops.stack(ops.split(ahead, self.window - 1, axis=-1))[:length])
        first = ops.expand_dims(ops.arange(ops.shape(begun[0])[0], dtype="int32"), -1)
        gates = [
            ops.scatter_update(gate, first, gate[: self.window - 1] + due)
            for gate, due in zip(gates, begun, strict=True)
        ]
        if self.bias is not None:
            gates = [
                gate + bias for gate, bias in zip(gates, self.gates(ops.convert_to_tensor(self.bias)), strict=True)
            ]
        before = self._spread(self.project_sequence(inputs[:-1][-(self.window - 1) :]), ahead)
        waiting = [before[place - (self.window - 1)] for place in range(self.window - 1)]
        last, ahead = self.window_step(self.project(inputs[-1]), ops.concatenate(waiting, axis=-1))
        return gates, self.gates(last), ahead

    def _masked_sequence(
        self, inputs: Tensor, ahead: Tensor, mask: Tensor
    ) -> tuple[list[Tensor], list[Tensor], Tensor]:
        """Steps that count move to the front, the convolution runs there, and the gates move back."""
        order, back = shown_first(mask)
        products = self.project_sequence(inputs)
        shown = ops.where(mask, products, ops.zeros_like(products))
        whole = self._spread(ops.take_along_axis(shown, order, axis=0), ahead)
        gates = self.gates(self._biased(ops.take_along_axis(whole, back, axis=0)))
        count = ops.sum(ops.cast(mask, "int32"), axis=0, keepdims=True)
        last = [ops.take_along_axis(whole, count + place, axis=0)[0] for place in range(self.window - 1)]
        return gates, [last_shown(gate, gate[0], mask) for gate in gates], ops.concatenate(last, axis=-1)

    def _spread(self, products: Tensor, ahead: Tensor) -> Tensor:
        """Every product added at its time step: `[time + window - 1, batch, gates * units]`."""
        length = ops.shape(products)[0]
        begun = ops.stack(ops.split(ahead, self.window - 1, axis=-1), axis=0)
        whole = ops.pad(begun, [[0, length], [0, 0], [0, 0]])
        for delay, product in enumerate(ops.split(products, self.window, axis=-1)):
            whole = whole + ops.pad(product, [[delay, self.window - 1 - delay], [0, 0], [0, 0]])
        return whole

    def _biased(self, gates: Tensor) -> Tensor:
        return gates if self.bias is None else gates + self.bias
