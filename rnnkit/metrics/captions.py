"""Scores of captions as COCO's evaluation defines them: BLEU by sacrebleu, and ROUGE-L and CIDEr-D, written here.

CIDEr-D has no package but COCO's own, which needs Java to be imported as a whole; ROUGE-L is there as COCO weighs it.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.metrics import corpus_sums
from rnnkit.metrics.bootstrap import Statistics, ratio, sums
from rnnkit.metrics.caption_words import scored_words

Words = list[str]
Grams = Counter[tuple[str, ...]]
_ORDERS = 4
_ROUGE_BETA = 1.2
_CIDER_SIGMA = 6.0


def caption_scores(
    captions: Sequence[str], references: Sequence[Sequence[str]], training: Iterable[str] | None = None
) -> dict[str, float]:
    """Caption scores against several references per picture.

    Args:
        captions: One for each picture, as a reader gets them.
        references: The right ones of each picture, one or more.
        training: All captions that the model was trained on, to tell which of its own are new.

    Returns:
        `bleu1` to `bleu4` (0-1, of the whole corpus), `rouge_l` (0-1), `cider` (CIDEr-D, 0-10, 10 times the paper's;
        its weights are those of these references, so that it needs many pictures and compares on the same ones alone),
        `words` (different ones in the captions), `mean_length` (words), `distinct` (share of captions that no other
        picture has), `exact` (share of captions that are one of the right ones, word for word) and with `training`
        `novelty` (share of captions that are not among these), and `rows`.

    Raises:
        RnnkitError: There is nothing to score, the two differ in number, or a picture has no right caption.

    Example:

    >>> scores = caption_scores(["A dog runs."], [["a dog runs fast", "the dog is running"]])
    >>> scores["bleu1"], scores["bleu4"], scores["rouge_l"]
    (0.7165, 0.0, 0.8356)

    Reference:
        Chen et al., Microsoft COCO Captions, 2015 (arXiv:1504.00325); Papineni et al., BLEU, ACL 2002; Lin, ROUGE,
        2004; Vedantam et al., CIDEr, CVPR 2015 (arXiv:1411.5726).
    """
    _check(captions, references)
    said = [scored_words(caption) for caption in captions]
    right = [[scored_words(reference) for reference in some] for some in references]
    scores = {f"bleu{order}": score for order, score in enumerate(corpus_bleu(said, right), 1)}
    scores["rouge_l"] = _mean(map(rouge_l, said, right))
    scores["cider"] = _mean(cider_d(said, right))
    plain = [" ".join(words) for words in said]
    times = Counter(plain)
    scores["words"] = len({word for words in said for word in words})
    scores["mean_length"] = _mean(map(len, said))
    scores["exact"] = _mean(one in some for one, some in zip(said, right, strict=True))
    scores["distinct"] = _mean(times[caption] == 1 for caption in plain)
    if training is not None:
        known = {" ".join(scored_words(caption)) for caption in training}
        scores["novelty"] = _mean(caption not in known for caption in plain)
    return {name: round(score, 4) for name, score in scores.items()} | {"rows": len(said)}


def caption_statistics(
    captions: Sequence[str], references: Sequence[Sequence[str]], training: Iterable[str] | None = None
) -> Statistics:
    """The statistics of `caption_scores`, a picture an example, for `rnnkit.metrics.bootstrap`.

    The weights of CIDEr-D's n-grams stay those of all the references: a sample that has a picture twice would make its
    words look frequent. `words` and `distinct` are no figures of a sample with repetitions, and left out.

    Args:
        captions: As for `caption_scores`.
        references: Likewise.
        training: Likewise.
    """
    from sacrebleu.metrics import BLEU

    _check(captions, references)
    said = [scored_words(caption) for caption in captions]
    right = [[scored_words(reference) for reference in some] for some in references]
    cutter = BLEU(tokenize="none", smooth_method="none", effective_order=True)
    texts = [" ".join(words) for words in said]
    means: dict[str, Iterable[float]] = {
        "rouge_l": map(rouge_l, said, right),
        "cider": cider_d(said, right),
        "mean_length": map(len, said),
        "exact": (one in some for one, some in zip(said, right, strict=True)),
    }
    if training is not None:
        known = {" ".join(scored_words(caption)) for caption in training}
        means["novelty"] = (text not in known for text in texts)

    def figures(sum_of: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        orders = range(1, _ORDERS + 1)
        found = {f"bleu{order}": corpus_sums.bleu_of(sum_of, order, "none") / 100 for order in orders}
        return found | {name: ratio(sum_of[name], sum_of["rows"]) for name in means}

    return sums(
        figures,
        ("exact", "novelty"),
        **corpus_sums.bleu_counts(cutter, texts, [[" ".join(words) for words in some] for some in right]),
        **{name: np.array(list(values), np.float64) for name, values in means.items()},
        rows=np.ones(len(said)),
    )


def corpus_bleu(captions: Sequence[Words], references: Sequence[Sequence[Words]]) -> list[float]:
    """BLEU-1 to BLEU-4 of all captions together, 0-1, without smoothing, by sacrebleu.

    The length is compared with that of the reference nearest in length, the shorter of two.

    Example:

    >>> corpus_bleu([["a", "b"]], [[["a", "b", "c"]]])[0]
    0.606...
    """
    from sacrebleu.metrics import BLEU

    said = [" ".join(words) for words in captions]
    # sacrebleu takes one list for all first references, one for all second ones; None where a picture has fewer.
    right = list(zip_longest(*([" ".join(each) for each in some] for some in references)))
    orders = (
        BLEU(max_ngram_order=order, tokenize="none", smooth_method="none", force=True)
        for order in range(1, _ORDERS + 1)
    )
    return [bleu.corpus_score(said, right).score / 100 for bleu in orders]


def rouge_l(caption: Words, references: Sequence[Words]) -> float:
    """F of the longest common subsequence, recall counting 1.44 times; precision and recall each of the best reference.

    Example:

    >>> rouge_l("a dog runs".split(), ["a dog runs".split()])
    1.0
    """
    common = [_common(caption, each) for each in references]
    precision = max(common) / max(len(caption), 1)
    recall = max(count / max(len(each), 1) for count, each in zip(common, references, strict=True))
    weight = _ROUGE_BETA**2
    return (1 + weight) * precision * recall / (recall + weight * precision) if precision else 0.0


def cider_d(captions: Sequence[Words], references: Sequence[Sequence[Words]]) -> list[float]:
    """CIDEr-D of each caption, 0-10: likeness of n-grams that are rare among the pictures' references.

    As in COCO's code, the length whose difference is penalised is that in pairs of words, and a single picture gets 0,
    since nothing in it is rarer than the rest.
    """
    cooked = [[_all_grams(each) for each in some] for some in references]
    pictures_with = Counter(gram for some in cooked for gram in set().union(*some))
    log_pictures = math.log(len(references)) if references else 0.0

    def vector(grams: Grams) -> tuple[list[dict[tuple[str, ...], float]], list[float], int]:
        parts: list[dict[tuple[str, ...], float]] = [{} for _ in range(_ORDERS)]
        for gram, count in grams.items():
            parts[len(gram) - 1][gram] = count * (log_pictures - math.log(max(1.0, pictures_with[gram])))
        norms = [math.sqrt(sum(value * value for value in part.values())) for part in parts]
        return parts, norms, sum(count for gram, count in grams.items() if len(gram) == 2)

    scores = []
    for words, some in zip(captions, cooked, strict=True):
        ours, our_norms, our_length = vector(_all_grams(words))
        score = 0.0
        for grams in some:
            theirs, norms, length = vector(grams)
            near = math.exp(-((our_length - length) ** 2) / (2 * _CIDER_SIGMA**2))
            for order in range(_ORDERS):
                both = sum(
                    min(value, other) * other
                    for gram, value in ours[order].items()
                    if (other := theirs[order].get(gram, 0.0))
                )
                norm = our_norms[order] * norms[order]
                score += near * (both / norm if norm else both) / _ORDERS
        scores.append(10 * score / len(some))
    return scores


def _grams(words: Words, order: int) -> Grams:
    return Counter(zip(*(words[start:] for start in range(order)), strict=False))


def _all_grams(words: Words) -> Grams:
    made: Grams = Counter()
    for order in range(1, _ORDERS + 1):
        made.update(_grams(words, order))
    return made


def _common(one: Words, other: Words) -> int:
    """Length of the longest common subsequence."""
    before = [0] * (len(other) + 1)
    for word in one:
        row = [0]
        for place, candidate in enumerate(other):
            row.append(before[place] + 1 if word == candidate else max(row[place], before[place + 1]))
        before = row
    return before[-1]


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers)


def _check(captions: Sequence[str], references: Sequence[Sequence[str]]) -> None:
    if isinstance(captions, str) or any(isinstance(some, str) for some in references):
        raise RnnkitError("Expected a list of captions, and for each of them a list of right ones, not one string.")
    if not captions or len(captions) != len(references):
        raise RnnkitError(f"{len(captions)} captions for {len(references)} pictures; expected one for each, 1 or more.")
    for number, some in enumerate(references):
        if not some:
            raise RnnkitError(f"The picture {number} has no right caption to compare with; leave it out.")
