"""Batches of like lengths, so that a recurrent network spends its steps on words and not on padding."""

from collections.abc import Sequence

import numpy as np

from rnnkit.data.ragged import NOTHING, Ragged, fitted
from rnnkit.data.ragged import numeric as numeric
from rnnkit.errors import RnnkitError

_NOISE = 0.05  # share of a length by which training order is blurred, so that batches differ from epoch to epoch


class LengthBuckets:
    """Index batches in which all sequences have about the same length.

    Args:
        lengths: int [examples], each example's length in steps (after any cut).
        batch_size: Examples a batch; one batch of an epoch may be smaller.
        seed: Non-negative; with an epoch's number it alone decides that epoch's order.
        multiple_of: As `pad` will be given it; read by `padding_waste` alone.

    Raises:
        RnnkitError: `batch_size` is below 1.

    Example:

    >>> buckets = LengthBuckets(np.array([9, 1, 8, 2]), batch_size=2, seed=0)
    >>> [batch.tolist() for batch in buckets.in_order()]
    [[1, 3], [2, 0]]
    """

    def __init__(self, lengths: np.ndarray, batch_size: int, seed: int = 0, multiple_of: int = 8):
        if batch_size < 1:
            raise RnnkitError(f"batch_size is {batch_size}; it must be at least 1.")
        self.lengths = np.asarray(lengths)
        self.batch_size = batch_size
        self.seed = seed
        self.multiple_of = multiple_of
        self._last: tuple[int, list[np.ndarray]] = (-1, [])  # of two million examples, it takes a third of a second

    @property
    def steps(self) -> int:
        """Batches in every epoch, and in `in_order()`."""
        return -(-len(self.lengths) // self.batch_size)

    def epoch(self, epoch: int) -> list[np.ndarray]:
        """The training batches of one epoch: like lengths together, batches in random order, no example left out.

        A pure function of (seed, epoch), so a resumed training sees what the undisturbed one would have seen.
        """
        if self._last[0] != epoch:
            self._last = epoch, self._epoch(epoch)
        return list(self._last[1])

    def _epoch(self, epoch: int) -> list[np.ndarray]:
        random = np.random.default_rng([self.seed, epoch])
        factors = random.uniform(1 - _NOISE, 1 + _NOISE, len(self.lengths))
        blurred = self.lengths * factors + random.random(len(self.lengths))
        whole, rest = divmod(len(self.lengths), self.batch_size)
        sizes = random.permutation([self.batch_size] * whole + [rest] * (rest > 0)).astype(np.int64)
        batches = _cut(np.argsort(blurred, kind="stable"), sizes)
        return [batches[place] for place in random.permutation(len(batches))]

    def in_order(self) -> list[np.ndarray]:
        """Evaluation batches: sorted by length, shortest first, always the same."""
        whole, rest = divmod(len(self.lengths), self.batch_size)
        return _cut(np.argsort(self.lengths, kind="stable"), np.array([self.batch_size] * whole + [rest] * (rest > 0)))

    def padding_waste(self, batches: list[np.ndarray] | None = None, maximum: int | None = None) -> float:
        """Share (0-1) of padded positions among all positions, when every batch goes through `pad`.

        Args:
            batches: What to measure; by default epoch 0.
            maximum: As for `pad`.
        """
        batches = self.epoch(0) if batches is None else batches
        positions = used = 0
        for batch in batches:
            lengths = self.lengths[batch]
            width = _padded_length(int(lengths.max(initial=0)), self.multiple_of, maximum)
            positions += width * len(batch)
            used += int(np.minimum(lengths, width).sum())
        return 1 - used / positions if positions else 0.0


def pad(
    sequences: Sequence[np.ndarray] | Ragged, multiple_of: int = 8, maximum: int | None = None, value: float = 0
) -> np.ndarray:
    """Right-pad to the longest sequence, rounded up so that few different shapes are compiled.

    Args:
        sequences: The batch, arrays `[time, *features]` of any lengths.
        multiple_of: The padded length is rounded up to a multiple of this, at least one multiple.
        maximum: The padded length never exceeds this many steps; longer sequences lose their end.
        value: What stands in padded steps: 0, or NaN among floats, for `rnnkit.layers.padding.NaNMasking`.

    Returns:
        `[batch, time, *features]` in the sequences' own dtype, as `Ragged` keeps it.

    Raises:
        RnnkitError: As `Ragged.from_iterable`; or integers are to be padded with NaN.

    Example:

    >>> pad([np.array([1, 2, 3]), np.array([4])], multiple_of=4).tolist()
    [[1, 2, 3, 0], [4, 0, 0, 0]]
    >>> pad([np.array([[0.5, 1.5]])], multiple_of=2).tolist()
    [[[0.5, 1.5], [0.0, 0.0]]]
    """
    rows = [numeric(row)[:maximum] for row in sequences]
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    like = next((row[:0] for row in rows if len(row)), rows[0] if rows else NOTHING)
    width = _padded_length(int(lengths.max(initial=0)), multiple_of, maximum)
    if value != value and like.dtype.kind != "f":
        raise RnnkitError(f"Sequences of {like.dtype} cannot be padded with NaN. Give them as float32.")
    padded = np.full((len(rows), width, *like.shape[1:]), value, dtype=like.dtype)
    filled = [fitted(row, like, number) for number, row in enumerate(rows) if len(row)]
    if filled:
        padded[np.arange(width) < lengths[:, None]] = np.concatenate(filled)
    return padded


def _padded_length(longest: int, multiple_of: int, maximum: int | None) -> int:
    rounded = max(-(-longest // multiple_of), 1) * multiple_of
    return rounded if maximum is None else min(rounded, maximum)


def _cut(order: np.ndarray, sizes: np.ndarray) -> list[np.ndarray]:
    ends = np.cumsum(sizes)
    return [order[end - size : end] for size, end in zip(sizes, ends, strict=True)]
