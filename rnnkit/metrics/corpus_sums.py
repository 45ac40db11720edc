"""BLEU, chrF and TER from counts of each sentence, which add up to those of any sample of sentences."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_ORDERS, _CHRF_ORDERS, _CHRF_BETA = 4, 6, 2

Columns = dict[str, np.ndarray]


def bleu_counts(bleu: Any, texts: Sequence[str], references: Sequence[Sequence[str]]) -> Columns:
    """The counts of BLEU: `matches` and `grams`, `[texts, 4]`, `length` and `reference_length`, `[texts]`.

    Args:
        bleu: A `sacrebleu.metrics.BLEU` with `effective_order`, which cuts the texts.
        texts: The texts to score.
        references: The right ones of each.
    """
    scores = [bleu.sentence_score(text, list(right)) for text, right in zip(texts, references, strict=True)]
    return {
        "matches": np.array([score.counts for score in scores], np.float64),
        "grams": np.array([score.totals for score in scores], np.float64),
        "length": np.array([score.sys_len for score in scores], np.float64),
        "reference_length": np.array([score.ref_len for score in scores], np.float64),
    }


def bleu_of(sum_of: Mapping[str, np.ndarray], order: int = _ORDERS, smooth: str = "exp") -> np.ndarray:
    """BLEU (0-100) of samples, by sacrebleu, from their sums of `bleu_counts`.

    Args:
        sum_of: The sums, `[samples, ...]`.
        order: The longest n-grams.
        smooth: sacrebleu's name of the smoothing.
    """
    from sacrebleu.metrics import BLEU

    lengths = zip(sum_of["length"].astype(int).tolist(), sum_of["reference_length"].astype(int).tolist(), strict=True)
    counts = zip(sum_of["matches"].astype(int).tolist(), sum_of["grams"].astype(int).tolist(), lengths, strict=True)
    scores = (
        BLEU.compute_bleu(matches[:order], grams[:order], *both, smooth_method=smooth, max_ngram_order=order)
        for matches, grams, both in counts
    )
    return np.array([score.score for score in scores])


def brevity_penalty_of(sum_of: Mapping[str, np.ndarray]) -> np.ndarray:
    """What BLEU is multiplied by, 0-1, for samples that are shorter than their references."""
    length = np.maximum(sum_of["length"], 1e-9)
    return np.where(sum_of["length"] > 0, np.exp(np.minimum(1 - sum_of["reference_length"] / length, 0)), 0.0)


def chrf_counts(texts: Sequence[str], references: Sequence[str]) -> np.ndarray:
    """Character n-grams of each text, of its reference, and those in both: `[texts, 6, 3]`, without blanks.

    Example:

    >>> chrf_counts(["a cat"], ["a hat"])[0, :2].tolist()
    [[4.0, 4.0, 3.0], [3.0, 3.0, 1.0]]
    """
    counts = np.zeros((len(texts), _CHRF_ORDERS, 3))
    for place, pair in enumerate(zip(texts, references, strict=True)):
        text, reference = ("".join(each.split()) for each in pair)
        for order in range(1, _CHRF_ORDERS + 1):
            ours, theirs = _grams(text, order), _grams(reference, order)
            if theirs:
                counts[place, order - 1] = ours.total(), theirs.total(), (ours & theirs).total()
    return counts


def chrf_of(counts: np.ndarray) -> np.ndarray:
    """chrF (0-100) of samples from their sums of `chrf_counts`, `[samples, 6, 3]`.

    Reference:
        Popović, chrF, WMT 2015, as sacrebleu computes it.
    """
    ours, theirs, both = np.moveaxis(counts, -1, 0)
    there = (ours > 0) & (theirs > 0)
    orders = np.maximum(there.sum(axis=-1), 1)
    precision = np.where(there, both / np.maximum(ours, 1), 0).sum(axis=-1) / orders
    recall = np.where(there, both / np.maximum(theirs, 1), 0).sum(axis=-1) / orders
    weight = _CHRF_BETA**2
    below = weight * precision + recall
    return 100 * (1 + weight) * precision * recall / np.where(below > 0, below, 1)


def _grams(text: str, order: int) -> Counter[str]:
    return Counter(text[start : start + order] for start in range(len(text) - order + 1))
