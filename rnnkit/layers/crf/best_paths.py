"""Maxima over all paths through a lattice of tags: the best path of a linear-chain CRF, and the n best.

No table of back-pointers is kept: the way back takes the best tag again, given the one that follows. The tensors are
those of `_lattice.py`.
"""

from typing import Any

from keras import ops

from rnnkit.layers.crf.lattice import forward, lattice_of
from rnnkit.layers.time_loop import time_loop

Tensor = Any
#: The score of a path that does not exist.
NO_PATH = -1e30


def viterbi(
    emissions: Tensor,
    transitions: Tensor,
    start: Tensor,
    end: Tensor,
    mask: Tensor | None = None,
    *,
    unroll: bool | int = False,
) -> tuple[Tensor, Tensor]:
    """The best path of each row, `[batch, time]` int32 with 0 at hidden steps, and its score, `[batch]`.

    Example:

    >>> tags, score = viterbi([[[1.5, 0.0], [1.0, 0.0]]], [[-5.0, 0.0], [0.0, 0.0]], [0.0, 0.0], [0.0, 0.0])
    >>> tags.numpy().tolist(), score.numpy().tolist()
    ([[0, 1]], [1.5])
    """
    lattice = lattice_of(emissions, transitions, start, end, mask)
    last, scores = forward(lattice, ops.max, collect=True, unroll=unroll)
    into = ops.transpose(lattice.transitions)

    def step(carry: tuple[Tensor, ...], at: Any) -> tuple[tuple[Tensor, ...], Tensor]:
        (_, after), (score, shown) = carry, at
        best = ops.cast(ops.top_k(score + after, 1)[1], "int32")  # on a phone `ops.argmax` is ten operators
        tag = ops.where(shown, best, ops.zeros_like(best))
        return (tag, ops.where(shown, ops.take(into, ops.squeeze(best, axis=-1), axis=0), after)), tag

    none = ops.zeros_like(lattice.end[:, :1], dtype="int32")
    _, tags = time_loop(step, (none, lattice.end), [scores, lattice.shown], reverse=True, collect=True, unroll=unroll)
    score = ops.max(last + lattice.end, axis=-1)
    return ops.swapaxes(tags[..., 0], 0, 1), ops.where(lattice.some, score, ops.zeros_like(score))


def n_best(
    emissions: Tensor,
    transitions: Tensor,
    start: Tensor,
    end: Tensor,
    mask: Tensor | None = None,
    *,
    count: int,
    unroll: bool | int = False,
) -> tuple[Tensor, Tensor]:
    """The `count` best paths of each row, best first, `[batch, count, time]`, and their scores, `[batch, count]`.

    Where a row has fewer paths, the places left over have a score of about NO_PATH and tags that mean nothing.

    Example:

    >>> tags, scores = n_best([[[3.0, 0.0], [1.0, 0.0]]], [[0.0] * 2] * 2, [0.0, 0.0], [0.0, 0.0], count=2)
    >>> tags.numpy().tolist(), scores.numpy().tolist()
    ([[[0, 0], [0, 1]]], [[4.0, 3.0]])

    Reference:
        Seshadri & Sundberg, List Viterbi Decoding Algorithms with Applications, IEEE Transactions on Communications
        42(2-4), 1994, section III (the parallel algorithm).
    """
    lattice = lattice_of(emissions, transitions, start, end, mask)
    size, into = lattice.transitions.shape[0], ops.transpose(lattice.transitions)
    ranks = ops.arange(count, dtype="int32")
    # [batch, tags, count]: one path ends in each tag before the first step, the others do not exist
    first = ops.where(ops.equal(ranks, 0), ops.expand_dims(lattice.start, -1), NO_PATH)
    some = ops.expand_dims(lattice.shown, -1)  # [time, batch, 1, 1]

    def best(scores: Tensor, after: Tensor) -> tuple[Tensor, Tensor]:
        """The best of all tags and ranks, `[batch, tags, count]`, before each of `[batch, any, tags]`."""
        both = ops.expand_dims(scores, 1) + ops.expand_dims(after, -1)  # [batch, any, tags, count]
        return ops.top_k(ops.reshape(both, (-1, both.shape[1], size * count)), count)

    def ahead(carry: tuple[Tensor, ...], at: Any) -> tuple[tuple[Tensor, ...], Tensor]:
        (scores, arriving), (emission, shown) = carry, at
        new = arriving + ops.expand_dims(emission, -1)
        onward, _ = best(new, ops.expand_dims(into, 0))
        scores = ops.where(shown, new, scores)
        return (scores, ops.where(shown, onward, arriving)), scores

    inputs = [lattice.emissions, some]
    (last, _), table = time_loop(ahead, (first, first), inputs, reverse=False, collect=True, unroll=unroll)

    def back(carry: tuple[Tensor, ...], at: Any) -> tuple[tuple[Tensor, ...], Tensor]:
        (_, rank, after), (scores, shown) = carry, at
        found = ops.cast(best(scores, after)[1], "int32")  # [batch, path, rank]
        found = ops.sum(ops.where(ops.equal(ops.expand_dims(rank, -1), ranks), found, ops.zeros_like(found)), axis=-1)
        here = shown[..., 0]
        tag = ops.where(here, found // count, ops.zeros_like(found))
        after = ops.where(shown, ops.take(into, found // count, axis=0), after)
        return (tag, ops.where(here, found % count, rank), after), tag

    rank = ops.zeros_like(lattice.end[:, :1], dtype="int32") + ranks  # [batch, path]
    after = ops.expand_dims(lattice.end, 1) + ops.zeros((count, 1), dtype=lattice.end.dtype)
    carry = (ops.zeros_like(rank), rank, after)
    _, tags = time_loop(back, carry, [table, some], reverse=True, collect=True, unroll=unroll)
    scores = best(last, ops.expand_dims(lattice.end, 1))[0][:, 0]
    empty = ops.where(ops.equal(ranks, 0), ops.zeros_like(scores), NO_PATH)
    return ops.transpose(tags, (1, 2, 0)), ops.where(ops.expand_dims(lattice.some, -1), scores, empty)
