"""Gradient probes: zeros added to the states at each time step, whose gradient is the states' gradient."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from keras import ops

from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.time_loop import time_loop

Tensor = Any


@dataclass
class Trace:
    """One cell's run over one sequence, its states side by side in the order of `state_names`.

    Attributes:
        cell: The cell.
        projected: What its `project` made of the inputs, `[time, batch, columns]`.
        mask: `[time, batch, 1]`, true where a step counts, or None.
        reverse: Whether it ran from the last step to the first.
        before: The states before each step, `[time, batch, all sizes]`.
        after: The states after each step, `[time, batch, all sizes]`.
        probe: Zeros that were added to them, `[time, batch, all sizes]`: the gradient of a loss with respect to these
            is the gradient that reaches the states after each step, from later steps and from the loss itself.
    """

    cell: RecurrentCell
    projected: Tensor
    mask: Tensor | None
    reverse: bool
    before: Tensor
    after: Tensor
    probe: Tensor


@dataclass
class Probes:
    """The result of `probing`: a trace for each cell, in the order they ran."""

    watch: Callable[[Tensor], Any]
    traces: list[Trace] = field(default_factory=list)


_PROBES: ContextVar[Probes | None] = ContextVar("rnnkit_probes", default=None)


@contextmanager
def probing(watch: Callable[[Tensor], Any]) -> Iterator[Probes]:
    """A context in which every cell runs step by step and leaves a `Trace`, without state dropout and zoneout.

    Args:
        watch: Called with each probe before it is used, such as the `watch` of a `tf.GradientTape`.

    Example:

    >>> import numpy as np
    >>> import tensorflow as tf
    >>> from rnnkit.cells import GRU
    >>> layer = GRU(4)
    >>> with tf.GradientTape() as tape, probing(tape.watch) as probes:
    ...     loss = tf.reduce_sum(layer(np.ones((2, 5, 3), "float32")) ** 2)
    >>> tape.gradient(loss, probes.traces[0].probe).shape
    TensorShape([5, 2, 4])
    """
    probes = Probes(watch)
    token = _PROBES.set(probes)
    try:
        yield probes
    finally:
        _PROBES.reset(token)


def probes_in_use() -> Probes | None:
    """The probes of the enclosing `probing`, or None."""
    return _PROBES.get()


def probed_sequence(
    probes: Probes,
    cell: RecurrentCell,
    projected: Tensor,
    states: Sequence[Tensor],
    mask: Tensor | None,
    reverse: bool,
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Run a cell step by step, a probe added to its states, and keep the trace.

    Args:
        probes: Where the trace goes.
        cell: A built cell.
        projected: `[time, batch, columns]`.
        states: The states before the first step.
        mask: `[time, batch, 1]` or None.
        reverse: Runs from the last step to the first.

    Returns:
        The outputs, `[time, batch, size]`, and the last states.
    """
    start = ops.concatenate(states, axis=-1)
    probe = ops.zeros((ops.shape(projected)[0], *ops.shape(start)), dtype=start.dtype)
    probes.watch(probe)
    columns = [projected, probe] if mask is None else [projected, probe, mask]

    def step(carry: tuple[Tensor, ...], at: Sequence[Tensor]) -> tuple[tuple[Tensor, ...], Tensor]:
        new = ops.concatenate(cell.step(at[0], *split_states(cell, carry[0])), axis=-1)
        if mask is not None:
            new = ops.where(at[2], new, carry[0])
        new = new + at[1]
        return (new,), new

    (last,), after = time_loop(step, (start,), columns, reverse=reverse, collect=True, unroll=False)
    first = ops.expand_dims(start, 0)
    before = ops.concatenate([after[1:], first] if reverse else [first, after[:-1]], axis=0)
    probes.traces.append(Trace(cell, projected, mask, reverse, before, after, probe))
    return split_states(cell, after)[0], tuple(split_states(cell, last))


def split_states(cell: RecurrentCell, joined: Tensor) -> list[Tensor]:
    """Concatenated states, split."""
    ends = [sum(cell.state_size[: i + 1]) for i in range(len(cell.state_size) - 1)]
    return ops.split(joined, ends, axis=-1) if ends else [joined]
