"""Beam search: several hypotheses of each row at once, all rows in one batch, without a loop over either."""

from collections.abc import Sequence
from typing import Any

from rnnkit.decoding.choices import NEVER, log_softmax
from rnnkit.decoding.penalties import Penalties
from rnnkit.decoding.step import Decoded, Marks, Step, most_attended, without_marks

Tensor = Any
_LIVING = NEVER / 2  # scores above it belong to a hypothesis, those below to an empty place


class Beam:
    """A beam search over one batch.

    At each step the best `width` continuations of a row's living hypotheses are kept. One that ends gives up its
    place: the beam narrows, so that `width` hypotheses are finished in all. A row is decided when none of its living
    hypotheses can still rise above the `n_best`-th finished one.

    Args:
        step: One step of the decoder, for `rows * width` hypotheses, those of a row side by side.
        marks: The ids with a meaning of their own.
        most: Ids at most.
        width: Hypotheses of a row.
        n_best: How many of them are wanted.
        penalties: How hypotheses of different lengths are compared.
        early: Stops when all rows are decided; without it, when all hypotheses have ended.
        ops: `keras.ops` or `rnnkit.decoding.numpy_ops`.

    Reference:
        Graves, Sequence Transduction with Recurrent Neural Networks, 2012 (arXiv:1211.3711); Sutskever et al.,
        Sequence to Sequence Learning with Neural Networks, NeurIPS 2014 (the beam that narrows).
    """

    def __init__(
        self, step: Step, marks: Marks, most: int, width: int, n_best: int, penalties: Penalties, early: bool, ops: Any
    ) -> None:
        self.step, self.marks, self.most, self.width, self.n_best = step, marks, most, width, n_best
        self.penalties, self.early, self.ops = penalties, early, ops

    def search(
        self,
        states: Sequence[Tensor],
        memory: Sequence[Tensor],
        rows: Any,
        source_mask: Tensor | None,
        source_words: Tensor | None,
    ) -> Decoded:
        """The best hypotheses of each row.

        Args:
            states: Before the first step, each `[rows, ...]`.
            memory: What every step reads, each `[rows, ...]`.
            rows: How many there are, a number or a scalar tensor.
            source_mask: True where there is a source word, `[rows, source]`; None for a step without attention.
            source_words: True where there is one that an id may be aligned to, `[rows, source]`; None likewise.
        """
        ops, width, most = self.ops, self.width, self.most
        memory = [ops.repeat(each, width, axis=0) for each in memory]
        mask, words = (
            None if each is None else ops.repeat(ops.cast(each, "float32"), width, axis=0)
            for each in (source_mask, source_words)
        )
        count = rows * width
        first = ops.equal(ops.arange(width, dtype="int32"), 0)  # all are alike at first: one of them is enough
        alive = ops.where(first, ops.zeros((rows, width), dtype="float32"), NEVER)
        ids = ops.zeros((count, most), dtype="int32")
        covered = ops.zeros((count, 1), dtype="float32") if mask is None else ops.zeros_like(mask)
        nothing = ops.full((rows, width), NEVER, dtype="float32")
        last = ops.full((count,), self.marks.start, dtype="int32")
        t = ops.cast(0, "int32")

        def goes_on(
            t: Tensor,
            last: Tensor,
            alive: Tensor,
            ids: Tensor,
            aligned: Tensor,
            covered: Tensor,
            ended: Tensor,
            *_: Tensor,
        ) -> Tensor:
            return ops.logical_and(ops.less(t, most), ops.any(self._open(alive, ended)))

        def turn(
            t: Tensor,
            last: Tensor,
            alive: Tensor,
            ids: Tensor,
            aligned: Tensor,
            covered: Tensor,
            ended: Tensor,
            ended_ids: Tensor,
            ended_aligned: Tensor,
            *states: Tensor,
        ) -> tuple[Tensor, ...]:
            logits, new_states, attention = self.step(last, states, memory)
            alive, parents, chosen = self._best(logits, alive, ended, rows)
            kept = [ops.take(each, parents, axis=0) for each in (ids, aligned, covered, *new_states)]
            here = ops.equal(ops.expand_dims(ops.arange(most, dtype="int32"), 0), t)
            ids = ops.where(here, ops.expand_dims(chosen, -1), kept[0])
            aligned, covered = kept[1], kept[2]
            if mask is not None:
                attention = ops.take(ops.cast(attention, "float32"), parents, axis=0)
                aligned = ops.where(here, most_attended(attention, words, ops), aligned)
                covered = covered + attention
            ends = ops.reshape(ops.equal(chosen, self.marks.end), (rows, width))
            scores = self._scores(alive, ops.cast(t + 1, "float32"), covered, mask, rows)
            scores = ops.where(ops.logical_and(ends, alive > _LIVING), scores, NEVER)
            ended, ended_ids, ended_aligned = self._merge(
                (ended, ended_ids, ended_aligned), (scores, ids, aligned), rows
            )
            alive = ops.where(ops.logical_or(ends, alive <= _LIVING), NEVER, alive)
            return (t + 1, chosen, alive, ids, aligned, covered, ended, ended_ids, ended_aligned, *kept[3:])

        begun = (t, last, alive, ids, ids, covered, nothing, ids, ids)
        states = [ops.repeat(each, width, axis=0) for each in states]
        t, last, alive, ids, aligned, covered, *ended = ops.while_loop(goes_on, turn, (*begun, *states))[:9]
        # Those that came to `most` ids without END stand beside the ended ones, and the best of all are kept.
        scores = self._scores(alive, ops.cast(t, "float32"), covered, mask, rows)
        scores = ops.where(ops.logical_and(ops.equal(t, most), alive > _LIVING), scores, NEVER)
        scores, ids, aligned = self._merge(ended, (scores, ids, aligned), rows)
        by_row = [ops.reshape(each, (rows, width, most))[:, : self.n_best] for each in (ids, aligned)]
        return Decoded(by_row[0], scores[:, : self.n_best], None if mask is None else by_row[1])

    def _open(self, alive: Tensor, ended: Tensor) -> Tensor:
        """For each row, whether continuing can change its answer."""
        best = self.ops.max(alive, axis=-1)
        living = best > _LIVING
        if not self.early:
            return living
        return self.ops.logical_and(living, self.penalties.bound(best, self.most) > ended[:, self.n_best - 1])

    def _best(self, logits: Tensor, alive: Tensor, ended: Tensor, rows: Any) -> tuple[Tensor, Tensor, Tensor]:
        """The best continuations: their log p `[rows, width]`, whose continuations they are and by which ids, `[rows *
        width]`."""
        ops, width = self.ops, self.width
        log_p = log_softmax(without_marks(ops.cast(logits, "float32"), self.marks, ops), ops)
        each = min(width, logits.shape[-1])
        gained, ids = ops.top_k(log_p, each)  # of one hypothesis no more can be among the best of its row
        candidates = ops.reshape(ops.expand_dims(alive, -1) + ops.reshape(gained, (rows, width, each)), (rows, -1))
        best, places = ops.top_k(candidates, width)
        ended_already = ops.sum(ops.cast(ended > _LIVING, "int32"), axis=-1, keepdims=True)
        rank = ops.expand_dims(ops.arange(width, dtype="int32"), 0)
        best = ops.where(rank < width - ended_already, best, NEVER)
        chosen = ops.take_along_axis(ops.reshape(ids, (rows, width * each)), places, axis=-1)
        row = ops.expand_dims(ops.arange(rows, dtype="int32"), -1)
        parents = row * width + ops.cast(places, "int32") // each
        return best, ops.reshape(parents, (-1,)), ops.reshape(ops.cast(chosen, "int32"), (-1,))

    def _scores(self, alive: Tensor, length: Tensor, covered: Tensor, mask: Tensor | None, rows: Any) -> Tensor:
        shape = (rows, self.width, -1)
        seen = None if mask is None else self.ops.reshape(covered, shape)
        known = None if mask is None else self.ops.reshape(mask, shape)
        return self.penalties.score(alive, length, seen, known, self.ops)

    def _merge(self, old: Sequence[Tensor], new: Sequence[Tensor], rows: Any) -> list[Tensor]:
        """The best `width` of two sets of hypotheses: scores `[rows, width]`, and what belongs to each."""
        ops, width = self.ops, self.width
        scores, places = ops.top_k(ops.concatenate([old[0], new[0]], axis=1), width)
        row = ops.expand_dims(ops.arange(rows, dtype="int32"), -1)
        flat = ops.reshape(row * 2 * width + ops.cast(places, "int32"), (-1,))
        merged = [scores]
        for before, after in zip(old[1:], new[1:], strict=True):
            sides = [ops.reshape(side, (rows, width, self.most)) for side in (before, after)]
            both = ops.reshape(ops.concatenate(sides, axis=1), (rows * 2 * width, self.most))
            merged.append(ops.take(both, flat, axis=0))
        return merged
