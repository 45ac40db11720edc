"""The shared part of linear cells whose gates see the last few inputs: QRNN and the strongly typed cells."""

from collections.abc import Sequence
from typing import Any

from rnnkit.cells._linear import LinearCell
from rnnkit.cells._window import WindowCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.scanning import Scanned


class WindowedLinearCell(WindowCell, LinearCell):
    """A `LinearCell` with the gates of a `WindowCell`; `ahead` is the last of its states.

    Args:
        window: How many inputs the gates see, the newest included.
    """

    def __init__(self, units: int, *, window: int = 2, **shared: Any) -> None:
        super().__init__(units, window=window, **shared)

    def step(self, x: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        *linear, ahead = states
        x, ahead = self.window_step(x, ahead)
        return (*super().step(x, *linear), ahead)

    def scan(self, inputs: Tensor, states: Sequence[Tensor], mask: Any, begins: Tensor | None = None) -> Scanned | None:
        if begins is not None:
            return None  # `ahead` would have to be cleared amid the sequence
        *linear, ahead = states
        gates, last_gates, ahead = self.window_sequence(inputs, ahead, mask)
        outputs, last = self.run(gates, last_gates, linear, mask)
        return outputs, (*last, ahead)
