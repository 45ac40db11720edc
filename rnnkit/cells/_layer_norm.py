"""Layer normalisation as the recurrent cells use it."""

from typing import Any

import keras
from keras import ops

from rnnkit.layers.cell import RecurrentCell, Tensor

EPSILON = 1e-5  # that of the authors' code; the paper's formula has none


def add_norm(cell: RecurrentCell, name: str, width: int) -> tuple[Any, Any]:
    """Add the weights `NAME_gain`, which starts at 1, and `NAME_shift`, at 0 (None with `use_bias=False`).

    Example:

    >>> from rnnkit.cells import GRUCell
    >>> [weight.name for weight in add_norm(GRUCell(4), "input", 12)]
    ['input_gain', 'input_shift']
    """
    gain = cell.add_weight(name=f"{name}_gain", shape=(width,), initializer="ones")
    return gain, cell.add_bias(f"{name}_shift", (width,), initializer="zeros")


def standardize(x: Tensor) -> Tensor:
    """x less its mean over the last axis, over its standard deviation; in float32 at least.

    Example:

    >>> import numpy as np
    >>> np.asarray(standardize(np.array([[1.0, 3.0]]))).round(3)
    array([[-1.,  1.]])
    """
    wide = ops.cast(x, keras.backend.result_type(x.dtype, "float32"))
    centred = wide - ops.mean(wide, axis=-1, keepdims=True)
    variance = ops.mean(ops.square(centred), axis=-1, keepdims=True)
    return ops.cast(centred * ops.rsqrt(variance + EPSILON), x.dtype)


def layer_norm(x: Tensor, gain: Any, shift: Any, cut: int | None = None) -> Tensor:
    """LN(x; gain, shift), over the last axis; with `cut`, over the columns before it and over those after it alone.

    Example:

    >>> import numpy as np
    >>> np.asarray(layer_norm(np.array([[1.0, 3.0]]), 2.0, None)).round(3)
    array([[-2.,  2.]])

    Reference:
        Ba, Kiros & Hinton, Layer Normalization, 2016 (arXiv:1607.06450), supplement.
    """
    parts = [x] if cut is None else ops.split(x, [cut], axis=-1)
    scaled = ops.concatenate([standardize(part) for part in parts], axis=-1) * gain
    return scaled if shift is None else scaled + shift
