"""Many sequences of different lengths in one array."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

import numpy as np

from rnnkit.data.growing import Growing, let_go
from rnnkit.errors import RnnkitError

_BLOCK = 2**22  # steps that are moved at a time


class Ragged:
    """Many sequences in one flat array: 10^6 reviews need their ids' bytes and no Python objects.

    Args:
        flat: `[steps, *features]`, all sequences one after the other, of any numeric dtype. It is kept, but for int64,
            NumPy's own for Python integers: those become int32, the dtype of ids. The sequences of uint16 are int32.
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
        flat, offsets, like = Growing(), array("q", [0]), NOTHING
        for number, row in enumerate(rows):
            values = numeric(row)
            if len(values):
                like = values[:0] if like is NOTHING else like
                flat.add(fitted(values, like, number).tobytes())
            offsets.append(offsets[-1] + len(values))
        return cls(flat.array(like.dtype, (-1, *like.shape[1:])), np.frombuffer(offsets, dtype=np.int64))

    @property
    def lengths(self) -> np.ndarray:
        """int64 [sequences]."""
        return np.diff(self.offsets)

    def take(self, indices: Sequence[int] | np.ndarray) -> "Ragged":
        """The sequences at `indices`, in that order."""
        indices = np.asarray(indices, dtype=np.int64)
        lengths = self.lengths[indices]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        taken = Growing()
        for first, end in blocks(offsets):
            start, stop = offsets[first], offsets[end]
            starts = np.repeat(self.offsets[indices[first:end]] - offsets[first:end] + start, lengths[first:end])
            taken.add(self.flat[np.arange(stop - start) + starts].tobytes())
            let_go(self.flat)
        return Ragged(taken.array(self.flat.dtype, (-1, *self.flat.shape[1:])), offsets)

    def looked_up(self, table: np.ndarray) -> "Ragged":
        """The same sequences with each number replaced by that at its place in a table, `[numbers]`."""
        found = Growing()
        for first, end in blocks(self.offsets):
            found.add(table[self.flat[self.offsets[first] : self.offsets[end]]].tobytes())
            let_go(self.flat)
        return Ragged(found.array(table.dtype), self.offsets)

    def counts(self, size: int) -> np.ndarray:
        """How often each number below a size occurs, int64 `[size]`."""
        found = np.zeros(size, np.int64)
        for first, end in blocks(self.offsets):
            found += np.bincount(self.flat[self.offsets[first] : self.offsets[end]], minlength=size)
            let_go(self.flat)
        return found

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> np.ndarray:
        index = range(len(self))[index]
        row = self.flat[self.offsets[index] : self.offsets[index + 1]]
        return row.astype(np.int32) if row.dtype == np.uint16 else row

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[index] for index in range(len(self)))


def blocks(offsets: np.ndarray, steps: int = _BLOCK) -> Iterator[tuple[int, int]]:
    """Runs of sequences, of about so many steps together: the first of each, and the one behind the last.

    Args:
        offsets: int64 `[sequences + 1]`, where each starts and the last ends.
        steps: A run may be longer by a sequence.

    Example:

    >>> list(blocks(np.array([0, 3, 5, 9]), 4))
    [(0, 2), (2, 3)]
    """
    first, count = 0, len(offsets) - 1
    while first < count:
        end = min(max(int(np.searchsorted(offsets, offsets[first] + steps)), first + 1), count)
        yield first, end
        first = end


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


NOTHING = np.zeros(0, np.int32)


def fitted(values: np.ndarray, like: np.ndarray, number: int) -> np.ndarray:
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
