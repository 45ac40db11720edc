"""Recurrent network with an orthogonal matrix."""

from typing import Any

from keras import ops

from rnnkit.cells._expm import cayley, expm
from rnnkit.cells._initializers import ROTATIONS
from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_config import anew
from rnnkit.layers.cell_layer import recurrent_layer

_MAPS = {"exp": expm, "cayley": cayley}
_BIAS = {"class_name": "RandomUniform", "config": {"minval": -0.01, "maxval": 0.01}}


class ExpRNNCell(RecurrentCell):
    """expRNN: a plain recurrence whose recurrent matrix stays orthogonal, whatever is learnt.

    Why: an orthogonal matrix keeps the length of h and of every gradient, over any number of steps. As the exponential
    of a skew-symmetric matrix it is learnt by plain gradient descent, each step of which ends at an orthogonal one.

    Use it when: dependencies are long and exact, as in copying or in reading an image pixel by pixel. Its authors
    train U at a tenth of the learning rate.

    Equations:
        A = U - U^T
        Q = exp(A)                           or (I + A)^-1 (I - A)
        z = W x + Q h'
        h = sign(z) * relu(|z| + b)          modReLU

    Gates: z. U is `recurrent_kernel`. Q is made once a sequence, and an exported file holds Q itself. `activation` is
    not used.

    Args:
        map: From A to Q: "exp", or "cayley" as in scoRNN, which makes no Q that turns a direction around.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import ExpRNN
    >>> ExpRNN(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Lezcano-Casado & Martinez-Rubio, Cheap Orthogonal Constraints in Neural Networks, ICML 2019 (arXiv:1901.08428);
        cayley: Helfrich, Willmott & Ye, Orthogonal Recurrent Neural Networks with Scaled Cayley Transform, ICML 2018
        (arXiv:1707.09520), without its matrix of signs.
    """

    family = "dynamical"
    gate_names = ("z",)

    def __init__(
        self,
        units: int,
        *,
        map: str = "exp",
        kernel_initializer: Any = "he_normal",
        recurrent_initializer: Any = ROTATIONS,
        bias_initializer: Any = _BIAS,
        **shared: Any,
    ) -> None:
        given = {"kernel_initializer": kernel_initializer, "recurrent_initializer": recurrent_initializer}
        super().__init__(units, **given, bias_initializer=bias_initializer, **shared)
        if map not in _MAPS:
            raise RnnkitError(f"map is {map!r}; expected one of {', '.join(_MAPS)}.{did_you_mean(map, _MAPS)}")
        self.map = map

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_kernel("kernel", (input_shape[-1], self.units))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel",
            shape=(self.units, self.units),
            initializer=anew(self.recurrent_initializer),
            regularizer=self.recurrent_regularizer,
            autocast=False,
        )
        self.recurrent_names.append("recurrent_kernel")
        self.bias = self.add_bias("bias", (self.units,))
        self.built = True

    def prepare(self) -> Tensor:
        u = ops.convert_to_tensor(self.recurrent_kernel)
        return _MAPS[self.map](u - ops.transpose(u))

    def project(self, x: Tensor) -> Tensor:
        return self.affine(x, self.kernel)

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        z = ops.add(x, self.recur(h, self.prepared()))  # in Q's precision: a rounded Q would stretch h at every step
        size = ops.relu(ops.abs(z) if self.bias is None else ops.add(ops.abs(z), self.bias))
        signed = ops.where(z > 0, size, ops.where(z < 0, -size, ops.zeros_like(z)))  # microcontrollers have no sign
        return (ops.cast(signed, h.dtype),)


ExpRNN = recurrent_layer(ExpRNNCell)
