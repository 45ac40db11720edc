"""LSTM whose units open at rhythms of their own."""

import math
from typing import Any

import keras
from keras import ops

from rnnkit.cells._constants import check_positive, check_share
from rnnkit.cells._elapsed import ElapsedCell
from rnnkit.cells.peephole_lstm import PeepholeLSTMCell
from rnnkit.errors import RnnkitError
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class PhasedLSTMCell(ElapsedCell, PeepholeLSTMCell):
    """Phased LSTM: a clock in each unit opens it for a short part of its period, and else it keeps its memory.

    Why: a unit that is open a twentieth of the time is written to twenty times less, so it remembers longer, and its
    gradient comes back over fewer steps. Clocks tell the time that passed, not steps, so any sampling will do.

    Use it when: events come at irregular times, from sensors of different rates, or rhythms matter.

    Equations:
        (c~, h~) = LSTM(x, h', c')       with peepholes
        t = t' + elapsed                 the time since the step before
        phi = t / tau - s                without its whole part
        k = 1 - |2 phi / r - 1|          where phi < r, else leak * phi
        c = k * c~ + (1 - k) * c'
        h = k * h~ + (1 - k) * h'

    Gates: i, f, g, o and k. The rows of `clock` are log(tau) and s. The state t holds t / tau of each unit without its
    whole part, as a number and, for half precision, its rounding error.

    Args:
        open_ratio: r, the share of its period for which a unit is open.
        leak: How far a closed unit opens, at most: without, it would have no gradient. The paper sets it to 0 after
            training; here it stays, so that what was trained is what runs.
        shortest_period: tau starts between this and the next, evenly on a logarithmic scale.
        longest_period: In steps, or in the unit of the times.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import PhasedLSTM
    >>> PhasedLSTM(8, time="last")(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Neil, Pfeiffer & Liu, Phased LSTM: Accelerating Recurrent Network Training for Long or Event-based Sequences,
        NeurIPS 2016 (arXiv:1610.09513).
    """

    state_names = ("h", "c", "t")
    idle_states = ("t",)

    def __init__(
        self,
        units: int,
        *,
        open_ratio: float = 0.05,
        leak: float = 0.001,
        shortest_period: float = 1.0,
        longest_period: float = 400.0,
        **shared: Any,
    ) -> None:
        super().__init__(units, **shared)
        check_positive(open_ratio=open_ratio, leak=leak, shortest_period=shortest_period)
        check_positive(longest_period=longest_period)
        if longest_period < shortest_period:
            raise RnnkitError(f"longest_period is {longest_period!r}; expected {shortest_period!r} or more.")
        self.open_ratio, self.leak = check_share("open_ratio", open_ratio), check_share("leak", leak)
        self.shortest_period, self.longest_period = shortest_period, longest_period

    @property
    def state_size(self) -> list[int]:
        return [self.units, self.units, 2 * self.units]

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.clock = self.add_weight(name="clock", shape=(2, self.units), initializer=self._spread, autocast=False)

    def _spread(self, shape: Any, dtype: Any = None) -> Tensor:
        low, high = math.log(self.shortest_period), math.log(self.longest_period)
        period, shift = ops.unstack(keras.random.uniform(shape, dtype=dtype, seed=self.seed), 2)
        return ops.stack([low + (high - low) * period, shift])

    def step(  # type: ignore[override]  # a state more than an LSTM has
        self, x: Tensor, h: Tensor, c: Tensor, t: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        x, elapsed = self.elapsed(x)
        new_h, new_c = super().step(x, h, c)
        clock = ops.convert_to_tensor(self.clock)  # in float32 at least, as is what follows
        log_period, shift = ops.unstack(clock, 2)
        coarse, fine = ops.split(ops.cast(t, clock.dtype), 2, axis=-1)
        now = ops.mod(coarse + fine + ops.cast(elapsed, clock.dtype) * ops.exp(-log_period), 1.0)
        phase = ops.mod(now - shift, 1.0)
        opening = 1 - ops.abs(2 * phase / self.open_ratio - 1)
        k = ops.cast(ops.where(phase < self.open_ratio, opening, self.leak * phase), h.dtype)
        coarse = ops.cast(now, t.dtype)
        fine = ops.cast(now - ops.cast(coarse, clock.dtype), t.dtype)
        return k * new_h + (1 - k) * h, k * new_c + (1 - k) * c, ops.concatenate([coarse, fine], axis=-1)


PhasedLSTM = recurrent_layer(PhasedLSTMCell)
