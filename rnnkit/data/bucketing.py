"""Batches of like lengths, so that a recurrent network spends its steps on words and not on padding."""

from array import array
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from rnnkit.errors import RnnkitError

_NOISE = 0.05  # share of a length by which training order is blurred, so that batches differ from epoch to epoch


class Ragged:
    """Many integer sequences in one flat array: 10^6 reviews need their ids' bytes and no Python objects.

    Args:
        flat: int32 [ids], all sequences one after the other.
        offsets: int64 [sequences + 1], where each starts and the last ends.

    Example:

    >>> rows = Ragged.from_iterable([[5, 6], [], [7]])
    >>> len(rows), rows[0].tolist(), rows.lengths.tolist()
    (3, [5, 6], [2, 0, 1])
    >>> [row.tolist() for row in rows.take([2, 0])]
    [[7], [5, 6]]
    """

    def __init__(self, flat: np.ndarray, offsets: np.ndarray):
        self.flat = np.asarray(flat, dtype=np.int32)
        self.offsets = np.asarray(offsets, dtype=np.int64)

    @classmethod
    def from_iterable(cls, rows: Iterable[Sequence[int] | np.ndarray]) -> "Ragged":
        """Collects `rows` one by one, so they may come from a generator that reads a large file."""
        flat, offsets = bytearray(), array("q", [0])
        for row in rows:
            flat += np.asarray(row, dtype=np.int32).tobytes()
            offsets.append(len(flat) // 4)
        return cls(np.frombuffer(flat, dtype=np.int32), np.frombuffer(offsets, dtype=np.int64))

    @property
    def lengths(self) -> np.ndarray:
        """int64 [sequences]."""
        return np.diff(self.offsets)

    def take(self, indices: Sequence[int] | np.ndarray) -> "Ragged":
        """The sequences at `indices`, in that order."""
        indices = np.asarray(indices, dtype=np.int64)
        lengths = self.lengths[indices]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        places = np.arange(offsets[-1]) + np.repeat(self.offsets[indices] - offsets[:-1], lengths)
        return Ragged(self.flat[places], offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> np.ndarray:
        index = range(len(self))[index]
        return self.flat[self.offsets[index] : self.offsets[index + 1]]

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[index] for index in range(len(self)))


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

    @property
    def steps(self) -> int:
        """Batches in every epoch, and in `in_order()`."""
        return -(-len(self.lengths) // self.batch_size)

    def epoch(self, epoch: int) -> list[np.ndarray]:
        """The training batches of one epoch: like lengths together, batches in random order, no example left out.

        A pure function of (seed, epoch), so a resumed training sees what the undisturbed one would have seen.
        """
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


def pad(sequences: Sequence[np.ndarray] | Ragged, multiple_of: int = 8, maximum: int | None = None) -> np.ndarray:
    """Right-pads with 0 to the longest sequence, rounded up so that few different shapes are compiled.

    Args:
        sequences: The batch, integer arrays [time] of any lengths.
        multiple_of: The padded length is rounded up to a multiple of this, at least one multiple.
        maximum: The padded length never exceeds this many steps; longer sequences lose their end.

    Returns:
        int32 [batch, time].

    Example:

    >>> pad([np.array([1, 2, 3]), np.array([4])], multiple_of=4).tolist()
    [[1, 2, 3, 0], [4, 0, 0, 0]]
    """
    rows = [np.asarray(row, dtype=np.int32)[:maximum] for row in sequences]
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    padded = np.zeros((len(rows), _padded_length(int(lengths.max(initial=0)), multiple_of, maximum)), dtype=np.int32)
    if rows:
        padded[np.arange(padded.shape[1]) < lengths[:, None]] = np.concatenate(rows)
    return padded


def _padded_length(longest: int, multiple_of: int, maximum: int | None) -> int:
    rounded = max(-(-longest // multiple_of), 1) * multiple_of
    return rounded if maximum is None else min(rounded, maximum)


def _cut(order: np.ndarray, sizes: np.ndarray) -> list[np.ndarray]:
    ends = np.cumsum(sizes)
    return [order[end - size : end] for size, end in zip(sizes, ends, strict=True)]
