"""Diagonal structured state space."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops
from keras.initializers import Constant, RandomNormal

from rnnkit.cells._state_space import StateSpaceCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer
from rnnkit.layers.diagonal_system import diagonal_system
from rnnkit.layers.linear_recurrence import Number, times
from rnnkit.layers.pooling import last_shown
from rnnkit.layers.scanning import Scanned, over_time

_HALF = {"class_name": "RandomNormal", "config": {"stddev": math.sqrt(0.5)}}


class S4DCell(StateSpaceCell):
    """S4D: for each unit a state space of its own, diagonal, whose frequencies fill a band at the start.

    Why: the state of a unit takes the input apart into waves that fade, and reads out any filter of the past made of
    them. All steps at once are one convolution, with a kernel as long as the sequence.

    Use it when: the input is a signal, such as sound or a sensor's. It is linear and mixes no units: stack
    two or more with `block=2`.

    Equations:
        A = -exp(log_a) + i omega,  dt = exp(log_dt)
        s = exp(A dt) * s' + u               for each unit a row s of d_state / 2 complex numbers
        y = 2 Re(C (exp(A dt) - 1) / A * s) + D * u
        u = x where x is as wide as y, else W x

    Gates: u. `c` is C, its real and its imaginary part; W is `entry_kernel`. Of each pair of conjugate states one is
    kept, hence 2 Re. B, an input weight of each state, is 1: C has it in itself.

    Args:
        d_state: Width of each unit's state, an even number; half of it is computed.
        dt_min: Shortest step of a unit at the start, in the time of the differential equation.
        dt_max: Longest step of a unit at the start.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import S4D
    >>> S4D(8, d_state=16)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Gu et al., On the Parameterization and Initialization of Diagonal State Space Models, NeurIPS 2022
        (arXiv:2206.11893), S4D-Lin.
    """

    gate_names = ("u",)

    def __init__(self, units: int, *, recurrent_initializer: Any = _HALF, **shared: Any) -> None:
        super().__init__(units, recurrent_initializer=recurrent_initializer, **shared)
        self.half = self.require_pairs()

    @property
    def state_size(self) -> list[int]:
        return [self.units, self.units * self.half, self.units * self.half]

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        rows, omega = (self.units, self.half), math.pi * np.arange(self.half)
        self.log_dt = self.add_dynamics("log_dt", (self.units,), self.log_steps)
        self.log_a = self.add_dynamics("log_a", rows, Constant(math.log(0.5)))
        self.omega = self.add_dynamics("omega", rows, Constant(omega))
        self.c = self.add_recurrent("c", (2, *rows))
        start = RandomNormal(stddev=1.0, seed=self.seed)
        self.d = self.add_weight(name="d", shape=(self.units,), initializer=start)

    def prepare(self) -> tuple[Number, Number]:
        """exp(A dt) and C (exp(A dt) - 1) / A, `[units, d_state / 2]` each."""
        a, dt = self._a_and_dt()
        decay, gain = self.held(a, dt)
        return decay, times(tuple(ops.unstack(ops.convert_to_tensor(self.c))), gain)

    def _a_and_dt(self) -> tuple[Number, Tensor]:
        a = -ops.exp(self.log_a), ops.convert_to_tensor(self.omega)
        return a, ops.expand_dims(ops.exp(self.log_dt), -1)

    def recurrence(self, u: Tensor) -> tuple[Number, Number]:
        decay, _ = self.prepared()
        one = ops.ones((self.half,), dtype=u.dtype)
        increment = ops.reshape(ops.expand_dims(u, -1) * one, (*ops.shape(u)[:-1], self.units * self.half))
        return tuple(ops.reshape(part, (1, -1)) for part in decay), (increment, ops.zeros_like(increment))

    def readout(self, gates: Sequence[Tensor], *s: Tensor) -> Tensor:
        _, (real, imaginary) = self.prepared()
        rows = [ops.reshape(part, (*ops.shape(gates[0]), self.half)) for part in s]
        return 2 * ops.sum(real * rows[0] - imaginary * rows[1], axis=-1) + self.d * gates[0]

    def scan(
        self, inputs: Tensor, states: Sequence[Tensor], mask: Tensor | None, begins: Tensor | None = None
    ) -> Scanned | None:
        if begins is not None:  # a convolution knows one beginning
            return super().scan(inputs, states, mask, begins)
        (u,), (a, dt), (_, weights) = over_time(self.project_gates, inputs), self._a_and_dt(), self.prepared()
        exponent = tuple(part * dt for part in a)
        y, last = diagonal_system(exponent, weights, u, self._linear(states), mask)
        y = y + self.d * u
        return y, (last_shown(y, states[0], mask), *last)


S4D = recurrent_layer(S4DCell)
