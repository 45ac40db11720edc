"""Selective state space model."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from keras.initializers import Constant

from rnnkit.cells._constants import check_whole
from rnnkit.cells._state_space import StateSpaceCell, inverse_softplus, softplus
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer
from rnnkit.layers.linear_recurrence import full_precision
from rnnkit.layers.scanning import Scanned

_WITHIN_ROOT = {
    "class_name": "VarianceScaling",
    "config": {"scale": 1 / 3, "mode": "fan_in", "distribution": "uniform"},
}
#: Numbers in a row's states from which on TensorFlow's loop is faster than all steps at once, whose states leave the
#: caches (measured with 2 to 16 numbers a unit).
_LOOPED_FROM = 1024


class SelectiveSSMCell(StateSpaceCell):
    """Selective state space model, the recurrence of Mamba: a state space whose step, input and output the input sets.

    Why: with a step d near 0 an input passes by and the state stays as it is; with a large one the input replaces it.
    A state space with fixed steps treats all inputs alike.

    Use it when: texts, genomes or sounds are long, and what matters stands among much that does not. It mixes units
    through d, B and C alone, and is the recurrence of Mamba's block without what is around: for the like, put
    `keras.layers.Conv1D(units, 4, padding="causal", activation="silu")` before it and give `block=2`.
    Training keeps `d_state` numbers for each unit and step.

    Equations:
        d = softplus(Wd (Xd u) + bd)
        B = Xb u
        C = Xc u
        s = exp(-d exp(A)) * s' + d B u      for each unit a row s of d_state numbers
        y = C s + D * u
        u = x where x is as wide as y, else W x

    Gates: d, B, C, and u. `kernel` holds Xd, Xb and Xc, `dt_kernel` Wd, `dt_bias` bd, `a_log` A; W is `entry_kernel`.

    Args:
        d_state: Width of each unit's state.
        dt_rank: Rows of Xd u; None for a sixteenth of the units.
        dt_min: Smallest d at the start, for an input of 0.
        dt_max: Largest d at the start, for an input of 0.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import SelectiveSSM
    >>> SelectiveSSM(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Gu & Dao, Mamba: Linear-Time Sequence Modeling with Selective State Spaces, COLM 2024 (arXiv:2312.00752),
        algorithm 2.
    """

    state_names = ("y", "s")
    gate_names = ("d", "b", "c", "u")

    def __init__(
        self,
        units: int,
        *,
        d_state: int = 16,
        dt_rank: int | None = None,
        kernel_initializer: Any = _WITHIN_ROOT,
        **shared: Any,
    ) -> None:
        super().__init__(units, d_state=d_state, kernel_initializer=kernel_initializer, **shared)
        self.dt_rank = None if dt_rank is None else check_whole("dt_rank", dt_rank)

    @property
    def state_size(self) -> list[int]:
        return [self.units, self.units * self.d_state]

    @property
    def gate_sizes(self) -> list[int]:
        return [self.units, self.d_state, self.d_state, self.units]

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        units, n, rank = self.units, self.d_state, self.dt_rank or math.ceil(self.units / 16)
        self.kernel = self.add_kernel("kernel", (units, rank + 2 * n))
        self.dt_kernel = self.add_kernel("dt_kernel", (rank, units))
        self.dt_bias = self.add_bias("dt_bias", (units,), inverse_softplus(self.log_steps))
        self.a_log = self.add_weight(name="a_log", shape=(units, n), initializer=Constant(np.log(np.arange(1, n + 1))))
        self.d = self.add_weight(name="d", shape=(units,), initializer="ones")

    def gates_of(self, u: Tensor) -> list[Tensor]:
        rank, n = self.dt_kernel.shape[0], self.d_state
        low, b, c = ops.split(self.affine(u, self.kernel), [rank, rank + n], axis=-1)
        return [self.affine(low, self.dt_kernel, self.dt_bias), b, c, u]

    def scan(
        self, inputs: Tensor, states: Sequence[Tensor], mask: Tensor | None, begins: Tensor | None = None
    ) -> Scanned | None:
        """All steps at once, or None where the loop is faster."""
        if keras.backend.backend() == "tensorflow" and self.units * self.d_state >= _LOOPED_FROM:
            return None
        return super().scan(inputs, states, mask, begins)

    def recurrence(self, d: Tensor, b: Tensor, c: Tensor, u: Tensor) -> tuple[tuple[Tensor], tuple[Tensor]]:
        d = softplus(d)
        rate, a = full_precision((d, ops.exp(self.a_log)))
        decay = ops.exp(-ops.expand_dims(rate, -1) * a)
        increment = ops.expand_dims(d * u, -1) * ops.expand_dims(b, -2)
        return (self._flat(decay),), (self._flat(increment),)

    def readout(self, gates: Sequence[Tensor], *s: Tensor) -> Tensor:
        _, _, c, u = gates
        rows = ops.reshape(s[0], (*ops.shape(u), self.d_state))
        return ops.sum(rows * ops.expand_dims(c, -2), axis=-1) + self.d * u

    def _flat(self, rows: Tensor) -> Tensor:
        return ops.reshape(rows, (*ops.shape(rows)[:-2], self.units * self.d_state))


SelectiveSSM = recurrent_layer(SelectiveSSMCell)
