"""Batches of like lengths, so that a recurrent network spends its steps on words and not on padding."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

import numpy as np

from rnnkit.errors import RnnkitError

_NOISE = 0.05  # share of a length by which training order is blurred, so that batches differ from epoch to epoch


class Ragged:
    """Many sequences in one flat array: 10^6 reviews need their ids' bytes and no Python objects.

    Args:
        flat: `[steps, *features]`, all sequences one after the other, of any numeric dtype. It is kept, but for int64,
            NumPy's own for Python integers: those become int32, the dtype of ids.
        offsets: int64 `[sequences + 1]`, where each starts and the last ends.

    Raises:
        RnnkitError: `flat` is no array of numbers, or holds integers that int32 does not.

    Example:

    >>> rows = Ragged.from_iterable([[5, 6], [], [7]])
    >>> len(rows), rows[0].tolist(), rows.lengths.tolist()
    (3, [5, 6], [2, 0, 1])
    >>> [row.tolist() for row in rows.take([2, 0])]
    [[7], [5, 6]]
    >>> Ragged.from_iterable([[0.5, 1.5], [2.5]]).flat
    array([0.5, 1.5, 2.5])
    """

    def __init__(self, flat: np.ndarray, offsets: np.ndarray):
        self.flat = numeric(flat)
        self.offsets = np.asarray(offsets, dtype=np.int64)

    @classmethod
    def from_iterable(cls, rows: Iterable[Sequence[float] | np.ndarray]) -> "Ragged":
        """Collect `rows`, each `[time, *features]`, one by one, so they may come from a generator that reads a large
        file. The first that is not empty decides dtype and features.

        Raises:
            RnnkitError: A row is of another shape, or holds numbers that the first one's dtype would change.
        """
        flat, offsets, like = bytearray(), array("q", [0]), _NOTHING
        for number, row in enumerate(rows):
            values = numeric(row)
            if len(values):
                like = values[:0] if like is _NOTHING else like
                flat += _fitted(values, like, number).tobytes()
            offsets.append(offsets[-1] + len(values))
        whole = np.frombuffer(flat, dtype=like.dtype).reshape(-1, *like.shape[1:])
        return cls(whole, np.frombuffer(offsets, dtype=np.int64))

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


def numeric(values: Sequence[float] | np.ndarray) -> np.ndarray:
    """An array of the same numbers, `[time, *features]`: int32 in place of int64, any other dtype as it is.

    Raises:
        RnnkitError: These are no numbers, or integers beyond 32 bits.

    Example:

    >>> numeric([1, 2]).dtype, numeric(np.ones((3, 2), "float32")).dtype
    (dtype('int32'), dtype('float32'))
    """
    if type(values) is list and values:
        with suppress(TypeError, OverflowError):  # a list of ids, as most are: twice as fast, and takes nothing else
            return np.frombuffer(array("i", values), np.int32)
    given = np.asarray(values)
    if given.dtype == np.int32 and given.ndim:
        return given
    if not given.ndim:
        raise RnnkitError(f"A sequence is {str(values)[:40]!r}; expected an array [time, *features] of numbers.")
    if not given.size and not isinstance(values, np.ndarray):
        return np.zeros(given.shape, np.int32)  # NumPy takes an empty list for floats
    if given.dtype.kind not in "iufb":
        raise RnnkitError(f"A sequence is of {given.dtype}; expected an array [time, *features] of numbers.")
    if given.dtype != np.int64:
        return given
    ids = given.astype(np.int32)
    if (ids != given).any():
        far = given[ids != given][0]
        raise RnnkitError(f"A sequence holds the integer {far}, which int32 does not. Give floats, or smaller ones.")
    return ids


_NOTHING = np.zeros(0, np.int32)


def _fitted(values: np.ndarray, like: np.ndarray, number: int) -> np.ndarray:
    """The values in the dtype of `like`, the same to the last bit."""
    if values.dtype == like.dtype and values.shape[1:] == like.shape[1:]:
        return values
    if values.shape[1:] != like.shape[1:]:
        raise RnnkitError(
            f"Sequence {number} has features {list(values.shape[1:])}, those before it {list(like.shape[1:])}; all "
            "have the same."
        )
    with np.errstate(all="ignore"):
        cast = values.astype(like.dtype)
    back, may_be_nan = cast.astype(values.dtype), values.dtype.kind == "f"
    if not all(np.array_equal(each, values, equal_nan=may_be_nan) for each in (back, cast)):
        raise RnnkitError(
            f"Sequence {number} is of {values.dtype}, those before it of {like.dtype}, in which its numbers would be "
            "others. Give all as one dtype, such as float32."
        )
    return cast


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
    like = next((row[:0] for row in rows if len(row)), rows[0] if rows else _NOTHING)
    width = _padded_length(int(lengths.max(initial=0)), multiple_of, maximum)
    if value != value and like.dtype.kind != "f":
        raise RnnkitError(f"Sequences of {like.dtype} cannot be padded with NaN. Give them as float32.")
    padded = np.full((len(rows), width, *like.shape[1:]), value, dtype=like.dtype)
    filled = [_fitted(row, like, number) for number, row in enumerate(rows) if len(row)]
    if filled:
        padded[np.arange(width) < lengths[:, None]] = np.concatenate(filled)
    return padded


def _padded_length(longest: int, multiple_of: int, maximum: int | None) -> int:
    rounded = max(-(-longest // multiple_of), 1) * multiple_of
    return rounded if maximum is None else min(rounded, maximum)


def _cut(order: np.ndarray, sizes: np.ndarray) -> list[np.ndarray]:
    ends = np.cumsum(sizes)
    return [order[end - size : end] for size, end in zip(sizes, ends, strict=True)]
