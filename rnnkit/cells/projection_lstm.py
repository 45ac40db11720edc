"""LSTM whose output is narrower than its memory."""

from typing import Any

from rnnkit.cells._constants import check_whole
from rnnkit.cells.lstm import LSTMCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class ProjectionLSTMCell(LSTMCell):
    """LSTM with a projection (LSTMP): a wide memory c behind a narrow state h.

    Why: an LSTM's weights grow with units * units, because h is as wide as c. Squeezed through P, h can be narrow, and
    the same number of weights carries a memory several times as wide.

    Use it when: you want much memory in few weights, as in speech recognition or on a phone.

    Equations:
        i = sigmoid(Wi x + Ui h' + bi)
        f = sigmoid(Wf x + Uf h' + bf)
        g = tanh(Wg x + Ug h' + bg)
        o = sigmoid(Wo x + Uo h' + bo)
        c = f * c' + i * g
        h = P (o * tanh(c))

    Gates: i, f, g, o; no peepholes, which the paper has as well. P is `projection_kernel`. `units` is the width of c.

    Args:
        projection_units: Width of h, which is the output; None is half of `units`.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import ProjectionLSTM
    >>> ProjectionLSTM(8, projection_units=3)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 3])

    Reference:
        Sak, Senior & Beaufays, Long Short-Term Memory Based Recurrent Neural Network Architectures for Large
        Vocabulary Speech Recognition, 2014 (arXiv:1402.1128).
    """

    keras_layer = None  # type: ignore[assignment]  # Keras's LSTM has no projection

    def __init__(self, units: int, *, projection_units: int | None = None, **shared: Any) -> None:
        super().__init__(units, **shared)
        self.projection_units = check_whole("projection_units", projection_units, "units / 2")

    @property
    def state_size(self) -> list[int]:
        return [self.projection_units or max(1, self.units // 2), self.units]

    def build(self, input_shape: Any) -> None:
        outputs, columns = self.output_size, 4 * self.units
        self.kernel = self.add_kernel("kernel", (input_shape[-1], columns))
        self.recurrent_kernel = self.add_recurrent("recurrent_kernel", (outputs, columns))
        self.bias = self.add_bias("bias", (columns,))
        self.projection_kernel = self.add_recurrent("projection_kernel", (self.units, outputs))
        self.built = True

    def step(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        wide, c = super().step(x, h, c)
        return self.affine(wide, self.projection_kernel), c


ProjectionLSTM = recurrent_layer(ProjectionLSTMCell)
