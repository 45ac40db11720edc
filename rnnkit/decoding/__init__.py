"""Decoding: from next-id probabilities to whole sequences.

One signature for greedy decoding, sampling and beam search, on tensors of Keras (in a graph, batched) and on numpy
arrays (on a phone), by the same lines.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from rnnkit.decoding import numpy_ops
from rnnkit.decoding.beam import Beam
from rnnkit.decoding.choices import drawn, likeliest, uniform_numbers
from rnnkit.decoding.penalties import Penalties
from rnnkit.decoding.step import Decoded, Marks, Step
from rnnkit.decoding.stepwise import one_by_one
from rnnkit.errors import RnnkitError, did_you_mean

__all__ = ["STRATEGIES", "Decoded", "Marks", "Step", "decode", "numpy_ops"]
Tensor = Any
STRATEGIES = ("greedy", "beam", "sample")


def decode(
    step: Step,
    states: Sequence[Tensor],
    memory: Sequence[Tensor] = (),
    *,
    marks: Marks,
    max_length: int,
    strategy: str = "greedy",
    source_mask: Tensor | None = None,
    source_words: Tensor | None = None,
    beam_width: int = 5,
    n_best: int = 1,
    length_penalty: float = 0.0,
    coverage_penalty: float = 0.0,
    early_finish: bool = True,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    seed: int | None = None,
    uniform: Tensor | None = None,
    rows: Any = None,
    ops: Any = numpy_ops,
) -> Decoded:
    """The likeliest sequences of a step-by-step network, or samples from it.

    Args:
        step: `(last ids [rows], states, memory)` to `(logits [rows, words], new states, attention [rows, source])`.
            In a beam search it is called with `rows * beam_width` rows. Attention is None without `source_mask`.
        states: What changes from step to step, before the first one; each `[rows, ...]`.
        memory: What every step reads and none changes, such as the encoder's outputs; each `[rows, ...]`.
        marks: START, END and PAD.
        max_length: Ids at most, END included.
        strategy: "greedy", "beam" or "sample".
        source_mask: True where there is a source word, `[rows, source]`, for steps that give attention.
        source_words: True where there is one that an id may be aligned to, `[rows, source]`, such as no END; by default
            as `source_mask`.
        beam_width: Hypotheses of a row.
        n_best: How many of these to return.
        length_penalty: alpha of `Penalties`: above 0 makes up for what longer hypotheses lose.
        coverage_penalty: beta of `Penalties`: prefers hypotheses that have attended to every source word.
        early_finish: Stops a beam search as soon as its answer is certain.
        temperature: Of sampling; below 1 the likely become likelier.
        top_k: Ids that are drawn from, the likeliest; 0 for all.
        top_p: Share of the probability that is drawn from.
        seed: Of sampling: the same seed draws the same for a row, in Keras and on a phone.
        uniform: Numbers from 0 to 1 that sampling draws with, `[rows, max_length]`; by default `uniform_numbers` of the
            seed, which a graph that is compiled once needs to be given.
        rows: How many there are, where it cannot be read off the states.
        ops: `rnnkit.decoding.numpy_ops` (the default), or `keras.ops` for tensors.

    Raises:
        RnnkitError: For a number out of range or an unknown strategy.

    Example:

    >>> import numpy as np
    >>> def step(ids, states, memory):  # 5 follows START, then 6, then END
    ...     return np.where(np.arange(7) == np.array([0, 5, 0, 0, 0, 6, 3])[ids][:, None], 9.0, 0.0), states, None
    >>> decode(step, [np.zeros((1, 2))], marks=Marks(1, 3), max_length=4).ids.tolist()
    [[[5, 6, 3, 0]]]

    Reference:
        Sutskever et al., Sequence to Sequence Learning with Neural Networks, NeurIPS 2014; Wu et al., Google's Neural
        Machine Translation System, 2016.
    """
    if strategy not in STRATEGIES:
        raise RnnkitError(
            f"Unknown strategy {strategy!r}; expected one of {', '.join(STRATEGIES)}."
            + did_you_mean(strategy, STRATEGIES)
        )
    _check(max_length, beam_width, n_best, length_penalty, coverage_penalty, temperature, top_k, top_p)
    rows = ops.shape([*states, *memory][0])[0] if rows is None else rows
    if coverage_penalty and source_mask is None:
        raise RnnkitError(f"coverage_penalty is {coverage_penalty}, and there is no attention to look at; set it to 0.")
    source_words = source_mask if source_words is None else source_words
    penalties = Penalties(length_penalty, coverage_penalty)
    if strategy == "beam":
        if n_best > beam_width:
            raise RnnkitError(
                f"n_best is {n_best}, and a beam of {beam_width} finds only as many. Widen the beam: "
                f"--beam-width {n_best}."
            )
        beam = Beam(step, marks, max_length, beam_width, n_best, penalties, early_finish, ops)
        return beam.search(states, memory, rows, source_mask, source_words)
    if n_best != 1:
        raise RnnkitError(f"n_best is {n_best}; only a beam search has more than one answer (strategy='beam').")

    def choose(logits: Tensor, t: Tensor) -> Tensor:
        return likeliest(logits, ops)

    if strategy == "sample":
        numbers = uniform_numbers(seed, range(rows), max_length) if uniform is None else uniform
        pick = partial(drawn, ops=ops, temperature=temperature, top_k=top_k, top_p=top_p)

        def choose(logits: Tensor, t: Tensor) -> Tensor:
            return pick(logits, ops.take(numbers, t, axis=1))

    return one_by_one(step, states, memory, marks, max_length, choose, rows, source_mask, source_words, penalties, ops)


def _check(
    max_length: int,
    beam_width: int,
    n_best: int,
    length_penalty: float,
    coverage_penalty: float,
    temperature: float,
    top_k: int,
    top_p: float,
) -> None:
    least = {
        "max_length": (max_length, 1),
        "beam_width": (beam_width, 1),
        "n_best": (n_best, 1),
        "length_penalty": (length_penalty, 0),
        "coverage_penalty": (coverage_penalty, 0),
        "temperature": (temperature, 0),
        "top_k": (top_k, 0),
    }
    for name, (value, low) in least.items():
        if not value >= low:
            raise RnnkitError(f"{name} is {value!r}; it must be at least {low}.")
    if not 0 < top_p <= 1:
        raise RnnkitError(f"top_p is {top_p!r}; it must be above 0 and at most 1.")
