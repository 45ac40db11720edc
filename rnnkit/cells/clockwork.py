"""Clockwork network."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from rnnkit.errors import RnnkitError
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer

SMALL_NORMAL = {"class_name": "RandomNormal", "config": {"mean": 0.0, "stddev": 0.1}}


class ClockworkCell(RecurrentCell):
    """Clockwork network: modules of units that run at clocks of their own, each a whole number of steps.

    Why: a module that steps every 8th time step has an 8 times shorter way to the past. Slow modules keep the
    context and feed the faster ones; the fast ones, which follow the details, do not disturb them.

    Use it when: the signal has slow and fast parts (sound, sensors, music).

    Equations:
        h[i] = tanh(W[i] x + sum over j >= i of U[i, j] h'[j] + b[i])    where t mod T[i] = 0
        h[i] = h'[i]                                                     else

    Gates: none. `recurrent_kernel_i` is U[i, i], U[i, i+1] and so on, one above the other: what module i hears from.
    The state t counts steps, modulo T[i] for each module, so that half precision counts right; at 0 the module runs.

    Args:
        periods: T, whole numbers that grow. The units are shared out evenly; what is left over goes to the fastest.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import Clockwork
    >>> Clockwork(9, periods=[1, 4, 16])(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 9])

    Reference:
        Koutnik et al., A Clockwork RNN, ICML 2014 (arXiv:1402.3511).
    """

    family = "clocks"
    state_names = ("h", "t")
    idle_states = ("t",)

    def __init__(
        self,
        units: int,
        *,
        periods: Sequence[int] = (1, 2, 4, 8),
        kernel_initializer: Any = SMALL_NORMAL,
        recurrent_initializer: Any = SMALL_NORMAL,
        **shared: Any,
    ) -> None:
        given = {"kernel_initializer": kernel_initializer, "recurrent_initializer": recurrent_initializer}
        super().__init__(units, **given, **shared)
        self.periods = [int(period) for period in periods]
        if not self.periods or self.periods[0] < 1 or sorted(set(self.periods)) != list(periods):
            raise RnnkitError(f"periods is {periods}; expected whole numbers that grow, for example [1, 2, 4, 8].")
        if units < len(self.periods):
            raise RnnkitError(f"{units} units for {len(self.periods)} periods; expected a unit for each, or more.")
        exact = {"float16": 2048, "bfloat16": 256}.get(self.compute_dtype)
        if exact and self.periods[-1] > exact:
            raise RnnkitError(f"{self.compute_dtype} counts to {exact}; the period {self.periods[-1]} is too long.")

    @property
    def state_size(self) -> list[int]:
        return [self.units, len(self.periods)]

    def build(self, input_shape: Any) -> None:
        modules = np.array_split(np.arange(self.units), len(self.periods))
        self.kernel = self.add_kernel("kernel", (input_shape[-1], self.units))
        self.starts = [int(module[0]) for module in modules]
        self.recurrent_kernels = [
            self.add_recurrent(f"recurrent_kernel_{i}", (self.units - start, len(module)))
            for i, (start, module) in enumerate(zip(self.starts, modules, strict=True))
        ]
        self.bias = self.add_bias("bias", (self.units,))
        self.clock_of_unit = np.repeat(np.arange(len(modules)), [len(module) for module in modules])
        self.built = True

    def step(self, x: Tensor, h: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        heard = self.drop(h)
        slower = [
            self.affine(heard[:, start:], U) for start, U in zip(self.starts, self.recurrent_kernels, strict=True)
        ]
        new = self.activation(x + ops.concatenate(slower, axis=-1))
        strikes = ops.take(t, self.clock_of_unit, axis=-1) < 0.5  # [batch, units]
        last = t > ops.cast(self.periods, t.dtype) - 1.5
        return ops.where(strikes, new, h), ops.where(last, ops.zeros_like(t), t + 1)


Clockwork = recurrent_layer(ClockworkCell)
