"""Simple recurrent network (Elman)."""

from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class SimpleRNNCell(RecurrentCell):
    """Elman's simple recurrent network: the state is squashed and fed back.

    Why: the plainest memory there is. Its gradient shrinks or grows by about the same factor at every step, which is
    what all the other cells were built against.

    Use it when: sequences are short (some ten steps), or as the yardstick that other cells must beat.

    Equations:
        h = tanh(W x + b + U h')

    Gates: h.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import SimpleRNN
    >>> SimpleRNN(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Elman, Finding Structure in Time, Cognitive Science 14, 1990.
    """

    family = "plain"
    state_names = ("h",)
    gate_names = ("h",)

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        return (self.activation(x + self.recur(h)),)


SimpleRNN = recurrent_layer(SimpleRNNCell)
