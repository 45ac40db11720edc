"""Cells with a fault each, which the contract must find."""

from keras import ops

from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.cell_layer import recurrent_layer


class ForgetfulCell(RecurrentCell):
    """Keeps its argument under another value."""

    def __init__(self, units, *, slope=1.0, **shared):
        super().__init__(units, **shared)
        self.slope = 1.0

    def step(self, x, h):
        return (self.activation(x + self.recur(h)),)


Forgetful = recurrent_layer(ForgetfulCell)


class NumbCell(RecurrentCell):
    """Multiplies the state by itself and lets no gradient back."""

    def step(self, x, h):
        return (self.activation(x + ops.stop_gradient(ops.matmul(h, self.recurrent_kernel))),)


Numb = recurrent_layer(NumbCell)
