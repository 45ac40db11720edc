"""Batches of sentence pairs of similar lengths, balanced by tokens rather than rows."""

import numpy as np

from rnnkit.errors import RnnkitError


class TokenBuckets:
    """Index batches of pairs: both sides have similar lengths, and short pairs come in larger batches.

    Pairs are sorted by the longer of their two padded lengths, then by the difference of the two, alternately up and
    down, so that neighbours waste little on either side. The sorted sequence is cut once; pairs with the same padded
    lengths are permuted from epoch to epoch. So every epoch has the same number of batches, of the same shapes.

    Args:
        source_lengths: int [examples], steps of each source sentence, as the network sees it.
        target_lengths: int [examples], the same for the target.
        batch_tokens: Largest product of a batch's rows and its longest padded side; a longer pair makes a batch of its
            own.
        seed: Non-negative; together with the epoch's number it determines that epoch's order.
        multiple_of: The multiple to which `pad` rounds lengths up; the sides are padded separately.

    Raises:
        RnnkitError: The two sides differ in number, or `batch_tokens` or `multiple_of` is below 1.

    Example:

    >>> buckets = TokenBuckets(np.array([9, 1, 8, 2]), np.array([7, 2, 8, 2]), batch_tokens=16, multiple_of=1)
    >>> [batch.tolist() for batch in buckets.in_order()], buckets.steps
    ([[1, 3], [2], [0]], 3)
    """

    def __init__(
        self,
        source_lengths: np.ndarray,
        target_lengths: np.ndarray,
        batch_tokens: int,
        seed: int = 0,
        multiple_of: int = 8,
    ):
        source, target = np.asarray(source_lengths, dtype=np.int64), np.asarray(target_lengths, dtype=np.int64)
        if source.shape != target.shape or source.ndim != 1:
            raise RnnkitError(
                f"There are {source.size} source and {target.size} target lengths; give one for each pair."
            )
        if batch_tokens < 1 or multiple_of < 1:
            raise RnnkitError(f"batch_tokens is {batch_tokens}, multiple_of {multiple_of}; both must be at least 1.")
        self.lengths = np.stack([source, target])  # [2, examples]
        self.batch_tokens = batch_tokens
        self.seed = seed
        self.multiple_of = multiple_of
        units = self._padded(self.lengths) // multiple_of
        self._width = units.max(axis=0)
        lean = units[1] - units[0]
        self._lean = np.where(self._width % 2, lean, -lean)
        self._ends = _ends(np.sort(self._width) * multiple_of, batch_tokens)

    @property
    def steps(self) -> int:
        """Number of batches in every epoch, and in `in_order()`."""
        return len(self._ends)

    def epoch(self, epoch: int) -> list[np.ndarray]:
        """The training batches of one epoch, in random order, without omissions.

        A pure function of (seed, epoch), so a resumed training sees what the undisturbed one would have seen.
        """
        random = np.random.default_rng([self.seed, epoch])
        batches = self._cut(np.lexsort([random.random(len(self._width)), self._lean, self._width]))
        return [batches[place] for place in random.permutation(len(batches))]

    def in_order(self) -> list[np.ndarray]:
        """Evaluation batches: the shortest first, always in the same order."""
        source, target = self.lengths
        return self._cut(np.lexsort([source, target, self._lean, self._width]))

    def padding_waste(self, batches: list[np.ndarray] | None = None) -> float:
        """Share (0-1) of padding among all positions of both sides, after `pad`.

        Args:
            batches: The batches to measure; by default those of epoch 0.
        """
        positions = used = 0
        for batch in self.epoch(0) if batches is None else batches:
            lengths = self.lengths[:, batch]
            positions += int(self._padded(lengths.max(axis=1)).sum()) * len(batch)
            used += int(lengths.sum())
        return 1 - used / positions if positions else 0.0

    def _padded(self, lengths: np.ndarray) -> np.ndarray:
        return np.maximum(-(-lengths // self.multiple_of), 1) * self.multiple_of

    def _cut(self, order: np.ndarray) -> list[np.ndarray]:
        return np.split(order, self._ends[:-1]) if len(order) else []


def _ends(widths: np.ndarray, batch_tokens: int) -> list[int]:
    """The ends of batches: each takes as many rows as its widest, the last one, allows. `widths` ascend."""
    ends, begin = [], 0
    while begin < len(widths):
        rows = max(batch_tokens // int(widths[begin]), 1)
        tokens = widths[begin : begin + rows] * np.arange(1, len(widths[begin : begin + rows]) + 1)
        begin += max(int(np.searchsorted(tokens, batch_tokens, side="right")), 1)
        ends.append(begin)
    return ends
