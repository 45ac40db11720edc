"""Long short-term memory as it was first published."""

from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class LSTM1997Cell(RecurrentCell):
    """The first LSTM: a memory that is added to and never forgets, since there is no forget gate yet.

    Why: c = c' + i * g passes a gradient back unchanged over any number of steps, the constant error carousel. What
    is written stays for good, so on long streams c grows until tanh(c) is saturated; the forget gate mended that.

    Use it when: sequences have a clear end and everything in them counts; or to see what the forget gate is for.

    Equations:
        i = sigmoid(Wi x + Ui h' + bi)
        g = tanh(Wg x + Ug h' + bg)
        o = sigmoid(Wo x + Uo h' + bo)
        c = c' + i * g
        h = o * tanh(c)

    Gates: i, g, o. The paper squashes with logistic functions stretched to -2..2 for g and to -1..1 for c instead of
    tanh.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import LSTM1997
    >>> LSTM1997(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Hochreiter & Schmidhuber, Long Short-Term Memory, Neural Computation 9(8), 1997.
    """

    family = "lstm"
    state_names = ("h", "c")
    gate_names = ("i", "g", "o")

    def step(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        i, g, o = self.gates(x + self.recur(h))
        c = c + self.recurrent_activation(i) * self.activation(g)
        return self.recurrent_activation(o) * self.activation(c), c


LSTM1997 = recurrent_layer(LSTM1997Cell)
