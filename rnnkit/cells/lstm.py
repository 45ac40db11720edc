"""Long short-term memory with a forget gate."""

from typing import Any, ClassVar

import keras
from keras import ops

from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class LSTMCell(RecurrentCell):
    """Long short-term memory with a forget gate: a memory that is added to, not multiplied through.

    Why: the memory c passes from step to step through f * c' alone, so where f stays near 1 the gradient neither
    vanishes nor explodes. The forget gate's bias starts at 1 (Jozefowicz et al. 2015) for just that.

    Use it when: you do not know which cell to take. It is the safest choice, and the one with fast kernels everywhere.

    Equations:
        i = sigmoid(Wi x + Ui h' + bi)
        f = sigmoid(Wf x + Uf h' + bf)
        g = tanh(Wg x + Ug h' + bg)
        o = sigmoid(Wo x + Uo h' + bo)
        c = f * c' + i * g
        h = o * tanh(c)

    Gates: i, f, g, o (Keras's order, so weights can be exchanged with `keras.layers.LSTM`).

    Args:
        unit_forget_bias: Whether the forget gate's bias starts at 1.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import LSTM
    >>> LSTM(8, bidirectional=True)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 16])

    Reference:
        Hochreiter & Schmidhuber, Long Short-Term Memory, Neural Computation 9(8), 1997;
        Gers, Schmidhuber & Cummins, Learning to Forget, Neural Computation 12(10), 2000.
    """

    family = "lstm"
    state_names: ClassVar[tuple[str, ...]] = ("h", "c")
    gate_names: ClassVar[tuple[str, ...]] = ("i", "f", "g", "o")
    chrono_gates = {"f": 1, "i": -1}

    def __init__(self, units: int, *, unit_forget_bias: bool = True, **shared: Any) -> None:
        super().__init__(units, **shared)
        self.unit_forget_bias = unit_forget_bias

    def add_bias(self, name: str, shape: Any, initializer: Any = None) -> Any:
        if self.unit_forget_bias and initializer is None:
            initializer = forget_bias(self.bias_initializer, self.units, self.gate_names.index("f"))
        return super().add_bias(name, shape, initializer)

    def step(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        i, f, g, o = self.gates(x + self.recur(h))
        i, f, o = self.recurrent_activation(i), self.recurrent_activation(f), self.recurrent_activation(o)
        c = f * c + i * self.activation(g)
        return o * self.activation(c), c

    def keras_layer(self, **arguments: Any) -> tuple[keras.layers.Layer, list[Tensor]]:
        """The Keras layer of the same mathematics and its weights: on a GPU it runs cuDNN's kernel."""
        layer = keras.layers.LSTM(self.units, use_bias=self.use_bias, **arguments)
        return layer, [weight for weight in (self.kernel, self.recurrent_kernel, self.bias) if weight is not None]


def forget_bias(initializer: Any, units: int, position: int) -> Any:
    """An initialiser for `[gates * units]` that puts ones at the forget gate, the block at `position`."""

    def initialize(shape: Any, dtype: Any = None) -> Tensor:
        ones = ops.ones((units,), dtype=dtype)
        before = initializer((position * units,), dtype=dtype)
        after = initializer((shape[0] - (position + 1) * units,), dtype=dtype)
        return ops.concatenate([before, ones, after], axis=0)

    return initialize


LSTM = recurrent_layer(LSTMCell)
