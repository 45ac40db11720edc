"""Random splits of rows with several labels each, in which every label has its share of every part."""

from collections.abc import Mapping

import numpy as np


def spread(targets: np.ndarray, fractions: Mapping[str, float], seed: int = 0) -> dict[str, np.ndarray]:
    """Divide rows among parts, the rarest label first, each row to the part that lacks most of this label.

    Args:
        targets: 1 where a row has a label, `[rows, labels]`.
        fractions: Part to its share of the rows; the shares add up to 1. Name the training part first: rows of labels
            too rare for all parts go to the parts with the largest shares.
        seed: Non-negative; the same seed gives the same parts.

    Returns:
        Part to its sorted int64 indices; every index is in exactly one part.

    Example:

    >>> targets = np.array([[1, 0], [1, 1], [0, 1], [0, 0]] * 4)
    >>> parts = spread(targets, {"train": 0.5, "test": 0.5})
    >>> [targets[indices].sum(axis=0).tolist() for indices in parts.values()]
    [[4, 4], [4, 4]]

    Reference:
        Sechidis, Tsoumakas & Vlahavas, On the Stratification of Multi-label Data, ECML PKDD 2011 (iterative
        stratification).
    """
    targets = np.asarray(targets, bool)
    rows = len(targets)
    random = np.random.default_rng(seed)
    order = random.permutation(rows)
    shares = np.array(list(fractions.values()), np.float64)
    wanted = shares * rows  # rows that each part lacks
    wanted_of = shares[:, None] * targets.sum(axis=0)  # of each label, [parts, labels]
    part_of = np.full(rows, -1, np.int64)
    left = targets.sum(axis=0)  # rows without a part, by label

    def give(row: int, lacking: np.ndarray) -> None:
        most = np.flatnonzero(lacking >= lacking.max() - 1e-9)
        part = int(most[np.argmax(wanted[most])])
        part_of[row] = part
        wanted[part] -= 1
        wanted_of[part] -= targets[row]

    while left.any():
        label = int(np.argmin(np.where(left > 0, left, rows + 1)))
        chosen = order[targets[order, label] & (part_of[order] < 0)]
        for row in chosen.tolist():
            give(row, wanted_of[:, label])
        left -= targets[chosen].sum(axis=0)
    for row in order[part_of[order] < 0].tolist():
        give(row, wanted)
    return {name: np.flatnonzero(part_of == part) for part, name in enumerate(fractions)}
