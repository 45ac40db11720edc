"""Recurrent network that feeds back its output."""

from typing import Any

import keras

from rnnkit.cells._constants import check_whole
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class JordanCell(RecurrentCell):
    """Jordan's network: what is fed back is the output y, not the hidden layer.

    Why: the network sees what it did last, as a player hears the note just played. All it remembers has to pass
    through y, so it remembers less than Elman's network (`simple_rnn`), whose whole hidden layer comes back.

    Use it when: the last output is itself the memory, as in control and in producing movements; or to compare.

    Equations:
        h = tanh(W x + U y' + b)
        y = g(V h + c)

    Gates: h. V is `output_kernel`, c is `output_bias`. y is state and output; h is not kept. In the paper the fed-back
    y' also leaves a trace that fades over time, here it does not.

    Args:
        output_units: Width of y; None is `units`, the width of h.
        output_activation: g.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import Jordan
    >>> Jordan(8, output_units=4)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 4])

    Reference:
        Jordan, Serial Order: A Parallel Distributed Processing Approach, ICS Report 8604, UC San Diego, 1986.
    """

    family = "plain"
    state_names = ("y",)

    def __init__(
        self, units: int, *, output_units: int | None = None, output_activation: Any = "tanh", **shared: Any
    ) -> None:
        super().__init__(units, **shared)
        self.output_units = check_whole("output_units", output_units, "as many as units")
        self.output_activation = keras.activations.get(output_activation)

    @property
    def state_size(self) -> list[int]:
        return [self.output_units or self.units]

    def build(self, input_shape: Any) -> None:
        (outputs,) = self.state_size
        self.kernel = self.add_kernel("kernel", (input_shape[-1], self.units))
        self.recurrent_kernel = self.add_recurrent("recurrent_kernel", (outputs, self.units))
        self.bias = self.add_bias("bias", (self.units,))
        self.output_kernel = self.add_kernel("output_kernel", (self.units, outputs))
        self.output_bias = self.add_bias("output_bias", (outputs,))
        self.built = True

    def step(self, x: Tensor, y: Tensor) -> tuple[Tensor]:
        h = self.activation(x + self.recur(y))
        return (self.output_activation(self.affine(h, self.output_kernel, self.output_bias)),)


Jordan = recurrent_layer(JordanCell)
