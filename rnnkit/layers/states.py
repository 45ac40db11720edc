"""The states before the first step."""

from collections.abc import Sequence
from typing import Any

from keras import ops

from rnnkit.cells.base import RecurrentCell

Tensor = Any


def initial_states(cells: Sequence[RecurrentCell], batch: Any, given: Any, dtype: str) -> list[Tensor]:
    """One `[batch, size]` for each state of each cell: zeros, or those given.

    Args:
        cells: In the order of their states.
        batch: The batch size, a number or a scalar tensor.
        given: None, one tensor, or a list of them.
        dtype: What the states are computed in.

    Raises:
        ValueError: When the states given do not fit the cells.

    Example:

    >>> from rnnkit.cells import LSTMCell
    >>> [tuple(state.shape) for state in initial_states([LSTMCell(4)], 2, None, "float32")]
    [(2, 4), (2, 4)]
    """
    if given is None:
        return [state for cell in cells for state in cell.get_initial_state(batch)]
    states = list(given) if isinstance(given, list | tuple) else [given]
    sizes = [size for cell in cells for size in cell.state_size]
    if len(states) != len(sizes) or any(state.shape[-1] != size for state, size in zip(states, sizes, strict=True)):
        names = [name for cell in cells for name in cell.state_names]
        wanted = ", ".join(f"{name} [batch, {size}]" for name, size in zip(names, sizes, strict=True))
        raise ValueError(
            f"initial_state has {len(states)} tensors of shapes {[tuple(state.shape) for state in states]}; "
            f"expected {len(sizes)}: {wanted}."
        )
    return [ops.cast(state, dtype) for state in states]
