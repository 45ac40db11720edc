"""LSTM whose units are ordered by how long they remember."""

from typing import Any

from keras import ops

from rnnkit.cells._constants import check_whole
from rnnkit.cells.lstm import LSTMCell
from rnnkit.errors import RnnkitError
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class ONLSTMCell(LSTMCell):
    """Ordered neurons LSTM: two master gates, each rising along the units, part what lasts from what is in flux.

    Why: language is nested: when a phrase ends, all that was within it ends, too. A master forget gate that rises from
    0 to 1 along the units wipes all below some rank and keeps all above, so high ranks come to hold what lasts.

    Use it when: sequences are made of parts within parts: sentences, programs, forms of music.

    Equations:
        i = sigmoid(Wi x + Ui h' + bi)
        f = sigmoid(Wf x + Uf h' + bf)
        g = tanh(Wg x + Ug h' + bg)
        o = sigmoid(Wo x + Uo h' + bo)
        mf = cumax(Wmf x + Umf h' + bmf)             cumax: running sum of a softmax over the units
        mi = 1 - cumax(Wmi x + Umi h' + bmi)
        w = mf * mi                                  where both are open, i and f decide
        c = (f * w + mf - w) * c' + (i * w + mi - w) * g
        h = o * tanh(c)

    Gates: i, f, g, o in `kernel`; mi, mf in `master_kernel`. The highest rank has mf = 1 and mi = 0: it keeps what it
    began with, so it is of use with learned initial states alone.

    Args:
        chunk: How many units in a row share their master gates; divides `units`.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import ONLSTM
    >>> ONLSTM(8, chunk=2)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Shen et al., Ordered Neurons: Integrating Tree Structures into Recurrent Neural Networks, ICLR 2019
        (arXiv:1810.09536).
    """

    keras_layer = None  # type: ignore[assignment]  # cuDNN has no master gates

    def __init__(self, units: int, *, chunk: int = 1, **shared: Any) -> None:
        super().__init__(units, **shared)
        if units % check_whole("chunk", chunk):
            raise RnnkitError(f"chunk is {chunk!r}; expected a whole number that divides the {units} units.")
        self.chunk = self.unwritten = chunk

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        columns = 2 * (self.units // self.chunk)
        self.master_kernel = self.add_kernel("master_kernel", (input_shape[-1], columns))
        self.master_recurrent_kernel = self.add_recurrent("master_recurrent_kernel", (self.units, columns))
        self.master_bias = self.add_bias("master_bias", (columns,), self.bias_initializer)

    def project(self, x: Tensor) -> Tensor:
        return ops.concatenate([super().project(x), self.affine(x, self.master_kernel, self.master_bias)], axis=-1)

    def step(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        gates, masters = ops.split(x, [4 * self.units], axis=-1)
        i, f, g, o = self.gates(gates + self.recur(h))
        mi, mf = ops.split(masters + self.recur(h, self.master_recurrent_kernel), 2, axis=-1)
        mi, mf = cumax(mi), cumax(mf)
        mi = mi[..., -1:] - mi  # 1 - mi, for the last is 1; without what rounding leaves of the highest rank
        mi, mf = self._spread(mi), self._spread(mf)
        w = mi * mf
        f = self.recurrent_activation(f) * w + mf - w
        i = self.recurrent_activation(i) * w + mi - w
        c = f * c + i * self.activation(g)
        return self.recurrent_activation(o) * self.activation(c), c

    def _spread(self, master: Tensor) -> Tensor:
        """A master gate of each chunk as one of each unit."""
        each = ops.expand_dims(master, -1) * ops.ones((self.chunk,), dtype=master.dtype)
        return ops.reshape(each, (-1, self.units))


def cumax(z: Tensor) -> Tensor:
    """The running sum of a softmax, which rises from 0 to 1.

    Example:

    >>> cumax(ops.zeros((1, 4))).numpy().tolist()
    [[0.25, 0.5, 0.75, 1.0]]
    """
    return ops.cumsum(ops.softmax(z, axis=-1), axis=-1)


ONLSTM = recurrent_layer(ONLSTMCell)
