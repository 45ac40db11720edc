"""A score made like METEOR, without its Java program and its lists of synonyms and paraphrases."""

from collections.abc import Callable, Sequence

from rnnkit.metrics.porter import stem

_ALPHA, _BETA, _GAMMA = 0.9, 3.0, 0.5


def meteor_like(caption: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Matches of words and stems in order, 0-1; not METEOR, and not to be compared with figures of METEOR.

    Words are aligned where they are equal, then where their stems are, each with the last one that is free, going from
    the end. Of precision and recall the second counts 9 times; words that are matched but torn apart cost up to half.
    METEOR also matches synonyms and paraphrases and weighs words by kind, which gives other numbers.

    Args:
        caption: Its words.
        references: The words of each right caption; the best score counts.

    Example:

    >>> meteor_like("a dog runs".split(), ["a dog running".split()])
    0.98...

    Reference:
        Banerjee & Lavie, METEOR, ACL workshop 2005, its exact and stem modules with its parameters.
    """
    return max((_score(caption, reference) for reference in references), default=0.0)


def _score(caption: Sequence[str], reference: Sequence[str]) -> float:
    pairs = aligned(caption, reference)
    if not pairs:
        return 0.0
    precision, recall = len(pairs) / len(caption), len(pairs) / len(reference)
    mean = precision * recall / (_ALPHA * precision + (1 - _ALPHA) * recall)
    joints = sum(after == (before[0] + 1, before[1] + 1) for before, after in zip(pairs, pairs[1:], strict=False))
    chunks = len(pairs) - joints
    return mean * (1 - _GAMMA * (chunks / len(pairs)) ** _BETA)


def aligned(caption: Sequence[str], reference: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of places of words that match, in the order of the caption.

    Example:

    >>> aligned("the cats sat".split(), "the cat sat".split())
    [(0, 0), (1, 1), (2, 2)]
    """
    ours, theirs = dict(enumerate(caption)), dict(enumerate(reference))
    pairs: list[tuple[int, int]] = []
    kinds: tuple[Callable[[str], str], ...] = (str, stem)
    for kind in kinds:
        for place in sorted(ours, reverse=True):
            other = next((at for at in sorted(theirs, reverse=True) if kind(theirs[at]) == kind(ours[place])), None)
            if other is not None:
                pairs.append((place, other))
                del ours[place], theirs[other]
    return sorted(pairs)
