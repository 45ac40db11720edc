"""Light gated recurrent unit for speech."""

from typing import Any

from rnnkit.cells._layer_norm import layer_norm
from rnnkit.errors import RnnkitError
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class LiGRUCell(RecurrentCell):
    """Light GRU: no reset gate, and relu for the candidate.

    Why: a third fewer weights than a GRU. The reset gate is of little use in speech, where neighbouring steps are
    alike; relu learns long dependencies better once its input is normalised.

    Use it when: features come in frames, as in speech. Without `input_norm`, clip gradients: relu is unbounded.

    Equations:
        z = sigmoid(N(Wz x) + Uz h')
        g = relu(N(Wg x) + Ug h')
        h = z * h' + (1 - z) * g
        N(v) = v + b                        with input_norm=None
        N(v) = gain * standardised(v) + b   with input_norm="layer"

    Gates: z, g. The paper's N is batch normalisation, whose statistics a cell does not keep.

    Args:
        input_norm: N: None, or "layer" for layer normalisation of W x over both gates.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import LiGRU
    >>> LiGRU(8, input_norm="layer")(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Ravanelli et al., Light Gated Recurrent Units for Speech Recognition, IEEE TETCI 2(2), 2018 (arXiv:1803.10225).
    """

    family = "light"
    gate_names = ("z", "g")
    chrono_gates = {"z": 1}

    def __init__(self, units: int, *, input_norm: str | None = None, activation: Any = "relu", **shared: Any) -> None:
        super().__init__(units, activation=activation, **shared)
        if input_norm not in (None, "layer"):
            raise RnnkitError(f"input_norm is {input_norm!r}; expected 'layer' or None.")
        self.input_norm = input_norm

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        if self.input_norm:
            self.input_gain = self.add_weight(name="input_gain", shape=(2 * self.units,), initializer="ones")

    def project(self, x: Tensor) -> Tensor:
        if not self.input_norm:
            return super().project(x)
        return layer_norm(self.affine(x, self.kernel), self.input_gain, self.bias)

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        z, g = self.gates(x + self.recur(h))
        z = self.recurrent_activation(z)
        return (z * h + (1 - z) * self.activation(g),)


LiGRU = recurrent_layer(LiGRUCell)
