"""The LSTM as four gates over a long-term and a short-term memory."""

from typing import Any

from rnnkit.cells.lstm import LSTMCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class UdacityLSTMCell(LSTMCell):
    """The LSTM as it is taught with a learn, a forget, a remember and a use gate.

    Why: the story is easier than the LSTM's, and it is another cell. What is used is worked out from the memory after
    forgetting and before learning, through a matrix Wu of its own; new knowledge shows in the output a step later.

    Use it when: you follow the lessons it comes from. Otherwise `lstm` does the same with a quarter fewer weights.

    Equations:
        N = tanh(Wn [STM', x] + bn)
        i = sigmoid(Wi [STM', x] + bi)          learn: N * i
        f = sigmoid(Wf [STM', x] + bf)          forget: LTM' * f
        LTM = LTM' * f + N * i                  remember
        U = tanh(Wu (LTM' * f) + bu)
        V = sigmoid(Wv [STM', x] + bv)
        STM = U * V                             use

    Gates: n, i, f, v. Their columns of `kernel` meet x, those of `recurrent_kernel` meet STM'. Wu is `use_kernel`, bu
    is `use_gate_bias`. STM is the output.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import UdacityLSTM
    >>> UdacityLSTM(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Udacity, Deep Learning Nanodegree, lesson on long short-term memory networks, 2018.
    """

    state_names = ("stm", "ltm")
    gate_names = ("n", "i", "f", "v")
    keras_layer = None  # type: ignore[assignment]  # cuDNN's output gate has no matrix of its own

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.use_kernel = self.add_recurrent("use_kernel", (self.units, self.units))
        self.use_gate_bias = self.add_bias("use_gate_bias", (self.units,), self.bias_initializer)

    def step(self, x: Tensor, stm: Tensor, ltm: Tensor) -> tuple[Tensor, Tensor]:
        n, i, f, v = self.gates(x + self.recur(stm))
        kept = ltm * self.recurrent_activation(f)
        learnt = self.activation(n) * self.recurrent_activation(i)
        u = self.recur(kept, self.use_kernel)
        if self.use_gate_bias is not None:
            u = u + self.use_gate_bias
        return self.activation(u) * self.recurrent_activation(v), kept + learnt


UdacityLSTM = recurrent_layer(UdacityLSTMCell)
