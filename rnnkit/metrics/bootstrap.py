"""Confidence intervals of test figures: the percentile bootstrap over examples (texts, sentences, pictures, trees)."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

LEVEL, RESAMPLES = 0.95, 2000
_HELD = 4_000_000  # numbers in memory at a time
_FEW = 16  # examples a group, from which drawing by groups is faster than by examples

Columns = Mapping[str, np.ndarray]


class Statistics(NamedTuple):
    """What is known of each test example, from which the figures of any sample of them follow.

    Args:
        counts: How many examples there are of each kind, int `[kinds]`; 1 each where all are different.
        figures: From how often each kind is drawn, float `[samples, kinds]`, to the figures by name, `[samples]` each.
        shares: Names of the figures that are a plain share of the examples, such as an accuracy.
    """

    counts: np.ndarray
    figures: Callable[[np.ndarray], Columns]
    shares: tuple[str, ...] = ()


def sums(figures: Callable[[Columns], Columns], shares: tuple[str, ...] = (), /, **columns: np.ndarray) -> Statistics:
    """Statistics of figures that follow from sums over the examples, as most do.

    Args:
        figures: From the sums of the columns over a sample, `[samples, ...]` each, to the figures by name, `[samples]`.
        shares: As in `Statistics`.
        **columns: Numbers of each example, `[examples]` or `[examples, more]`. With 1 for each example, a column
            `rows` sums to the number of examples.

    Example:

    >>> errors = np.array([0.5, 1.5, 1.0])
    >>> made = sums(lambda sum: {"mean_absolute_error": sum["error"] / sum["rows"]}, error=errors, rows=np.ones(3))
    >>> made.figures(np.ones((1, 3)))["mean_absolute_error"].tolist()
    [1.0]
    """
    tables = {name: np.asarray(column, np.float64) for name, column in columns.items()}
    wide = np.concatenate([table.reshape(len(table), -1) for table in tables.values()], axis=1)
    kinds, counts = np.unique(wide, axis=0, return_counts=True)
    ends = np.cumsum([np.prod(table.shape[1:], dtype=int) for table in tables.values()])

    def of_sample(drawn: np.ndarray) -> Columns:
        parts = np.split(drawn @ kinds, ends[:-1], axis=1)
        shaped = (
            part.reshape(len(drawn), *table.shape[1:]) for part, table in zip(parts, tables.values(), strict=True)
        )
        return figures(dict(zip(tables, shaped, strict=True)))

    return Statistics(counts, of_sample, shares)


def ratio(number: np.ndarray, of: np.ndarray) -> np.ndarray:
    """The quotient of sums, 0 where there is nothing to divide by.

    Example:

    >>> ratio(np.array([1.0, 0.0]), np.array([4.0, 0.0])).tolist()
    [0.25, 0.0]
    """
    return np.divide(number, of, out=np.zeros(np.broadcast(number, of).shape), where=np.asarray(of) > 0)


def confidence_intervals(
    statistics: Statistics, *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, list[float]]:
    """Between which values each figure lies with this confidence, as far as the choice of test examples decides it.

    The examples are drawn anew, as many as there are, with repetition; of the figures of these samples, the middle
    part is the interval. Training anew, or other kinds of data, move a figure further.

    Args:
        statistics: Of the test examples.
        level: The share of the samples in the interval.
        resamples: How many samples are drawn.
        seed: Of the draws; the same seed gives the same intervals.

    Returns:
        Figure to its lower and upper bound, six digits each. A figure that is the same in every sample has no interval,
        since the examples do not tell how it varies; but a share of 0 or 1 has the exact one (Clopper-Pearson). Fewer
        than 2 examples give none.

    Example:

    >>> right = np.array([1.0] * 8 + [0.0] * 2)
    >>> made = sums(lambda sum: {"accuracy": sum["right"] / sum["rows"]}, ("accuracy",), right=right, rows=np.ones(10))
    >>> confidence_intervals(made)
    {'accuracy': [0.5, 1.0]}

    Reference:
        Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13; Koehn, Statistical Significance Tests
        for Machine Translation Evaluation, EMNLP 2004 (for corpus scores).
    """
    examples = int(statistics.counts.sum())
    if examples < 2:
        return {}
    found: dict[str, list[np.ndarray]] = {}
    for drawn in _draws(statistics.counts, resamples, seed):
        for name, values in statistics.figures(drawn).items():
            found.setdefault(name, []).append(np.broadcast_to(values, len(drawn)))
    outside = (1 - level) / 2
    intervals = {}
    for name, chunks in found.items():
        values = np.concatenate(chunks)
        low, high = np.quantile(values, (outside, 1 - outside))
        if name in statistics.shares and np.ptp(values) == 0 and values[0] in (0, 1):
            bound = outside ** (1 / examples)
            low, high = (bound, 1.0) if values[0] else (0.0, 1 - bound)
        elif not np.isfinite(values).all() or np.isclose(np.ptp(values), 0, atol=1e-12):
            continue
        intervals[name] = [float(f"{bound:.6g}") for bound in (low, high)]
    return intervals


def _draws(counts: np.ndarray, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """How often each kind is drawn, float `[samples, kinds]`, in parts that fit in memory."""
    random, examples = np.random.default_rng(seed), int(counts.sum())
    kind_of = np.repeat(np.arange(len(counts)), counts)
    most = max(_HELD // len(counts), 1)
    for first in range(0, resamples, most):
        count = min(most, resamples - first)
        if len(counts) * _FEW < examples:
            yield random.multinomial(examples, counts / examples, count).astype(np.float64)
            continue
        drawn = np.empty((count, len(counts)))
        for row in drawn:
            row[:] = np.bincount(kind_of[random.integers(examples, size=examples)], minlength=len(counts))
        yield drawn
