"""Structurally constrained recurrent network."""

from typing import Any

from keras import ops

from rnnkit.cells._constants import check_share, check_whole
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class SCRNCell(RecurrentCell):
    """Structurally constrained network: a plain RNN beside a slow memory that fades at a fixed pace.

    Why: the slow units s are a fading average of the inputs, through which gradients come back unchanged in direction;
    the fast units h keep the details. It takes no gates.

    Use it when: a text's topic matters as well as its last words, in small language models.

    Equations:
        s = (1 - alpha) * B x + alpha * s'
        h = sigmoid(A x + P s + R h' + b)
        y = [h, s]

    Gates: h. A is `kernel`, B is `context_kernel`, P is `context_to_hidden`, R is `recurrent_kernel`. y, of `units` +
    `context_units` numbers, is what the paper's softmax reads. The next step reads h and s.

    Args:
        alpha: How much of s stays, from 0 up to, not including, 1.
        context_units: Width of s; None is a quarter of `units`.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import SCRN
    >>> SCRN(8, context_units=4)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 12])

    Reference:
        Mikolov et al., Learning Longer Memory in Recurrent Neural Networks, ICLR Workshop 2015 (arXiv:1412.7753).
    """

    family = "clocks"
    state_names = ("y", "h", "s")
    idle_states = ("y",)

    def __init__(
        self,
        units: int,
        *,
        alpha: float = 0.95,
        context_units: int | None = None,
        activation: Any = "sigmoid",
        **shared: Any,
    ) -> None:
        super().__init__(units, activation=activation, **shared)
        self.alpha = check_share("alpha", alpha)
        self.context_units = check_whole("context_units", context_units, "units / 4")

    @property
    def state_size(self) -> list[int]:
        slow = self.context_units or max(1, self.units // 4)
        return [self.units + slow, self.units, slow]

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        slow = self.state_size[2]
        self.context_kernel = self.add_kernel("context_kernel", (input_shape[-1], slow))
        self.context_to_hidden = self.add_kernel("context_to_hidden", (slow, self.units))

    def project(self, x: Tensor) -> Tensor:
        return ops.concatenate([super().project(x), self.affine(x, self.context_kernel)], axis=-1)

    def sample_recurrent_mask(self, *leading: Any) -> Tensor:
        return super().sample_recurrent_mask(*leading)[..., : self.units]

    def step(self, x: Tensor, y: Tensor, h: Tensor, s: Tensor) -> tuple[Tensor, ...]:
        s = (1 - self.alpha) * x[..., self.units :] + self.alpha * s
        h = self.activation(x[..., : self.units] + self.affine(s, self.context_to_hidden) + self.recur(h))
        return ops.concatenate([h, s], axis=-1), h, s


SCRN = recurrent_layer(SCRNCell)
