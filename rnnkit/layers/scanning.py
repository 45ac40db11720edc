"""Whole sequences at once, without a loop over time."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from keras import ops

Tensor = Any
#: The outputs `[time, batch, size]` and the last states.
Scanned = tuple[Tensor, tuple[Tensor, ...]]


def scanned(
    cell: Any, inputs: Tensor, states: Sequence[Tensor], mask: Tensor | None, begins: Tensor | None
) -> Scanned | None:
    """`cell.scan`, or None where it cannot do without the loop.

    Example:

    >>> from rnnkit.cells import GRUCell
    >>> scanned(GRUCell(4), ops.zeros((5, 2, 3)), [ops.zeros((2, 4))], None, None)
    """
    if begins is None:
        return cell.scan(inputs, states, mask)
    knows = "begins" in inspect.signature(cell.scan).parameters
    return cell.scan(inputs, states, mask, begins=begins) if knows else None  # type: ignore[no-any-return]


def over_time(function: Callable[[Tensor], Sequence[Tensor]], inputs: Tensor) -> list[Tensor]:
    """A function of rows, `[rows, features]` to some `[rows, size]`, at all time steps in one go.

    Example:

    >>> import numpy as np
    >>> [made.shape for made in over_time(lambda rows: [rows, rows[:, :1]], np.zeros((5, 2, 3)))]
    [TensorShape([5, 2, 3]), TensorShape([5, 2, 1])]
    """
    shape = ops.shape(inputs)
    made = function(ops.reshape(inputs, (-1, inputs.shape[-1])))
    return [ops.reshape(flat, (shape[0], shape[1], flat.shape[-1])) for flat in made]
