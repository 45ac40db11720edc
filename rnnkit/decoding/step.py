"""The inputs and outputs of decoding."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from rnnkit.decoding.choices import NEVER

Tensor = Any
#: `(last ids [rows], states, memory)` to `(logits [rows, words], new states, attention [rows, source] or None)`.
Step = Callable[[Tensor, Sequence[Tensor], Sequence[Tensor]], tuple[Tensor, Sequence[Tensor], Tensor | None]]


class Marks(NamedTuple):
    """Special ids: start, end and padding.

    Attributes:
        start: Goes in before the first id.
        end: The last id.
        pad: Stands behind the end; 0.
        never: A further id that is never chosen, such as that of unknown words.
    """

    start: int
    end: int
    pad: int = 0
    never: int | None = None


class Decoded(NamedTuple):
    """Sequences, the best of a row first.

    Attributes:
        ids: int32 `[rows, n_best, time]`, with END where it was reached and PAD behind it.
        scores: `[rows, n_best]`: log probabilities with the penalties that were asked for.
        aligned: The place of the source word that each id attended to most, int32 `[rows, n_best, time]`; None without
            attention.
    """

    ids: Tensor
    scores: Tensor
    aligned: Tensor | None


def without_marks(logits: Tensor, marks: Marks, ops: Any) -> Tensor:
    """Logits that exclude START, PAD and forbidden ids."""
    ids = ops.arange(logits.shape[-1], dtype="int32")
    kept = ops.logical_and(ops.not_equal(ids, marks.start), ops.not_equal(ids, marks.pad))
    if marks.never is not None:
        kept = ops.logical_and(kept, ops.not_equal(ids, marks.never))
    return ops.where(kept, logits, NEVER)


def most_attended(attention: Tensor, words: Tensor, ops: Any) -> Tensor:
    """Attention and 1 where there is a word, `[rows, source]`, to the index of the most attended word, `[rows, 1]`."""
    return ops.cast(ops.top_k(ops.cast(attention, "float32") * words, 1)[1], "int32")
