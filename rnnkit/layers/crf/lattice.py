"""Sums over all paths through a lattice of tags: the dynamic programmes that train a linear-chain CRF.

A path takes one tag at each shown step. Its score is

    start[y_1] + sum_t emissions[t, y_t] + sum_t transitions[y_(t-1), y_t] + end[y_n]

All functions, those of `_best_paths.py` too, take the same tensors: `emissions`, `[batch, time, tags]`; `transitions`,
`[from tag, to tag]`; `start` and `end`, `[tags]`; `mask`, `[batch, time]`, true where a step counts, or None when all
do. Hidden steps may stand anywhere: they are skipped, and the tags around them are neighbours. A row of hidden steps
only has one path, the empty one, with score 0. Numbers are float32, or float64 where emissions are.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
from keras import ops

from rnnkit.layers.time_loop import time_loop

Tensor = Any


class Lattice(NamedTuple):
    """The tensors of one call, time first, all scores of one dtype."""

    emissions: Tensor  # [time, batch, tags], 0 where hidden
    shown: Tensor  # [time, batch, 1]
    transitions: Tensor  # [from, to]
    start: Tensor  # [batch, tags]
    end: Tensor  # [batch, tags]

    @property
    def some(self) -> Tensor:
        """Whether a row has any shown step, `[batch]`."""
        return ops.any(self.shown[..., 0], axis=0)


def path_score(
    emissions: Tensor, tags: Tensor, transitions: Tensor, start: Tensor, end: Tensor, mask: Tensor | None = None
) -> Tensor:
    """The score of one path a row, `[batch]`.

    Args:
        tags: `[batch, time]`, integers; any number may stand at a hidden step.

    Example:

    >>> emissions = [[[1.0, 0.0], [0.0, 2.0]]]
    >>> path_score(emissions, [[0, 1]], [[0.0, 10.0], [0.0, 0.0]], [100.0, 0.0], [0.0, 1000.0]).numpy().tolist()
    [1113.0]
    """
    emissions, transitions, start, end, shown = _same_dtype(emissions, transitions, start, end, mask)
    size, length = transitions.shape[0], ops.shape(emissions)[1]
    tags = ops.where(shown, ops.cast(tags, "int32"), 0)
    chosen = ops.equal(ops.expand_dims(tags, -1), ops.arange(size, dtype="int32"))
    emitted = ops.sum(ops.where(chosen, emissions, ops.zeros_like(emissions)), axis=(1, 2))

    place = ops.expand_dims(ops.arange(length, dtype="int32"), 0)
    if mask is not None:  # the shown tags to the left, in their order
        tags = ops.take_along_axis(tags, ops.argsort(ops.where(shown, place, place + length), axis=1), axis=1)
    count = ops.sum(ops.cast(shown, "int32"), axis=1, keepdims=True)
    pairs = ops.take(ops.reshape(transitions, (-1,)), tags[:, :-1] * size + tags[:, 1:], axis=0)
    parts = [
        (ops.take(start, tags, axis=0), ops.logical_and(ops.equal(place, 0), place < count)),
        (pairs, place[:, 1:] < count),
        (ops.take(end, tags, axis=0), ops.equal(place, count - 1)),
    ]
    return emitted + sum(ops.sum(ops.where(counts, part, ops.zeros_like(part)), axis=1) for part, counts in parts)


def log_partition(
    emissions: Tensor,
    transitions: Tensor,
    start: Tensor,
    end: Tensor,
    mask: Tensor | None = None,
    *,
    unroll: bool | int = False,
) -> Tensor:
    """The logarithm of the sum of exp(score) over all paths, `[batch]`: the forward algorithm in log space.

    Example:

    >>> log_partition([[[0.0, 0.0], [0.0, 0.0]]], [[0.0, 0.0], [0.0, 0.0]], [0.0, 0.0], [0.0, 0.0]).numpy()  # log 4
    array([1.386...], dtype=float32)
    """
    lattice = lattice_of(emissions, transitions, start, end, mask)
    last, _ = forward(lattice, ops.logsumexp, collect=False, unroll=unroll, bounded=True)
    total = ops.logsumexp(last + lattice.end, axis=-1)
    return ops.where(lattice.some, total, ops.zeros_like(total))


def marginals(
    emissions: Tensor,
    transitions: Tensor,
    start: Tensor,
    end: Tensor,
    mask: Tensor | None = None,
    *,
    unroll: bool | int = False,
) -> Tensor:
    """The probability of each tag at each step, `[batch, time, tags]`: the forward-backward algorithm.

    Hidden steps give 0.

    Example:

    >>> marginals([[[0.0, 0.0], [0.0, 0.0]]], [[0.0, 0.0], [-1e4, 0.0]], [0.0, 0.0], [0.0, 0.0]).numpy().round(2)
    array([[[0.67, 0.33],
            [0.33, 0.67]]], dtype=float32)
    """
    lattice = lattice_of(emissions, transitions, start, end, mask)
    _, before = forward(lattice, ops.logsumexp, collect=True, unroll=unroll)

    def step(carry: tuple[Tensor, ...], at: Any) -> tuple[tuple[Tensor, ...], Tensor]:
        (after,), (emission, shown) = carry, at
        earlier = ops.logsumexp(lattice.transitions + ops.expand_dims(emission + after, -2), axis=-1)
        return (ops.where(shown, earlier, after),), after

    inputs = [lattice.emissions, lattice.shown]
    _, after = time_loop(step, (lattice.end,), inputs, reverse=True, collect=True, unroll=unroll)
    found = ops.softmax(before + after, axis=-1)
    return ops.swapaxes(ops.where(lattice.shown, found, ops.zeros_like(found)), 0, 1)


def forward(
    lattice: Lattice, reduce: Callable[..., Tensor], *, collect: bool, unroll: bool | int, bounded: bool = False
) -> tuple[Tensor, Any]:
    """The scores, combined by `reduce`, of all paths up to t that end in each tag: last and all, time first."""
    into = ops.transpose(lattice.transitions)

    def step(carry: tuple[Tensor, ...], at: Any) -> tuple[tuple[Tensor, ...], Tensor]:
        (score, arriving), (emission, shown) = carry, at
        new = arriving + emission
        onward = reduce(into + ops.expand_dims(new, -2), axis=-1)  # of [batch, to, from]
        score = ops.where(shown, new, score)
        return (score, ops.where(shown, onward, arriving)), score

    inputs = [lattice.emissions, lattice.shown]
    carry = (lattice.start, lattice.start)
    (last, _), scores = time_loop(step, carry, inputs, reverse=False, collect=collect, unroll=unroll, bounded=bounded)
    return last, scores


def lattice_of(emissions: Tensor, transitions: Tensor, start: Tensor, end: Tensor, mask: Tensor | None) -> Lattice:
    """The tensors of a lattice in the layout of the loops over time."""
    emissions, transitions, start, end, shown = _same_dtype(emissions, transitions, start, end, mask)
    shape = (ops.shape(emissions)[0], transitions.shape[0])
    return Lattice(
        ops.swapaxes(emissions, 0, 1),
        ops.expand_dims(ops.swapaxes(shown, 0, 1), -1),
        transitions,
        ops.broadcast_to(start, shape),
        ops.broadcast_to(end, shape),
    )


def _same_dtype(emissions: Tensor, *others: Tensor) -> tuple[Tensor, ...]:
    """All scores in one dtype, with 0 for hidden emissions, and the mask, `[batch, time]`, made up where it is None."""
    *scores, mask = others
    emissions = ops.convert_to_tensor(emissions)
    dtype = keras.backend.result_type(emissions.dtype, "float32")
    emissions = ops.cast(emissions, dtype)
    scores = [ops.cast(score, dtype) for score in scores]
    if mask is None:
        return emissions, *scores, ops.ones(ops.shape(emissions)[:2], dtype="bool")
    mask = ops.cast(mask, "bool")
    return ops.where(ops.expand_dims(mask, -1), emissions, ops.zeros_like(emissions)), *scores, mask
