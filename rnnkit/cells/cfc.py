"""Closed-form continuous-time network."""

from typing import Any

from keras import ops

from rnnkit.cells._constants import check_whole
from rnnkit.cells._elapsed import ElapsedCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class CfCCell(ElapsedCell):
    """Closed-form continuous-time network: the state slides from one candidate to another as time goes by.

    Why: a liquid network is a differential equation that a solver follows in many small steps. This is an approximate
    solution in one step, in which the elapsed time t stands as a number, so gaps of any length cost the same.

    Use it when: steps come at irregular times, and what was seen means less, or something else, after a while.

    Equations:
        z = 1.7159 tanh(0.666 (W x + U h' + b))          the backbone
        f = tanh(Wf z + bf)
        g = tanh(Wg z + bg)
        s = sigmoid((Wa z + ba) * t + Wb z + bb)
        h = (1 - s) * f + s * g                          f + s * g with gated=False

    Gates: f, g, a, b, the blocks of `head_kernel`. W, of `backbone_units` columns, is `kernel`.

    Args:
        backbone_units: Width of z; None is twice `units`.
        gated: Whether f fades as g comes up.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import CfC
    >>> CfC(8, time="last")(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Hasani et al., Closed-form continuous-time neural networks, Nature Machine Intelligence 4, 2022
        (arXiv:2106.13898).
    """

    gate_names = ("f", "g", "a", "b")

    def __init__(
        self,
        units: int,
        *,
        backbone_units: int | None = None,
        gated: bool = True,
        recurrent_initializer: Any = "glorot_uniform",
        **shared: Any,
    ) -> None:
        super().__init__(units, recurrent_initializer=recurrent_initializer, **shared)
        self.backbone_units, self.gated = check_whole("backbone_units", backbone_units, "twice the units"), gated

    def build(self, input_shape: Any) -> None:
        backbone = self.backbone_units or 2 * self.units
        self.kernel = self.add_kernel("kernel", (self.features_of(input_shape), backbone))
        self.recurrent_kernel = self.add_recurrent("recurrent_kernel", (self.units, backbone))
        self.bias = self.add_bias("bias", (backbone,))
        self.head_kernel = self.add_kernel("head_kernel", (backbone, 4 * self.units))
        self.head_bias = self.add_bias("head_bias", (4 * self.units,))
        self.built = True

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        x, elapsed = self.elapsed(x)
        z = 1.7159 * ops.tanh(0.666 * (x + self.recur(h)))
        f, g, a, b = self.gates(self.affine(z, self.head_kernel, self.head_bias))
        s = self.recurrent_activation(a * elapsed + b)
        f = self.activation(f)
        return ((1 - s) * f + s * self.activation(g) if self.gated else f + s * self.activation(g),)


CfC = recurrent_layer(CfCCell)
