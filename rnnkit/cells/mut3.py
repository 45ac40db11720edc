"""The third of three mutants of the GRU."""

from rnnkit.cells._mutant import MutantCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class MUT3Cell(MutantCell):
    """Third mutant: a GRU whose update gate sees the state squashed.

    Why: found by a search over 10,000 mutated cells; of the three it was the best on text with nested tags, XML.

    Use it when: text has brackets or tags that must match, and a GRU does not do.

    Equations:
        z = sigmoid(Wz x + Uz tanh(h') + bz)
        r = sigmoid(Wr x + Ur h' + br)
        g = tanh(Ug (r * h') + Wg x + bg)
        h = z * g + (1 - z) * h'

    Gates: z, r, g. Uz is `update_kernel`, Ur is `reset_kernel`, Ug is `candidate_kernel`.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import MUT3
    >>> MUT3(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Jozefowicz, Zaremba & Sutskever, An Empirical Exploration of Recurrent Network Architectures, ICML 2015.
    """

    updates = True

    def seen(self, h: Tensor) -> Tensor:
        return self.activation(h)


MUT3 = recurrent_layer(MUT3Cell)
