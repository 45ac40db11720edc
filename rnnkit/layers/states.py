"""The states before the first step: zeros, random, learned or given."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from rnnkit.errors import did_you_mean
from rnnkit.layers.cell import RecurrentCell

Tensor = Any
#: How a sequence begins where the caller gives no states.
STARTS = ("zeros", "random", "learned")
#: Standard deviation of random states.
_SPREAD = 0.1


class Start:
    """Initial states of cells.

    Args:
        kind: "zeros"; "random", drawn anew for each row in training and zeros outside it, so that the network learns
            to forget where it began; or "learned", one trained vector a state. States that only mean something from
            zero on (`zero_start`, `idle_states`) begin at zero whatever the kind.

    Raises:
        ValueError: For another kind.

    Example:

    >>> from rnnkit.cells import LSTMCell
    >>> [tuple(state.shape) for state in Start("zeros").states([LSTMCell(4)], 2)]
    [(2, 4), (2, 4)]

    Reference:
        Zimmermann, Tietz & Grothmann, Forecasting with Recurrent Neural Networks: 12 Tricks, 2012 (noise on the first
        state); Mohajerin & Waslander, State Initialization for Recurrent Neural Network Modeling, IJCNN 2017.
    """

    def __init__(self, kind: str) -> None:
        if kind not in STARTS:
            raise ValueError(
                f"Unknown initial_state {kind!r}; expected one of {', '.join(STARTS)}.{did_you_mean(kind, STARTS)}"
            )
        self.kind = kind
        self.weights: list[Any] = []

    def build(self, layer: keras.layers.Layer, cells: Sequence[RecurrentCell]) -> None:
        """Add the learned states to a layer as weights."""
        if self.kind == "learned":
            self.weights = [
                layer.add_weight(name=f"initial_{name}", shape=(1, size), initializer="zeros") if free else None
                for cell in cells
                for name, size, free in free_states(cell)
            ]

    def states(
        self, cells: Sequence[RecurrentCell], batch: Any, seed: Any = None, training: bool = False
    ) -> list[Tensor]:
        """One `[batch, size]` for each state of each cell.

        Args:
            cells: In the order of their states.
            batch: The batch size, a number or a scalar tensor.
            seed: A `keras.random.SeedGenerator` for random ones.
            training: Whether random ones are drawn.
        """
        zeros = [state for cell in cells for state in cell.get_initial_state(batch)]
        free = [each for cell in cells for _, _, each in free_states(cell)]
        if self.kind == "random" and training:
            return [
                keras.random.normal(ops.shape(zero), stddev=_SPREAD, dtype=zero.dtype, seed=seed) if any_ else zero
                for zero, any_ in zip(zeros, free, strict=True)
            ]
        if self.kind == "learned":
            return [
                zero if weight is None else zero + ops.cast(weight, zero.dtype)
                for zero, weight in zip(zeros, self.weights, strict=True)
            ]
        return zeros


def free_states(cell: RecurrentCell) -> list[tuple[str, int, bool]]:
    """Names and widths of each state, and whether it may start at anything but zero."""
    fixed = {*cell.idle_states, *cell.zero_start}
    return [(name, size, name not in fixed) for name, size in zip(cell.state_names, cell.state_size, strict=True)]


def carried_states(layer: keras.layers.Layer, cells: Sequence[RecurrentCell], batch: int | None) -> list[Any]:
    """Weights of a stateful layer that keep each state of each cell from one call to the next.

    Raises:
        ValueError: When the batch size is not fixed.
    """
    if batch is None:
        raise ValueError("stateful=True needs a fixed batch size; give it in keras.Input(batch_size=...).")
    return [
        layer.add_weight(name=f"state_{name}", shape=(batch, size), initializer="zeros", trainable=False)
        for cell in cells
        for name, size in zip(cell.state_names, cell.state_size, strict=True)
    ]


def states_of_batch(layer: Any, rows: int | None) -> list[Tensor]:
    """The states that a stateful layer carries, for the next batch.

    Args:
        layer: With `states`, from `carried_states`.
        rows: Of the batch, where that is known.

    Raises:
        ValueError: When it has another number of rows.
    """
    kept = layer.states[0].shape[0]
    if rows not in (None, kept):
        raise ValueError(
            f"stateful=True: {layer.name} carries the states of {kept} rows, and a batch of {rows} came. Give "
            f"batches of {kept} rows, the last one too."
        )
    return [state.value for state in layer.states]


def given_states(cells: Sequence[RecurrentCell], given: Any, dtype: str) -> list[Tensor]:
    """The states a caller gives, checked.

    Args:
        cells: In the order of their states.
        given: One tensor, or a list of them.
        dtype: What the states are computed in.

    Raises:
        ValueError: When the states given do not fit the cells.
    """
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
