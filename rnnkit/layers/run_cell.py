"""Run one cell over one sequence in one direction: the only caller of a cell's `project` and `advance`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import keras
from keras import ops

from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.noise import noise_at, state_noise
from rnnkit.layers.pooling import RunningPool
from rnnkit.layers.probe import probed_sequence, probes_in_use
from rnnkit.layers.time_loop import time_loop

Tensor = Any
_PORTABLE = ContextVar("rnnkit_portable", default=False)


@contextmanager
def portable() -> Iterator[None]:
    """A context in which cells run step by step, so that a graph traced on a GPU also runs without one.

    Example:

    >>> with portable():
    ...     _on_accelerator()
    False
    """
    token = _PORTABLE.set(True)
    try:
        yield
    finally:
        _PORTABLE.reset(token)


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
            probes, cell, cell.project_sequence(_dropped(cell, inputs, training)), states, mask, reverse
        )
    else:
        by_steps = unroll is True or (truncate and training) or begins is not None
        whole = None if by_steps else _accelerated(cell, inputs, states, mask, reverse, training)
        if whole is None:
            inputs = _dropped(cell, inputs, training)
            if not by_steps and not cell.zoneout and not _PORTABLE.get():
                whole = scan_sequence(cell, inputs, states, mask, reverse)
            if whole is None:
                return _stepwise(cell, inputs, states, mask, pool, reverse, unroll, truncate, training, begins)
    outputs, last = whole
    if pool is not None:
        outputs = last[0] if pool.kind == "last" else pool.whole(outputs, mask)
    return outputs, last


def _dropped(cell: RecurrentCell, inputs: Tensor, training: bool) -> Tensor:
    """Input dropout."""
    return cell.drop_inputs(inputs, shared=cell.variational) if training and cell.dropout else inputs


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
    hoisted = unroll is True or _PORTABLE.get() or _on_accelerator() or keras.backend.backend() != "tensorflow"
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
            new = tuple(ops.where(at["mask"], state, before) for state, before in zip(new, old, strict=True))
        pools = () if running is None else running.update(carry[count:], new[0], at.get("mask"))
        return (*new, *pools), new[0]

    start = tuple(states) if running is None else (*states, *running.start(states[0]))
    collect = running is None and (pool is None or pool.kind != "last")
    with cell.preparing():
        carry, outputs = time_loop(
            step, start, list(columns.values()), reverse=reverse, unroll=unroll, collect=collect, bounded=training
        )
    if running is not None:
        outputs = running.finish(carry[count:], mask, length, carry[0].dtype)
    elif pool is not None:
        outputs = carry[0] if pool.kind == "last" else pool.whole(outputs, mask)
    return outputs, carry[:count]


def _cuts(length: Any, truncate: int, reverse: bool) -> Tensor:
    """True at each step, in running order, that begins a stretch of `truncate` steps, except the first."""
    steps = ops.arange(length, dtype="int32")
    cuts = ops.logical_and(ops.equal(ops.mod(steps, truncate), 0), steps > 0)
    return ops.reshape(ops.flip(cuts, axis=0) if reverse else cuts, (-1, 1, 1))


def scan_sequence(
    cell: RecurrentCell, inputs: Tensor, states: Sequence[Tensor], mask: Tensor | None, reverse: bool
) -> tuple[Tensor, tuple[Tensor, ...]] | None:
    """All steps at once by `cell.scan`, in either direction, or None where the cell has no such form."""
    if type(cell).scan is RecurrentCell.scan:
        return None
    if reverse:
        inputs, mask = ops.flip(inputs, axis=0), None if mask is None else ops.flip(mask, axis=0)
    whole = cell.scan(inputs, states, mask)
    if whole is None or not reverse:
        return whole
    return ops.flip(whole[0], axis=0), whole[1]


def _on_accelerator() -> bool:
    """Whether a GPU or TPU runs the computation."""
    if _PORTABLE.get():
        return False
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return bool(tf.config.list_physical_devices("GPU"))
    if keras.backend.backend() == "jax":
        import jax

        return jax.default_backend() != "cpu"
    return False


def _accelerated(
    cell: RecurrentCell,
    inputs: Tensor,
    states: Sequence[Tensor],
    mask: Tensor | None,
    reverse: bool,
    training: bool,
) -> tuple[Tensor, tuple[Tensor, ...]] | None:
    """The cell's Keras layer on a GPU (cuDNN), or None if there is none or it would compute something else."""
    plain = (
        getattr(cell, "keras_layer", None) is not None
        and cell.activation is keras.activations.tanh
        and cell.recurrent_activation is keras.activations.sigmoid
        and not cell.zoneout
        and not (training and cell.recurrent_dropout)
    )
    if not plain or not _on_accelerator():
        return None
    if mask is None:
        return keras_sequence(cell, inputs, states, mask, reverse, training)
    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    # cuDNN knows the ends of sequences, not a mask: it refuses a hidden step before a shown one and a row without any.
    only_ends = tf.reduce_all(mask[0]) & tf.reduce_all(mask[:-1] | ~mask[1:])

    def by_steps() -> tuple[Tensor, tuple[Tensor, ...]]:
        return _stepwise(cell, _dropped(cell, inputs, training), states, mask, None, reverse, False, 0, training)

    return tf.cond(only_ends, lambda: keras_sequence(cell, inputs, states, mask, reverse, training), by_steps)


def keras_sequence(
    cell: Any, inputs: Tensor, states: Sequence[Tensor], mask: Tensor | None, reverse: bool, training: bool
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Run the Keras layer of the same mathematics with the cell's weights.

    At hidden steps its outputs have no meaning: cuDNN leaves 0 there, Keras's loop repeats the last output.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import LSTMCell
    >>> cell = LSTMCell(4)
    >>> cell.build((None, 3))
    >>> outputs, states = keras_sequence(cell, np.ones((5, 2, 3), "float32"),
    ...     cell.get_initial_state(2), None, reverse=False, training=False)
    >>> tuple(outputs.shape), len(states)
    ((5, 2, 4), 2)
    """
    layer, weights = cell.keras_layer(
        return_sequences=True, return_state=True, go_backwards=reverse, dtype=cell.dtype_policy
    )
    inputs = ops.transpose(_dropped(cell, inputs, training), (1, 0, 2))
    layer.build(inputs.shape)
    (outputs, *last), _ = layer.stateless_call(
        [weight.value if isinstance(weight, keras.Variable) else weight for weight in weights],
        [variable.value for variable in layer.non_trainable_variables],
        inputs,
        initial_state=list(states),
        mask=None if mask is None else ops.transpose(ops.squeeze(mask, -1)),
    )
    outputs = ops.transpose(outputs, (1, 0, 2))
    return (ops.flip(outputs, axis=0) if reverse else outputs), tuple(last)
