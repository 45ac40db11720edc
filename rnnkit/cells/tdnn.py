"""Time-delay neural network."""

from collections.abc import Sequence
from typing import Any

from keras import ops

from rnnkit.cells._window import WindowCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer
from rnnkit.layers.scanning import Scanned


class TDNNCell(WindowCell):
    """Time-delay neural network: each output sees a window of the last inputs, the same weights at every step.

    Why: memory without recurrence. Nothing vanishes within the window, and nothing is known beyond it: what recurrent
    cells are measured against. It is a causal convolution, here one that can also run step by step.

    Use it when: the answer lies in the last few steps (phonemes, gestures, alarms), or as a baseline.

    Equations:
        y = tanh(sum_d W[d] x_(t-d) + b)         d = 0 .. window - 1

    Gates: none. `kernel` holds W[0], W[1] and so on side by side. The state `ahead` is what the inputs so far
    contribute to the outputs to come.

    Args:
        window: How many inputs an output sees, the newest included.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import TDNN
    >>> TDNN(8, window=3, return_sequences=True)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 5, 8])

    Reference:
        Waibel et al., Phoneme Recognition Using Time-Delay Neural Networks, IEEE TASSP 37(3), 1989.
    """

    family = "plain"
    state_names = ("y", "ahead")
    gate_names = ("y",)
    idle_states = ("y",)

    def __init__(self, units: int, *, window: int = 5, **shared: Any) -> None:
        super().__init__(units, window=window, **shared)

    def step(self, x: Tensor, y: Tensor, ahead: Tensor) -> tuple[Tensor, Tensor]:
        x, ahead = self.window_step(x, ahead)
        return self.activation(x), ahead

    def scan(self, inputs: Tensor, states: Sequence[Tensor], mask: Any, begins: Tensor | None = None) -> Scanned | None:
        if begins is not None:
            return None  # `ahead` would have to be cleared amid the sequence
        (x,), (last,), ahead = self.window_sequence(inputs, states[1], mask)
        last = self.activation(last)
        return self.activation(x), (last if mask is None else ops.where(ops.any(mask, axis=0), last, states[0]), ahead)


TDNN = recurrent_layer(TDNNCell)
