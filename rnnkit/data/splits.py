"""Random splits in which every label has its share of every part."""

from collections.abc import Mapping

import numpy as np

from rnnkit.errors import RnnkitError


def stratified_split(labels: np.ndarray, fractions: Mapping[str, float], seed: int = 0) -> dict[str, np.ndarray]:
    """Divide the indices of `labels` among parts, label by label; the same arguments give the same split.

    A label with at least as many examples as there are parts is in all of them; a rarer one is in the parts named
    first, so name the training part first.

    Args:
        labels: [examples], integers or strings.
        fractions: Part to its share of the examples; the shares add up to 1.
        seed: Non-negative.

    Returns:
        Part to its sorted int64 indices; every index is in exactly one part.

    Raises:
        RnnkitError: The shares are negative or do not add up to 1.

    Example:

    >>> parts = stratified_split(np.array([0, 0, 0, 1, 1, 1]), {"train": 0.67, "test": 0.33})
    >>> {name: len(indices) for name, indices in parts.items()}
    {'train': 4, 'test': 2}
    """
    shares = np.array(list(fractions.values()), dtype=float)
    if len(shares) == 0 or shares.min() < 0 or abs(shares.sum() - 1) > 1e-6:
        raise RnnkitError(f"The split {dict(fractions)} must have shares of 0 or more that add up to 1.")
    random = np.random.default_rng(seed)
    shuffled = random.permutation(len(labels))
    _, classes = np.unique(np.asarray(labels), return_inverse=True)
    grouped = shuffled[np.argsort(classes.reshape(-1)[shuffled], kind="stable")]  # by label, random within
    sizes = np.bincount(classes.reshape(-1)) if len(labels) else np.zeros(0, np.int64)
    part_of = np.empty(len(labels), np.int64)
    for end, size in zip(np.cumsum(sizes), sizes, strict=True):
        part_of[grouped[end - size : end]] = np.repeat(np.arange(len(shares)), _allot(int(size), shares))
    return {name: np.flatnonzero(part_of == part) for part, name in enumerate(fractions)}


def _allot(size: int, shares: np.ndarray) -> np.ndarray:
    """Whole numbers near `size * shares` that add up to `size`, none of them 0 where that can be helped."""
    used = np.flatnonzero(shares)
    counts = np.zeros(len(shares), np.int64)
    if size <= len(used):
        counts[used[:size]] = 1
        return counts
    wanted = size * shares
    counts += np.floor(wanted).astype(np.int64)
    counts[np.argsort(counts - wanted, kind="stable")[: size - counts.sum()]] += 1  # largest remainders
    for part in used[counts[used] == 0]:
        counts[np.argmax(counts)] -= 1
        counts[part] = 1
    return counts
