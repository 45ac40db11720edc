"""Random splits of sequences that keep those of a group together."""

from collections.abc import Mapping, Sequence

import numpy as np

_TRIES = 200  # random orders of the groups, of which the most even one is taken


def split_by_group(
    labels: Sequence[str], groups: Sequence[str], fractions: Mapping[str, float], seed: int = 0
) -> dict[str, np.ndarray]:
    """Divide examples among parts so that each group is in one part, and each label near its share of every part.

    Args:
        labels: The label of each example.
        groups: Its group.
        fractions: Part to its share of the examples; the shares add up to 1. The first part gets what is left.
        seed: The same seed gives the same parts.

    Returns:
        Part to its sorted int64 indices. With fewer groups than parts, the last parts are empty.

    Example:

    >>> labels, groups = list("abababab"), list("ppqqrrss")
    >>> parts = split_by_group(labels, groups, {"train": 0.5, "validation": 0.25, "test": 0.25})
    >>> [len(indices) for indices in parts.values()]
    [4, 2, 2]
    """
    names, of = np.unique(np.asarray(groups), return_inverse=True)
    _, kinds = np.unique(np.asarray(labels), return_inverse=True)
    counts = np.zeros((len(names), kinds.max(initial=0) + 1))
    np.add.at(counts, (of, kinds), 1)
    shares = np.array(list(fractions.values()))
    wanted = shares[:, None] * counts.sum(axis=0)
    random, best, least = np.random.default_rng(seed), np.zeros(len(names), np.int64), np.inf
    for _ in range(_TRIES):
        chosen = _assigned(random.permutation(len(names)), counts, wanted)
        sums = np.stack([counts[chosen == part].sum(axis=0) for part in range(len(shares))])
        missing = 1e6 * float((sums[0] == 0).sum())  # a label that would not be learnt
        cost = missing + float((np.abs(sums - wanted) / np.maximum(counts.sum(axis=0), 1)).sum())
        if cost < least:
            best, least = chosen, cost
    return {name: np.flatnonzero(best[of] == part) for part, name in enumerate(fractions)}


def _assigned(order: np.ndarray, counts: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The part of each group: the later parts take groups in this order until they have their share, one at least."""
    chosen = np.zeros(len(order), np.int64)
    left = list(order)
    for part in range(1, len(wanted)):
        size = 0.0
        while len(left) > 1 and size < wanted[part].sum():
            if size and size + counts[left[-1]].sum() / 2 > wanted[part].sum():
                break
            group = left.pop()
            chosen[group] = part
            size += counts[group].sum()
    return chosen
