"""Run one cell over one sequence in one direction: the only caller of a cell's `project` and `advance`."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from rnnkit.layers.accelerated import accelerated, dropped_inputs, is_portable, on_accelerator
from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.gathered import gathered_loop
from rnnkit.layers.noise import noise_at, state_noise
from rnnkit.layers.pooling import RunningPool
from rnnkit.layers.probe import probed_sequence, probes_in_use
from rnnkit.layers.scanning import scanned
from rnnkit.layers.time_loop import time_loop

Tensor = Any
#: Numbers in a cell's largest matrix from which on gathered weight gradients are faster (`benchmarks/cell_speed.py`).
SMALLEST = 2**19


def run_cell(
    cell: RecurrentCell,
    inputs: Tensor,
    states: Sequence[Tensor],
    mask: Tensor | None,
    *,
    pool: RunningPool | None,
    reverse: bool = False,
    unroll: bool | int = False,
    truncate: int = 0,
    training: bool = False,
    begins: Tensor | None = None,
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Run a cell over time.

    Args:
        cell: A built cell.
        inputs: `[time, batch, features]`.
        states: One `[batch, size]` for each of the cell's states.
        mask: `[time, batch, 1]`, true where a step counts; at other steps the state is carried on unchanged. Or None.
        pool: What to make of the outputs; None returns them all.
        reverse: Runs from the last step to the first; outputs stand where their inputs stood.
        unroll: True writes all steps out instead of looping; a number writes so many out for each turn of the loop.
        truncate: Steps after which no gradient flows further back; 0 for all.
        training: Whether dropout and zoneout are at work.
        begins: `[time, batch, 1]`, true where a new sequence begins, whose states are zeros; or None. Where gradients
            are measured it is left out.

    Returns:
        The outputs, `[time, batch, size]`, or their pool, `[batch, size]`; and the last states.
    """
    probes = probes_in_use()
    if cell.sequence_form is not None:
        whole = cell.sequence_form(cell, inputs, states, mask, reverse)
    elif probes is not None:
        whole = probed_sequence(
            probes, cell, cell.project_sequence(dropped_inputs(cell, inputs, training)), states, mask, reverse
        )
    else:
        by_steps = unroll is True or (truncate and training)
        whole = None
        if not by_steps and begins is None:
            whole = accelerated(
                cell,
                inputs,
                states,
                mask,
                reverse,
                training,
                lambda: _stepwise(
                    cell, dropped_inputs(cell, inputs, training), states, mask, None, reverse, False, 0, training
                ),
            )
        if whole is None:
            inputs = dropped_inputs(cell, inputs, training)
            if not by_steps and not cell.zoneout and not is_portable():
                whole = scan_sequence(cell, inputs, states, mask, reverse, begins)
            if whole is None:
                return _stepwise(cell, inputs, states, mask, pool, reverse, unroll, truncate, training, begins)
    outputs, last = whole
    if pool is not None:
        outputs = last[0] if pool.kind == "last" else pool.whole(outputs, mask)
    return outputs, last


def _stepwise(
    cell: RecurrentCell,
    inputs: Tensor,
    states: Sequence[Tensor],
    mask: Tensor | None,
    pool: RunningPool | None,
    reverse: bool,
    unroll: bool | int,
    truncate: int,
    training: bool,
    begins: Tensor | None = None,
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """The definition: one step after another, with the pool carried beside the states (the last output is one)."""
    count = len(states)
    # Written out, all outputs are there at the end, and one pool of them is smaller than a chain of small ones.
    running = None if pool is None or pool.kind == "last" or unroll is True else pool
    length, batch = ops.shape(inputs)[0], ops.shape(inputs)[1]
    hoisted = unroll is True or is_portable() or on_accelerator() or keras.backend.backend() != "tensorflow"
    columns = {"x": cell.project_sequence(inputs) if hoisted else inputs}
    columns |= {name: given for name, given in (("mask", mask), ("begins", begins)) if given is not None}
    fixed_drop, noise = state_noise(cell, length, batch, training)
    columns |= noise
    if truncate and training:
        columns["cut"] = _cuts(length, truncate, reverse)

    def step(carry: tuple[Tensor, ...], values: Sequence[Tensor]) -> tuple[tuple[Tensor, ...], Tensor]:
        at = dict(zip(columns, values, strict=True))
        old = carry[:count]
        if "begins" in at:
            old = tuple(ops.where(at["begins"], ops.zeros_like(state), state) for state in old)
        if "cut" in at:
            old = tuple(ops.where(at["cut"], ops.stop_gradient(state), state) for state in old)
        # On a CPU a step's projection is cheaper made in its turn than kept for all steps in memory (measured).
        x = at["x"] if hoisted else cell.project(at["x"])
        new = cell.advance(x, old, *noise_at(cell, fixed_drop, at))
        if mask is not None:
            new = _where_shown(at["mask"], new, old, training)
        pools = () if running is None else running.update(carry[count:], new[0], at.get("mask"))
        return (*new, *pools), new[0]

    start = tuple(states) if running is None else (*states, *running.start(states[0]))
    collect = running is None and (pool is None or pool.kind != "last")
    with cell.preparing():
        inputs_of_steps, found = list(columns.values()), None
        if training and not hoisted and not unroll and _gathers(cell):
            found = gathered_loop(step, start, inputs_of_steps, reverse=reverse, collect=collect, smallest=SMALLEST)
        carry, outputs = found or time_loop(
            step, start, inputs_of_steps, reverse=reverse, unroll=unroll, collect=collect, bounded=training
        )
    if running is not None:
        outputs = running.finish(carry[count:], mask, length, carry[0].dtype)
    elif pool is not None:
        outputs = carry[0] if pool.kind == "last" else pool.whole(outputs, mask)
    return outputs, carry[:count]


def _where_shown(mask: Tensor, new: Sequence[Tensor], old: Sequence[Tensor], training: bool) -> tuple[Tensor, ...]:
    """The new states of the rows that `mask`, `[batch, 1]`, shows, and the old ones of the others."""
    if keras.backend.backend() == "tensorflow" and training:  # whole rows, whose gradient takes fewer operators
        from tensorflow import raw_ops

        choose, mask = raw_ops.Select, ops.squeeze(mask, -1)
        return tuple(choose(condition=mask, x=state, y=before) for state, before in zip(new, old, strict=True))
    return tuple(ops.where(mask, state, before) for state, before in zip(new, old, strict=True))


def _gathers(cell: RecurrentCell) -> bool:
    """Whether a loop is to gather its weight gradients: of large matrices, in a graph that XLA does not compile, since
    it has no lists of changing shapes."""
    if max((math.prod(weight.shape) for weight in cell.trainable_variables), default=0) < SMALLEST:
        return False
    import tensorflow as tf
    from tensorflow.python.ops.control_flow_util import GraphOrParentsInXlaContext

    return not tf.executing_eagerly() and not GraphOrParentsInXlaContext(tf.compat.v1.get_default_graph())


def _cuts(length: Any, truncate: int, reverse: bool) -> Tensor:
    """True at each step, in running order, that begins a stretch of `truncate` steps, except the first."""
    steps = ops.arange(length, dtype="int32")
    cuts = ops.logical_and(ops.equal(ops.mod(steps, truncate), 0), steps > 0)
    return ops.reshape(ops.flip(cuts, axis=0) if reverse else cuts, (-1, 1, 1))


def scan_sequence(
    cell: RecurrentCell,
    inputs: Tensor,
    states: Sequence[Tensor],
    mask: Tensor | None,
    reverse: bool,
    begins: Tensor | None = None,
) -> tuple[Tensor, tuple[Tensor, ...]] | None:
    """All steps at once by `cell.scan`, in either direction, or None where the cell has no such form, or no steps are
    there, which the loop alone knows to run."""
    if type(cell).scan is RecurrentCell.scan or inputs.shape[0] == 0:
        return None
    if reverse:
        inputs = ops.flip(inputs, axis=0)
        mask, begins = (None if flags is None else ops.flip(flags, axis=0) for flags in (mask, begins))
    whole = scanned(cell, inputs, states, mask, begins)
    if whole is None or not reverse:
        return whole
    return ops.flip(whole[0], axis=0), whole[1]
