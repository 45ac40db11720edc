"""Stacked layers in one or two directions, run by `Recurrent`."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from rnnkit.layers.merge import MERGES
from rnnkit.layers.pooling import RunningPool
from rnnkit.layers.run_cell import run_cell
from rnnkit.layers.time_columns import backward_times, split_times, with_times

Tensor = Any


def run_stack(
    layer: Any,
    sequence: Tensor,
    mask: Tensor | None,
    states: Sequence[Tensor],
    training: bool,
    begins: Tensor | None = None,
) -> tuple[Tensor, list[Tensor]]:
    """All layers of a `Recurrent`.

    Args:
        layer: The `Recurrent`, whose options and cells are read.
        sequence: `[time, batch, features]`, with the times at their end where the cell reads such.
        mask: `[time, batch, 1]`, true where a step counts, or None.
        states: The states before the first step, in the order of `layer.cells`.
        training: Whether dropout and zoneout are at work.
        begins: `[time, batch, 1]`, true where a new sequence begins, or None.

    Returns:
        The outputs `[time, batch, features]`, or their pool `[batch, features]`; and the last states.
    """
    left, last_states = list(states), list[Tensor]()
    sequence, times = split_times(sequence, layer.cell.time_columns)
    output = sequence
    for index in range(layer.layers):
        if index and training and layer.dropout_between and not layer.block:
            sequence = keras.random.dropout(sequence, layer.dropout_between, seed=layer.seed_generator)
        mine = [left.pop(0) for cell in layer.directions(index) for _ in cell.state_names]
        output, new = _run_layer(layer, index, sequence, times, mask, mine, training, begins)
        last_states += new
        sequence = output
    return output, last_states


def step_stack(layer: Any, x: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """One time step through all layers of a `Recurrent` of one direction, outside training.

    Args:
        layer: The `Recurrent`.
        x: `[batch, features]`.
        states: In the order of `layer.cells`.

    Returns:
        The output `[batch, features]` and the new states.
    """
    left, new = list(states), list[Tensor]()
    x, times = split_times(x, layer.cell.time_columns)
    for index, cell in enumerate(layer.cells):
        seen = with_times(read(layer, index, x), times)
        after = cell.advance(cell.project(seen), [left.pop(0) for _ in cell.state_names])
        new += after
        x = joined(layer, index, after[0], x)
    return x, new


def read(layer: Any, index: int, x: Tensor) -> Tensor:
    """What the cells of a layer read of its input."""
    return layer.blocks[index].before(x) if layer.block else x


def joined(layer: Any, index: int, h: Tensor, x: Tensor, training: bool = False) -> Tensor:
    """A layer's output, from what its cells made and its input."""
    if layer.block:
        return layer.blocks[index].after(h, x, training)
    return h + x if layer.residual and index else h


def _run_layer(
    layer: Any,
    index: int,
    sequence: Tensor,
    times: Tensor | None,
    mask: Tensor | None,
    states: list[Tensor],
    training: bool,
    begins: Tensor | None,
) -> tuple[Tensor, list[Tensor]]:
    """One layer, both directions."""
    pool = RunningPool(layer.pooling)
    pooled = index == layer.layers - 1 and not layer.return_sequences
    shortcut = bool(layer.block or (layer.residual and index))
    pool_sum = pooled and shortcut and layer.pooling != "last"
    outputs: list[Tensor] = []
    last_states: list[Tensor] = []
    seen = read(layer, index, sequence)
    for direction, cell in enumerate(layer.directions(index)):
        reverse = layer.go_backwards != (direction == 1)
        output, new = run_cell(
            cell,
            with_times(seen, backward_times(times, mask) if reverse else times),
            [states.pop(0) for _ in cell.state_names],
            mask,
            pool=pool if pooled and not pool_sum else None,
            reverse=reverse,
            unroll=layer.unroll,
            truncate=layer.truncate,
            training=training,
            begins=begins,
        )
        outputs.append(output)
        last_states += new
    merged = outputs[0] if len(outputs) == 1 else MERGES[layer.merge_mode](*outputs)
    if pooled and not pool_sum and shortcut:
        sequence = _last_step(layer, pool, sequence, mask)
    merged = joined(layer, index, merged, sequence, training)
    return (pool.whole(merged, mask) if pool_sum else merged), last_states


def _last_step(layer: Any, pool: RunningPool, sequence: Tensor, mask: Tensor | None) -> Tensor:
    """The last step that counts, in the direction the layer runs."""
    if layer.go_backwards:
        sequence, mask = ops.flip(sequence, axis=0), None if mask is None else ops.flip(mask, axis=0)
    return pool.whole(sequence, mask)
