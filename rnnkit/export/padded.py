"""Inputs of one padded shape that cost what their real steps cost: the file counts these and cuts off the rest."""

from collections.abc import Callable
from typing import Any

from keras import ops
from keras.backend import is_int_dtype

Tensor = Any


def real_steps(padded: Tensor) -> Tensor:
    """The number of steps before the padding, an int32 scalar, 1 at least.

    Args:
        padded: Ids `[1, length]`, 0 where a step is padding, or numbers `[1, length]` or `[1, length, features]`, NaN
            there and nowhere else.

    Example:

    >>> int(real_steps([[5, 7, 0, 0]])), int(real_steps([[[1.0, 2.0], [float("nan"), float("nan")]]]))
    (2, 1)
    >>> int(real_steps([[0.5, 0.0, float("nan")]]))
    2
    """
    padded = ops.convert_to_tensor(padded)
    if is_int_dtype(padded.dtype):
        real = ops.not_equal(padded, 0)
    else:
        first = padded if len(padded.shape) == 2 else padded[..., 0]  # real steps hold no NaN: one feature tells
        real = ops.equal(first, first)
    return ops.maximum(ops.sum(ops.cast(real, "int32")), 1)


def fill_up(tensor: Tensor, length: int) -> Tensor:
    """`[rows, steps, ...]` with zeros behind, `[rows, length, ...]`; a number of rows that is known stays so."""
    behind = [[0, 0], [0, length - ops.shape(tensor)[1]], *[[0, 0]] * (len(tensor.shape) - 2)]
    return ops.reshape(ops.pad(tensor, behind), (tensor.shape[0], length, *tensor.shape[2:]))


def over_real_steps(function: Callable[..., Tensor], *, by_step: int = 0) -> Callable[..., Tensor]:
    """A function of padded inputs from one of inputs in their own length.

    No loop, projection or convolution in it sees the padding, and none needs a mask.

    Args:
        function: From tensors `[1, steps, ...]` to a tensor.
        by_step: The padded length, for a function that gives `[1, steps, ...]` too; 0 for any other.

    Example:

    >>> over_real_steps(lambda ids: ids * 2, by_step=4)([[5, 7, 0, 0]]).numpy().tolist()
    [[10, 14, 0, 0]]
    """

    def whole(*padded: Tensor) -> Tensor:
        tensors = [ops.convert_to_tensor(each) for each in padded]
        steps = real_steps(tensors[0])
        made = function(*(each[:, :steps] for each in tensors))
        return fill_up(made, by_step) if by_step else made

    return whole
