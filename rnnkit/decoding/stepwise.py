"""Greedy decoding and sampling: one hypothesis per row, one id at a time."""

from collections.abc import Callable, Sequence
from typing import Any

from rnnkit.decoding.choices import log_softmax
from rnnkit.decoding.penalties import Penalties
from rnnkit.decoding.step import Decoded, Marks, Step, most_attended, without_marks

Tensor = Any
#: `(logits [rows, words], t)` to ids `[rows]`.
Choice = Callable[[Tensor, Tensor], Tensor]


def one_by_one(
    step: Step,
    states: Sequence[Tensor],
    memory: Sequence[Tensor],
    marks: Marks,
    most: int,
    choose: Choice,
    rows: Any,
    source_mask: Tensor | None,
    source_words: Tensor | None,
    penalties: Penalties,
    ops: Any,
) -> Decoded:
    """Extend every row by the chosen id, until each has its END or `most` ids.

    Args:
        step: One step of the decoder.
        states: Before the first step, each `[rows, ...]`.
        memory: What every step reads, each `[rows, ...]`.
        marks: The ids with a meaning of their own.
        most: Ids at most.
        choose: The next ids.
        rows: How many there are, a number or a scalar tensor.
        source_mask: True where there is a source word, `[rows, source]`; None for a step without attention.
        source_words: True where there is one that an id may be aligned to, `[rows, source]`.
        penalties: How the scores of different lengths are made comparable; they change no choice.
        ops: `keras.ops` or `rnnkit.decoding.numpy_ops`.
    """
    places = ops.expand_dims(ops.arange(most, dtype="int32"), 0)
    empty = ops.zeros((rows, most), dtype="int32")
    attends = source_mask is not None
    words = ops.cast(source_words, "float32") if attends else None
    mask = ops.cast(source_mask, "float32") if attends and penalties.coverage else None

    def goes_on(
        t: Tensor, last: Tensor, ids: Tensor, aligned: Tensor, covered: Tensor, log_p: Tensor, done: Tensor, *_: Tensor
    ) -> Any:
        return ops.logical_and(ops.less(t, most), ops.logical_not(ops.all(done)))

    def turn(
        t: Tensor,
        last: Tensor,
        ids: Tensor,
        aligned: Tensor,
        covered: Tensor,
        log_p: Tensor,
        done: Tensor,
        *states: Tensor,
    ) -> tuple[Tensor, ...]:
        logits, new_states, attention = step(last, states, memory)
        logits = without_marks(ops.cast(logits, "float32"), marks, ops)
        chosen = ops.where(done, marks.pad, choose(logits, t))
        gained = ops.take_along_axis(log_softmax(logits, ops), ops.expand_dims(chosen, -1), axis=-1)
        log_p = log_p + ops.where(done, 0.0, ops.squeeze(gained, axis=-1))
        here = ops.equal(places, t)
        ids = ops.where(here, ops.expand_dims(chosen, -1), ids)
        if attends:
            aligned = ops.where(here, most_attended(attention, words, ops), aligned)
        if mask is not None:
            covered = covered + ops.where(ops.expand_dims(done, -1), 0.0, ops.cast(attention, "float32"))
        done = ops.logical_or(done, ops.equal(chosen, marks.end))
        return (t + 1, chosen, ids, aligned, covered, log_p, done, *new_states)

    start = ops.full((rows,), marks.start, dtype="int32")
    nothing = ops.zeros((rows,), dtype="float32")
    t, covered = ops.cast(0, "int32"), nothing if mask is None else ops.zeros_like(mask)
    _, _, ids, aligned, covered, log_p, *_ = ops.while_loop(
        goes_on, turn, (t, start, empty, empty, covered, nothing, nothing > 0, *states)
    )
    lengths = ops.cast(ops.sum(ops.cast(ops.not_equal(ids, marks.pad), "int32"), axis=-1), "float32")
    scores = penalties.score(log_p, lengths, None if mask is None else covered, mask, ops)
    ids, scores, aligned = (ops.expand_dims(found, 1) for found in (ids, scores, aligned))
    return Decoded(ids, scores, aligned if attends else None)
