"""Recurrent network with a highway through time and one through depth."""

from typing import Any

from keras import ops

from rnnkit.cells._first_biases import add_first_biases
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class IntersectionRNNCell(RecurrentCell):
    """Intersection RNN: one gate carries the state on through time, another carries the input on to the next layer.

    Why: gradients meet two highways, one along each axis of a stack, so that deep stacks can be trained.

    Use it when: you stack many layers, and can make the input as wide as the state.

    Equations:
        z = relu(Wz x + Uz h' + bz)
        g = tanh(Wg x + Ug h' + bg)
        p = sigmoid(Wp x + Up h' + bp)
        q = sigmoid(Wq x + Uq h' + bq)
        y = p * x + (1 - p) * z            where x is as wide as y
        y = p * Wx x + (1 - p) * z         else
        h = q * h' + (1 - q) * g

    Gates: z, g, p, q (the paper's y_in, h_in, g_y and g_h), and x where it is not as wide as y. The next step reads h,
    not y.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import IntersectionRNN
    >>> IntersectionRNN(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Collins, Sohl-Dickstein & Sussillo, Capacity and Trainability in Recurrent Neural Networks, ICLR 2017
        (arXiv:1611.09913).
    """

    family = "gru"
    state_names = ("y", "h")
    gate_names = ("z", "g", "p", "q", "x")
    idle_states = ("y",)
    chrono_gates = {"q": 1}

    def build(self, input_shape: Any) -> None:
        gates = 4 if input_shape[-1] == self.units else 5
        self.kernel = self.add_kernel("kernel", (input_shape[-1], gates * self.units))
        self.recurrent_kernel = self.add_recurrent("recurrent_kernel", (self.units, 4 * self.units))
        self.bias = self.add_bias("bias", (4 * self.units,))
        self.built = True

    def project(self, x: Tensor) -> Tensor:
        wide = add_first_biases(self.affine(x, self.kernel), self.bias)
        return ops.concatenate([wide, x], axis=-1) if x.shape[-1] == self.units else wide

    def step(self, x: Tensor, y: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        *entering, x = self.gates(x)
        z, g, p, q = (one + other for one, other in zip(entering, ops.split(self.recur(h), 4, axis=-1), strict=True))
        p, q = self.recurrent_activation(p), self.recurrent_activation(q)
        return self.blend(p, x, ops.relu(z)), self.blend(q, h, self.activation(g))


IntersectionRNN = recurrent_layer(IntersectionRNNCell)
