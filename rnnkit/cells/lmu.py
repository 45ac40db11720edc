"""Legendre memory unit."""

from typing import Any

import numpy as np
from keras import ops

from rnnkit.cells._constants import check_positive, check_whole
from rnnkit.cells._legendre import legendre_window
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class LMUCell(RecurrentCell):
    """Legendre memory unit: a plain RNN beside a memory that holds the last stretch of a signal, whole.

    Why: A and B, which are not learnt, keep the polynomials that come nearest to the last `theta` steps of u, so
    nothing within these is forgotten, however long they are. What is written there, and what is read, is learnt.

    Use it when: what counts lies within a known number of steps, hundreds or thousands, and their order matters.

    Equations:
        u = ex x + eh h' + em m'
        m = A m' + B u
        h = tanh(W x + U h' + M m + b)

    Gates: h. ex, eh and em are `input_encoder`, `hidden_encoder` and `memory_encoder`; M is `memory_kernel`.

    Args:
        order: How many polynomials hold a signal: details finer than theta / order steps are lost.
        theta: Length of the stretch, in steps.
        signals: How many signals u are held, each with `order` numbers of m.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import LMU
    >>> LMU(8, order=4, theta=5)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Voelker, Kajic & Eliasmith, Legendre Memory Units: Continuous-Time Representation in Recurrent Neural Networks,
        NeurIPS 2019.
    """

    family = "clocks"
    state_names = ("h", "m")
    refuses = ("zoneout",)  # which would mix the stretch of one step into that of the next

    def __init__(self, units: int, *, order: int = 32, theta: float = 100.0, signals: int = 1, **shared: Any) -> None:
        super().__init__(units, **shared)
        check_positive(theta=theta)
        self.order, self.signals, self.theta = check_whole("order", order), check_whole("signals", signals), theta
        self.ab = np.vstack([part.T for part in legendre_window(order, theta)])  # for rows [m', u]

    @property
    def state_size(self) -> list[int]:
        return [self.units, self.signals * self.order]

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        units, memory = self.state_size
        self.input_encoder = self._add_encoder("input", input_shape[-1], "lecun_uniform")
        self.hidden_encoder = self._add_encoder("hidden", units, "lecun_uniform")
        self.memory_encoder = self._add_encoder("memory", memory, "zeros")
        self.memory_kernel = self.add_kernel("memory_kernel", (memory, units))

    def _add_encoder(self, name: str, size: int, initializer: str) -> Any:
        return self.add_weight(name=f"{name}_encoder", shape=(size, self.signals), initializer=initializer)

    def project(self, x: Tensor) -> Tensor:
        return ops.concatenate([super().project(x), self.affine(x, self.input_encoder)], axis=-1)

    def step(self, x: Tensor, h: Tensor, m: Tensor) -> tuple[Tensor, Tensor]:
        u = x[..., self.units :] + self.recur(h, self.hidden_encoder) + self.affine(m, self.memory_encoder)
        each = ops.concatenate([ops.reshape(m, (-1, self.order)), ops.reshape(u, (-1, 1))], axis=-1)
        m = ops.reshape(self.affine(each, ops.cast(self.ab, m.dtype)), (-1, self.signals * self.order))
        return self.activation(x[..., : self.units] + self.recur(h) + self.affine(m, self.memory_kernel)), m


LMU = recurrent_layer(LMUCell)
