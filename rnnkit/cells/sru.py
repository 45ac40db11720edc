"""Simple recurrent unit."""

import math
from typing import Any

from keras import ops

from rnnkit.cells._constants import check_number
from rnnkit.cells._initializers import constant_block, scaled_blocks
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer

UNIT_VARIANCE_HALVED = {"class_name": "RandomUniform", "config": {"minval": -math.sqrt(1.5), "maxval": math.sqrt(1.5)}}


class SRUCell(RecurrentCell):
    """Simple recurrent unit: its gates see the memory unit by unit, and the input takes a highway past it.

    Why: all matrix products meet the input alone, so they run for all time steps at once; what is left to do one
    step after another is elementwise. The highway lets many layers be stacked.

    Use it when: an LSTM is too slow to train, and you stack several layers.

    Equations:
        u = W x
        f = sigmoid(Wf x + vf * c' + bf)
        r = sigmoid(Wr x + vr * c' + br)
        c = f * c' + (1 - f) * u
        h = r * g(c) + (1 - r) * alpha * x      where x is as wide as h
        h = r * g(c) + (1 - r) * Wx x           else
        alpha = sqrt(1 + 2 exp(b))              b where br starts: then h varies as much as x

    Gates: u, f, r, and x where it is not as wide as h. `state_kernel` is vf and vr. g is `activation`: linear, or
    "tanh" as in the paper's first version. The next step reads c, not h.

    Args:
        highway_bias: b. Negative: more of the input passes by at first.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import SRU
    >>> SRU(8, layers=4)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Lei et al., Simple Recurrent Units for Highly Parallelizable Recurrence, EMNLP 2018 (arXiv:1709.02755).
    """

    family = "light"
    state_names = ("h", "c")
    idle_states = ("h",)
    gate_names = ("u", "f", "r", "x")

    def __init__(
        self,
        units: int,
        *,
        highway_bias: float = 0.0,
        activation: Any = "linear",
        kernel_initializer: Any = "lecun_uniform",
        recurrent_initializer: Any = UNIT_VARIANCE_HALVED,
        **shared: Any,
    ) -> None:
        given = {"kernel_initializer": kernel_initializer, "recurrent_initializer": recurrent_initializer}
        super().__init__(units, activation=activation, **given, **shared)
        check_number(highway_bias=highway_bias)
        self.highway_bias = highway_bias
        self.alpha = math.sqrt(1 + 2 * math.exp(highway_bias))

    def build(self, input_shape: Any) -> None:
        half = math.sqrt(0.5)  # of a gate's variance; the other half comes from the memory
        scales = [1.0, half, half] if input_shape[-1] == self.units else [1.0, half, half, self.alpha]
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], len(scales) * self.units),
            initializer=scaled_blocks(self.kernel_initializer, scales),
            regularizer=self.kernel_regularizer,
        )
        self.state_kernel = self.add_recurrent("state_kernel", (2, self.units))
        start = constant_block(self.bias_initializer, self.units, self.highway_bias)
        self.bias = self.add_bias("bias", (2 * self.units,), start)
        self.built = True

    def project(self, x: Tensor) -> Tensor:
        wide = self.affine(x, self.kernel)
        if wide.shape[-1] == 3 * self.units:
            wide = ops.concatenate([wide, self.alpha * x], axis=-1)
        if self.bias is None:
            return wide
        return wide + ops.pad(ops.convert_to_tensor(self.bias), (self.units, self.units))

    def step(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        u, f, r, x = self.gates(x)
        seen = self.drop(c)
        f = self.recurrent_activation(f + self.state_kernel[0] * seen)
        r = self.recurrent_activation(r + self.state_kernel[1] * seen)
        c = f * c + (1 - f) * u
        return r * self.activation(c) + (1 - r) * x, c


SRU = recurrent_layer(SRUCell)
