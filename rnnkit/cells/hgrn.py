"""Hierarchically gated recurrent network."""

from collections.abc import Sequence
from typing import Any

from rnnkit.cells._constants import check_share
from rnnkit.cells._linear import LinearCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class HGRNCell(LinearCell):
    """HGRN: a linear recurrence whose forget gate has a floor, higher in the upper layers of a stack.

    Why: a gate that cannot fall below its floor forgets slowly whatever the input says. With floors that rise, lower
    layers see what is near and upper ones what is far, and no layer's gate has to sit at its saturated end for that.

    Use it when: you would take minGRU, and stack several layers over long sequences. All cells of `layers=3` have one
    floor; for rising ones put layers behind one another, with 0, 0.5 and 0.9 for example.

    Equations:
        i = silu(Wi x + bi)
        f = lower + (1 - lower) * sigmoid(Wf x + bf)
        g = sigmoid(Wg x + bg)
        h = f * h' + (1 - f) * i
        y = g * h

    Gates: i, f, g. The real form; the paper also turns h by an angle that each unit learns. Its floors are learnt with
    the whole stack in view, here they are given; its normalisation and matrix behind y are other layers.

    Args:
        lower: The floor, from 0 up to, not including, 1.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import HGRN
    >>> HGRN(8, lower=0.5)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Qin, Yang & Zhong, Hierarchically Gated Recurrent Neural Network for Sequence Modeling, NeurIPS 2023
        (arXiv:2311.04823).
    """

    state_names = ("y", "h")
    gate_names = ("i", "f", "g")
    idle_states = ("y",)
    chrono_gates = {"f": 1}

    def __init__(self, units: int, *, lower: float = 0.0, activation: Any = "silu", **shared: Any) -> None:
        super().__init__(units, activation=activation, **shared)
        self.lower = check_share("lower", lower)

    def recurrence(self, i: Tensor, f: Tensor, _: Tensor) -> tuple[tuple[Tensor], tuple[Tensor]]:
        f = self.lower + (1 - self.lower) * self.recurrent_activation(f)
        return (f,), ((1 - f) * self.activation(i),)

    def readout(self, gates: Sequence[Tensor], *h: Tensor) -> Tensor:
        _, _, g = gates
        return self.recurrent_activation(g) * h[0]


HGRN = recurrent_layer(HGRNCell)
