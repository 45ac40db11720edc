"""Recurrent network whose state stays among its embedded inputs."""

from typing import Any

from keras import ops

from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class MinimalRNNCell(RecurrentCell):
    """MinimalRNN: the input is embedded first, and one gate says how much of the embedding enters the state.

    Why: the state is an average of the embedded inputs and so stays in their space, which makes the dynamics easy to
    analyse; only the gate sees the state.

    Use it when: you want to understand what a gated network does, or one cheaper than a GRU.

    Equations:
        z = tanh(Wz x + bz)
        u = sigmoid(Uz z + Uh h' + bu)
        h = u * h' + (1 - u) * z

    Gates: z, u (biases). W is `kernel`, Uz is `embedding_kernel`, Uh is `recurrent_kernel`.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import MinimalRNN
    >>> MinimalRNN(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Chen, MinimalRNN: Toward More Interpretable and Trainable Recurrent Neural Networks, 2017 (arXiv:1711.06788).
    """

    family = "light"
    gate_names = ("z", "u")
    chrono_gates = {"u": 1}

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_kernel("kernel", (input_shape[-1], self.units))
        self.embedding_kernel = self.add_kernel("embedding_kernel", (self.units, self.units))
        self.recurrent_kernel = self.add_recurrent("recurrent_kernel", (self.units, self.units))
        self.bias = self.add_bias("bias", (2 * self.units,))
        self.built = True

    def project(self, x: Tensor) -> Tensor:
        bz, bu = (None, None) if self.bias is None else self.gates(ops.convert_to_tensor(self.bias))
        z = self.activation(self.affine(x, self.kernel, bz))
        return ops.concatenate([z, self.affine(z, self.embedding_kernel, bu)], axis=-1)

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        z, u = self.gates(x)
        u = self.recurrent_activation(u + self.recur(h))
        return (self.blend(u, h, z),)


MinimalRNN = recurrent_layer(MinimalRNNCell)
