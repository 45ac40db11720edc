"""Recurrently neuromodulated bistable recurrent cell."""

from typing import Any

from keras import ops

from rnnkit.cells._bistable import BistableCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class NBRCCell(BistableCell):
    """Neuromodulated bistable recurrent cell (nBRC): a BRC whose units set one another's feedback.

    Why: as in `brc` a unit can latch and never forget, but whether it does depends on the whole state.

    Use it when: one fact must be kept over thousands of steps, and a BRC is too weak.

    Equations:
        a = 1 + tanh(Wa x + Ua h' + ba)
        c = sigmoid(Wc x + Uc h' + bc)
        h = c * h' + (1 - c) * tanh(Wg x + a * h' + bg)

    Gates: a, c, g. `recurrent_kernel` is Ua, Uc.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import NBRC
    >>> NBRC(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Vecoven, Ernst & Drion, A Bio-inspired Bistable Recurrent Cell Allows for Long-lasting Memory, PLoS ONE 16(6),
        2021 (arXiv:2006.05252).
    """

    def __init__(self, units: int, *, recurrent_initializer: Any = "glorot_uniform", **shared: Any) -> None:
        super().__init__(units, recurrent_initializer=recurrent_initializer, **shared)

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.recurrent_kernel = self.add_recurrent("recurrent_kernel", (self.units, 2 * self.units))

    def feedback(self, h: Tensor) -> tuple[Tensor, Tensor]:
        ua, uc = ops.split(self.affine(h, self.recurrent_kernel), 2, axis=-1)
        return ua, uc


NBRC = recurrent_layer(NBRCCell)
