"""Deep simple gated unit."""

from typing import Any

from keras import ops

from rnnkit.cells.sgu import SGUCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class DSGUCell(SGUCell):
    """Deep simple gated unit: an SGU with one more layer before its output.

    Why: the extra layer lets units exchange what they gated; still fewer weights than a GRU.

    Use it when: an SGU is quick but too weak.

    Equations:
        g = tanh(Ug ((Wg x + bg) * h') + cg)
        o = sigmoid(Uo (g * h'))
        z = hard_sigmoid(Wz x + Uz h' + bz)
        h = (1 - z) * h' + z * o

    Gates: g, z. Ug is `candidate_kernel`, cg is `candidate_bias`, Uz is `update_kernel`, Uo is `output_kernel`.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import DSGU
    >>> DSGU(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Gao & Glowacka, Deep Gate Recurrent Neural Network, ACML 2016 (arXiv:1604.02910).
    """

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.output_kernel = self.add_recurrent("output_kernel", (self.units, self.units))

    def output_of(self, gated: Tensor) -> Tensor:
        return ops.sigmoid(self.affine(gated, self.output_kernel))


DSGU = recurrent_layer(DSGUCell)
