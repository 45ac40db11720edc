"""Real-gated linear recurrent unit."""

from typing import Any

import keras
from keras import ops

from rnnkit.cells._constants import check_positive, check_whole
from rnnkit.cells._entry import EntryCell
from rnnkit.cells._initializers import FAN_IN_NORMAL
from rnnkit.errors import RnnkitError
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer
from rnnkit.layers.linear_recurrence import full_precision

#: What 1 - a^2 is held above: keeps the gradient of its root within 1,000, as the authors' code does.
_LEAST = 2.5e-7


class RGLRUCell(EntryCell):
    """RG-LRU: the linear recurrence of Griffin, whose gate can keep a memory as it is while inputs pass by.

    Why: the gates do not look at h', so all steps run at once. r near 0 keeps h as it is and shuts the input out in the
    same move; sqrt(1 - a^2) keeps h as large as its input, however slowly it forgets.

    Use it when: texts or signals are long, and a device must answer step by step. It mixes units through its gates
    alone: stack two or more with `block=2`, which has dense layers around each as Griffin's block does.

    Equations:
        i = sigmoid(Wi u + bi)
        r = sigmoid(Wr u + br)
        a = exp(-c * r * softplus(decay))
        h = a * h' + sqrt(1 - a^2) * i * u
        u = x where x is as wide as h, else W x

    Gates: i, r, and u. W is `entry_kernel`; `decay` is -Lambda of the paper. Its authors' code leaves sqrt(1 - a^2) out
    at the first step of a sequence; its equation makes no such exception, and neither does this cell.

    Args:
        heads: Number of parts of u with gates of their own, so that Wi and Wr are block-diagonal.
        c: How far r can lower a.
        r_min: Smallest a at the start, for r = 1.
        r_max: Largest a at the start, for r = 1.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import RGLRU
    >>> RGLRU(8, heads=2)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        De et al., Griffin: Mixing Gated Linear Recurrences with Local Attention for Efficient Language Models, 2024
        (arXiv:2402.19427), section 2.4.
    """

    gate_names = ("i", "r", "u")

    def __init__(
        self,
        units: int,
        *,
        heads: int = 1,
        c: float = 8.0,
        r_min: float = 0.9,
        r_max: float = 0.999,
        kernel_initializer: Any = FAN_IN_NORMAL,
        **shared: Any,
    ) -> None:
        super().__init__(units, kernel_initializer=kernel_initializer, **shared)
        if check_whole("heads", heads) and units % heads:
            raise RnnkitError(f"heads is {heads!r}; expected a number that divides the {units} units.")
        check_positive(c=c, r_min=r_min, r_max=r_max)
        if not r_min < r_max < 1:
            raise RnnkitError(f"r_min is {r_min!r} and r_max {r_max!r}; expected 0 < r_min < r_max < 1.")
        self.heads, self.c, self.r_min, self.r_max = heads, c, r_min, r_max

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.kernel = self.add_kernel("kernel", (self.units // self.heads, 2 * self.units))
        self.bias = self.add_bias("bias", (2 * self.units,))
        self.decay = self.add_weight(name="decay", shape=(self.units,), initializer=self._ring)

    def _ring(self, shape: Any, dtype: Any = None) -> Tensor:
        """softplus^-1(-log(a) / c) for a spread over a ring, evenly by area."""
        squared = keras.random.uniform(shape, self.r_min**2, self.r_max**2, seed=self.seed)
        return ops.cast(ops.log(ops.expm1(-0.5 * ops.log(squared) / self.c)), dtype)

    def gates_of(self, u: Tensor) -> list[Tensor]:
        parts = ops.split(u, self.heads, axis=-1) * 2
        kernels = ops.split(ops.convert_to_tensor(self.kernel), 2 * self.heads, axis=-1)
        both = ops.concatenate([self.affine(*each) for each in zip(parts, kernels, strict=True)], axis=-1)
        return [*ops.split(both if self.bias is None else both + self.bias, 2, axis=-1), u]

    def recurrence(self, i: Tensor, r: Tensor, u: Tensor) -> tuple[tuple[Tensor], tuple[Tensor]]:
        (log_a,) = full_precision((-self.c * self.recurrent_activation(r) * ops.softplus(self.decay),))
        half = ops.tanh(log_a)  # 1 - a^2 without the loss of digits near a = 1
        rest = ops.sqrt(ops.maximum(-2 * half / (1 - half), _LEAST))
        return (ops.exp(log_a),), (rest * ops.cast(self.recurrent_activation(i) * u, log_a.dtype),)


RGLRU = recurrent_layer(RGLRUCell)
