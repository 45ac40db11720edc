"""Splitting of one word into pieces: SentencePiece's two algorithms in Python, safe for any length."""

from collections.abc import Mapping
from heapq import heapify, heappop, heappush

from rnnkit.codec.words import split_words

_UNKNOWN_PENALTY = 10.0  # as in SentencePiece: an unknown character scores this much less than the worst piece


def merge_pairs(word: str, scores: Mapping[str, float]) -> list[str]:
    """Byte-pair encoding: merge the neighbours with the best-scored piece until none is left.

    Of equal scores the leftmost goes first. With a heap, so it takes n log n steps for n characters.

    Args:
        word: What to cut; characters that are no piece stay single.
        scores: Of every piece; the earlier a pair was learnt, the higher.

    Returns:
        Parts of the word, in order.

    Example:

    >>> merge_pairs("lower", {"l": 0, "o": 0, "w": 0, "e": 0, "r": 0, "er": -1, "lo": -2, "low": -3})
    ['low', 'er']

    Reference:
        Sennrich, Haddow & Birch, Neural Machine Translation of Rare Words with Subword Units, ACL 2016.
    """
    parts = list(word)
    after, before = list(range(1, len(parts) + 1)), list(range(-1, len(parts) - 1))
    find = scores.get
    heap = []
    for left in range(len(parts) - 1):
        score = find(pair := parts[left] + parts[left + 1])
        if score is not None:
            heap.append((-score, left, left + 1, pair))
    heapify(heap)
    while heap:
        _, left, right, pair = heappop(heap)
        if not parts[left] or not parts[right] or parts[left] + parts[right] != pair:
            continue  # one of the two has been joined to another since
        parts[left], parts[right] = pair, ""
        following = after[left] = after[right]
        if following < len(parts):
            before[following] = left
        for one, other in ((before[left], left), (left, following)):
            if one >= 0 and other < len(parts):
                score = find(joined := parts[one] + parts[other])
                if score is not None:
                    heappush(heap, (-score, one, other, joined))
    return [part for part in parts if part]


def best_path(word: str, scores: Mapping[str, float], longest: int, lowest: float) -> list[str]:
    """Unigram model: the cut whose pieces' scores have the largest sum (Viterbi).

    Args:
        word: What to cut; characters that are no piece stay single.
        scores: Of every piece, its log-probability.
        longest: Characters of the longest piece; the time is this times the word's length.
        lowest: The smallest score; an unknown character gets 10 less.

    Returns:
        Parts of the word, in order.

    Example:

    >>> best_path("lower", {"low": -1.0, "er": -1.5, "lo": -0.5, "wer": -3.0}, 3, -3.0)
    ['low', 'er']

    Reference:
        Kudo, Subword Regularization, ACL 2018.
    """
    length, find, unknown = len(word), scores.get, lowest - _UNKNOWN_PENALTY
    best: list[float | None] = [0.0] + [None] * length
    begins = [0] * (length + 1)
    for begin in range(length):
        here = best[begin]
        if here is None:
            continue
        for end in range(begin + 1, min(begin + longest, length) + 1):
            score = find(word[begin:end])
            if score is None:
                if end > begin + 1:
                    continue
                score = unknown
            old = best[end]
            if old is None or here + score > old:
                best[end], begins[end] = here + score, begin
    parts, end = [], length
    while end:
        parts.append(word[begins[end] : end])
        end = begins[end]
    return parts[::-1]


def words_and_signs(word: str) -> list[str]:
    """Words, numbers and signs as `split_words` finds them; blanks stay with their neighbour.

    Args:
        word: A stretch without blanks.

    Returns:
        Parts of the word, in order, none left out.

    Example:

    >>> words_and_signs("(don't!)")
    ['(', "don't", '!', ')']
    """
    begins = [begin for _, begin, _ in split_words(word)] or [0]
    begins[0] = 0
    return [word[begin:end] for begin, end in zip(begins, [*begins[1:], len(word)], strict=True)]
