"""Antisymmetric recurrent network with a gate."""

from rnnkit.cells.antisymmetric import AntisymmetricCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class GatedAntisymmetricCell(AntisymmetricCell):
    """Gated antisymmetric RNN: an antisymmetric RNN that says for each unit how far to step.

    Why: as in `antisymmetric` the state neither explodes nor fades; the gate, which shares the recurrent matrix, lets
    inputs pass or not at no new matrix between the steps.

    Use it when: dependencies are long, and most steps say nothing that matters.

    Equations:
        A = U - U^T - gamma I
        z = sigmoid(Wz x + A h' + bz)
        h = h' + epsilon * z * tanh(Wg x + A h' + bg)

    Gates: z, g. U is `recurrent_kernel`.

    Args:
        epsilon: Size of a step. With 1 the state drifts off; 0.01 to 0.1 keep it small.
        gamma: Friction, 0.001 to 0.1: makes up for the steps' not being infinitely small.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import GatedAntisymmetric
    >>> GatedAntisymmetric(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Chang et al., AntisymmetricRNN: A Dynamical System View on Recurrent Neural Networks, ICLR 2019
        (arXiv:1902.09689).
    """

    gate_names = ("z", "g")

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        z, g = self.gates(x)
        turned = self.recur(h, self.prepared())
        return (h + self.epsilon * self.recurrent_activation(z + turned) * self.activation(g + turned),)


GatedAntisymmetric = recurrent_layer(GatedAntisymmetricCell)
