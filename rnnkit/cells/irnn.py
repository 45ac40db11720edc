"""Simple recurrent network of rectified linear units that starts by remembering everything."""

from typing import Any

import keras

from rnnkit.cells.simple_rnn import SimpleRNNCell
from rnnkit.layers.cell_layer import recurrent_layer


class IRNNCell(SimpleRNNCell):
    """IRNN: a simple recurrent network with relu, whose recurrent matrix starts as the identity.

    Why: with U = I and relu, the state is carried on unchanged until training finds a reason to change it, and a
    gradient comes back through time as large as it went in. It takes nothing but another start.

    Use it when: you want long memory from the plainest cell. It can explode: clip gradients and keep the rate low.

    Equations:
        h = relu(W x + b + U h')        U starts as I

    Gates: h.

    Args:
        kernel_initializer: None is the paper's: normal with standard deviation 0.001.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import IRNN
    >>> IRNN(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Le, Jaitly & Hinton, A Simple Way to Initialize Recurrent Networks of Rectified Linear Units, 2015
        (arXiv:1504.00941).
    """

    def __init__(
        self,
        units: int,
        *,
        activation: Any = "relu",
        kernel_initializer: Any = None,
        recurrent_initializer: Any = "identity",
        **shared: Any,
    ) -> None:
        super().__init__(
            units,
            activation=activation,
            kernel_initializer=kernel_initializer or keras.initializers.RandomNormal(stddev=0.001),
            recurrent_initializer=recurrent_initializer,
            **shared,
        )


IRNN = recurrent_layer(IRNNCell)
