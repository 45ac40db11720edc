"""The recurrence of RWKV, version 4."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops
from keras.initializers import Constant

from rnnkit.cells._linear import LinearCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer
from rnnkit.layers.linear_recurrence import linear_recurrence, running_maximum
from rnnkit.layers.pooling import last_shown, lowest
from rnnkit.layers.scanning import Scanned, over_time


class RWKV4Cell(LinearCell):
    """RWKV-4: attention without queries; each value counts for exp of its key, and for less with every step.

    Why: a weighted mean of all values so far, as attention gives, from two sums that are carried along. Keys are
    exponents, so one input can outweigh all that came before it, and learnt decays set how long each unit looks back.

    Use it when: you would take attention, and a step must cost the same however long the text is. The paper's block
    also mixes in the input before (token shift) and ends in a matrix: for the like, put `keras.layers.Conv1D(units, 2,
    padding="causal")` before it and give `block=2`.

    Equations:
        k = Wk x
        v = Wv x
        r = sigmoid(Wr x)
        y = r * (A' + exp(u + k) * v) / (B' + exp(u + k))
        A = exp(-exp(w)) * A' + exp(k) * v
        B = exp(-exp(w)) * B' + exp(k)

    Gates: k, v, r; without biases unless `use_bias=True`. w is `decay`, u is `bonus`, for the newest value. The states
    are y, and A and B as a = A exp(-m), b = B exp(-m) and m = max(m' - exp(w), k), at the first step k: so no
    exponential is above 1. They start at 0, where b' = 0 tells the first step. Zoneout means nothing here, since a and
    b are worth something only together with their m.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import RWKV4
    >>> RWKV4(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Peng et al., RWKV: Reinventing RNNs for the Transformer Era, Findings of EMNLP 2023 (arXiv:2305.13048), section
        3 and appendix D.
    """

    state_names = ("y", "a", "b", "m")
    gate_names = ("k", "v", "r")
    idle_states = ("y",)
    zero_start = ("a", "b", "m")
    refuses = ("recurrent_dropout", "zoneout")

    def __init__(self, units: int, *, use_bias: bool = False, **shared: Any) -> None:
        super().__init__(units, use_bias=use_bias, **shared)

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        place = np.arange(self.units)
        decay = -5 + 8 * (place / max(self.units - 1, 1)) ** 0.7  # as the authors' first layer
        bonus = np.log(0.3) + 0.5 * ((place + 1) % 3 - 1)
        self.decay = self.add_weight(name="decay", shape=(self.units,), initializer=Constant(decay))
        self.bonus = self.add_weight(name="bonus", shape=(self.units,), initializer=Constant(bonus))

    def step(self, x: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        k, v, r = self.gates(x)
        _, a, b, m = states
        m = self._seen(b, m)
        y = self._output(k, v, r, a, b, m)
        kept = m - ops.exp(self.decay)
        m = ops.stop_gradient(ops.maximum(kept, k))  # it cancels in y, whose gradient so needs none through it
        old, new = ops.exp(kept - m), ops.exp(k - m)
        return y, old * a + new * v, old * b + new, m

    def scan(
        self, inputs: Tensor, states: Sequence[Tensor], mask: Tensor | None, begins: Tensor | None = None
    ) -> Scanned | None:
        k, v, r = over_time(self.project_gates, inputs)
        _, a, b, m = states
        first = ops.expand_dims(self._seen(b, m), 0)
        decay = -ops.exp(self.decay) * ops.ones_like(k)
        key = k
        if mask is not None:
            decay = ops.where(mask, decay, ops.zeros_like(k))
            key = ops.where(mask, k, ops.full_like(k, lowest(k.dtype)))
        if begins is not None:
            decay = ops.where(begins, ops.full_like(k, lowest(k.dtype)), decay)
        tops = running_maximum(decay, key, first[0])
        before = ops.concatenate([first, tops[:-1]], axis=0)
        old, new = ops.exp(before + decay - tops), ops.exp(key - tops)
        if mask is not None:
            new = ops.where(mask, new, ops.zeros_like(new))  # where nothing has been seen, tops is as low as key
        both = ops.concatenate([old, old], axis=-1), ops.concatenate([new * v, new], axis=-1)
        start = ops.concatenate([a, b], axis=-1)
        (sums,) = linear_recurrence((both[0],), (both[1],), (start,))
        earlier = ops.concatenate([ops.expand_dims(start, 0), sums[:-1]], axis=0)
        if begins is not None:
            earlier = ops.where(begins, ops.zeros_like(earlier), earlier)
            before = ops.where(begins, ops.full_like(before, lowest(k.dtype)), before)
        a, b = ops.split(earlier, 2, axis=-1)
        y = self._output(k, v, r, a, b, before)
        top = tops[-1] if mask is None else ops.where(ops.any(mask, axis=0), tops[-1], m)
        return y, (last_shown(y, states[0], mask), *ops.split(sums[-1], 2, axis=-1), top)

    def _seen(self, b: Tensor, m: Tensor) -> Tensor:
        """m, or below all keys where nothing has been seen."""
        return ops.where(ops.equal(b, 0), ops.full_like(m, lowest(m.dtype)), m)

    def _output(self, k: Tensor, v: Tensor, r: Tensor, a: Tensor, b: Tensor, m: Tensor) -> Tensor:
        """y from the gates and the old states."""
        newest = self.bonus + k
        top = ops.maximum(m, newest)
        old, new = ops.exp(m - top), ops.exp(newest - top)
        return self.recurrent_activation(r) * (old * a + new * v) / (old * b + new)


RWKV4 = recurrent_layer(RWKV4Cell)
