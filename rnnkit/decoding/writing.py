"""Open-ended generation: each id is yielded as soon as it is sampled."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from rnnkit.decoding import numpy_ops
from rnnkit.decoding.choices import NEVER, drawn

#: `(last ids [rows], states)` to `(logits [rows, words], new states)`.
Stepper = Callable[[np.ndarray, Any], tuple[np.ndarray, Any]]
#: `(row, id)`: whether this id may come next in this row.
Allowed = Callable[[int, int], bool]


def write(
    step: Stepper,
    states: Any,
    given: Sequence[int],
    *,
    rows: int,
    end: int,
    never: Sequence[int],
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    no_repeat: int = 0,
    seed: int | None = None,
    allowed: Allowed | None = None,
) -> Iterator[np.ndarray]:
    """Sample ids for ever, or until all rows have ended; reproducible on every machine.

    Args:
        step: One step of the network.
        states: Before the first one.
        given: What all rows begin with, at least one id; read, and not handed out.
        rows: Samples drawn side by side.
        end: The id that ends a row.
        never: Ids that are never drawn.
        temperature: As for `rnnkit.decoding.decode`; so are `top_k` and `top_p`.
        no_repeat: No stretch of so many ids comes twice in a row; 0 for no such guard.
        seed: Of the draws; a row's hang on it and on the row's number alone.
        allowed: Asked before an id is taken; where it says no, another is drawn. A row for which nothing is left ends.

    Yields:
        int32 `[rows]`, the next id of each; `end` for a row from its end on.

    Reference:
        Graves, Generating Sequences With Recurrent Neural Networks, 2013 (arXiv:1308.0850); Paulus et al., A Deep
        Reinforced Model for Abstractive Summarization, ICLR 2018, section 2.5 (no stretch twice).
    """
    randoms = [np.random.default_rng(None if seed is None else (seed, row)) for row in range(rows)]
    guards = [_Guard(no_repeat, given) for _ in range(rows if no_repeat else 0)]
    done = np.zeros(rows, bool)
    logits = np.zeros((rows, 0))
    for begun in given:
        logits, states = step(np.full(rows, begun, np.int32), states)
    while True:
        uniform = np.array([random.random(dtype=np.float32) for random in randoms])
        left = np.array(logits, np.float32)
        left[:, list(never)] = NEVER
        for row, guard in enumerate(guards):
            left[row, guard.refused()] = NEVER
        chosen = drawn(left, uniform, numpy_ops, temperature=temperature, top_k=top_k, top_p=top_p)
        for row in map(int, np.flatnonzero(~done)):
            while left[row, chosen[row]] <= NEVER or not _may(allowed, row, int(chosen[row]), end):
                left[row, chosen[row]] = NEVER
                if left[row].max() <= NEVER:
                    chosen[row] = end
                    break
                one = slice(row, row + 1)
                uniform[row] = randoms[row].random(dtype=np.float32)  # the old one is where the refused id was
                chosen[one] = drawn(
                    left[one], uniform[one], numpy_ops, temperature=temperature, top_k=top_k, top_p=top_p
                )
        chosen = np.where(done, end, chosen).astype(np.int32)
        done |= chosen == end
        for guard, place in zip(guards, chosen, strict=False):
            guard.add(int(place))
        yield chosen
        if done.all():
            return
        logits, states = step(chosen, states)


def _may(allowed: Allowed | None, row: int, place: int, end: int) -> bool:
    return allowed is None or place == end or allowed(row, place)


class _Guard:
    """A record of the ids that followed each n-gram of one row."""

    def __init__(self, length: int, given: Sequence[int]) -> None:
        self.length, self.last = length, list[int]()
        self.followed: dict[tuple[int, ...], list[int]] = {}
        for place in given:
            self.add(place)

    def refused(self) -> list[int]:
        """The ids that would repeat an n-gram."""
        return self.followed.get(tuple(self.last), []) if len(self.last) == self.length - 1 else []

    def add(self, place: int) -> None:
        """The next id."""
        if len(self.last) == self.length - 1:
            self.followed.setdefault(tuple(self.last), []).append(place)
        self.last = [*self.last, place][-(self.length - 1) :] if self.length > 1 else []
