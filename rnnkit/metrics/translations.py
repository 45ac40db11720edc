"""Scores of translations, all by sacrebleu, so that they can be compared with those in papers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from rnnkit.codec.words import UNSPACED, UNSPACED_BUT_CHINESE
from rnnkit.errors import RnnkitError
from rnnkit.installed import missing
from rnnkit.metrics import corpus_sums
from rnnkit.metrics.bootstrap import Statistics, ratio, sums
from rnnkit.metrics.labels import perplexities_of

#: How sacrebleu cuts texts for BLEU without further packages.
TOKENIZERS = ("13a", "intl", "zh", "char")
_LOOKED_AT, _SHARE, _SHARE_OF_OTHERS = 5_000, 0.3, 0.1  # texts; shares of letters
_UNSPACED, _NOT_CHINESE = re.compile(f"[{UNSPACED}]"), re.compile(f"[{UNSPACED_BUT_CHINESE}]")


def tokenize_for(texts: Iterable[str]) -> str:
    """How BLEU is to cut texts in the language of these: by words, or where it has no blanks between them by signs.

    Args:
        texts: Some thousand at most are read.

    Returns:
        "zh" for Chinese, "char" for Japanese, Thai, Lao, Khmer, Burmese and Tibetan, else "13a".

    Example:

    >>> [tokenize_for([text]) for text in ("A dog.", "狗喜欢河。", "犬は川が好きです。", "สุนัข")]
    ['13a', 'zh', 'char', 'char']
    """
    seen = "".join(islice(texts, _LOOKED_AT))
    letters = sum(map(str.isalpha, seen))
    without = len(_UNSPACED.findall(seen))
    if without <= _SHARE * max(letters, 1):
        return TOKENIZERS[0]
    return "char" if len(_NOT_CHINESE.findall(seen)) > _SHARE_OF_OTHERS * without else "zh"


def translation_scores(hypotheses: Sequence[str], references: Sequence[str], tokenize: str = "13a") -> dict[str, Any]:
    """BLEU, chrF and TER of whole texts, case-sensitive in the first two.

    Args:
        hypotheses: The translations, as a reader gets them: not cut into tokens.
        references: The right ones, in the same order.
        tokenize: How BLEU cuts texts; "13a" is the usual, "zh", "ja-mecab" and "ko-mecab" are for languages written
            otherwise (the last two need more packages).

    Returns:
        `bleu` (0-100) with its `bleu_signature`, `chrf` (0-100), `ter` (in percent, lower is better),
        `brevity_penalty` (0-1, what BLEU was multiplied by because translations were too short) and `rows`.

    Raises:
        RnnkitError: There is nothing to score, the two differ in number, or sacrebleu lacks something.

    Example:

    >>> scores = translation_scores(["The cat sat on a mat."], ["The cat sat on the mat."])
    >>> scores["bleu"], scores["chrf"], scores["ter"], scores["brevity_penalty"], scores["rows"]
    (48.89, 65.8, 16.67, 1.0, 1)

    Reference:
        Papineni et al., BLEU, ACL 2002; Post, A Call for Clarity in Reporting BLEU Scores, WMT 2018; Popović, chrF,
        WMT 2015; Snover et al., A Study of Translation Edit Rate, AMTA 2006.
    """
    _check(hypotheses, references)
    metrics, bleu = _metrics(), _bleu(tokenize)
    score = bleu.corpus_score(hypotheses, [references])
    return {
        "bleu": round(score.score, 2),
        "bleu_signature": str(bleu.get_signature()),
        "chrf": round(metrics.CHRF().corpus_score(hypotheses, [references]).score, 2),
        "ter": round(metrics.TER().corpus_score(hypotheses, [references]).score, 2),
        "brevity_penalty": round(score.bp, 4),
        "rows": len(hypotheses),
    }


def translation_statistics(
    hypotheses: Sequence[str],
    references: Sequence[str],
    tokenize: str = "13a",
    nats: np.ndarray | None = None,
    pieces: np.ndarray | None = None,
) -> Statistics:
    """The statistics of `translation_scores`, and of the perplexity, for `rnnkit.metrics.bootstrap`.

    Args:
        hypotheses: As for `translation_scores`.
        references: Likewise.
        tokenize: Likewise.
        nats: -log p of each reference, `[rows]`, where it is known.
        pieces: Tokens of each reference, `[rows]`, with `nats`.

    Raises:
        RnnkitError: As `translation_scores`.
    """
    _check(hypotheses, references)
    ter = _metrics().TER()
    edits = [ter.sentence_score(text, [right]) for text, right in zip(hypotheses, references, strict=True)]
    counts = corpus_sums.bleu_counts(_bleu(tokenize, effective_order=True), hypotheses, [[one] for one in references])
    more = {} if nats is None or pieces is None else {"nats": nats, "pieces": pieces}

    def figures(sum_of: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        found = {
            "bleu": corpus_sums.bleu_of(sum_of),
            "chrf": corpus_sums.chrf_of(sum_of["chrf"]),
            "ter": 100 * ratio(sum_of["edits"], sum_of["words"]),
            "brevity_penalty": corpus_sums.brevity_penalty_of(sum_of),
        }
        if more:
            each = ratio(sum_of["nats"], sum_of["pieces"])
            found |= {"perplexity": perplexities_of(each), "nats_per_piece": each}
        return found

    return sums(
        figures,
        **counts,
        **more,
        chrf=corpus_sums.chrf_counts(hypotheses, references),
        edits=np.array([score.num_edits for score in edits]),
        words=np.array([score.ref_length for score in edits]),
    )


def bleu_by_length(
    sources: Sequence[str],
    hypotheses: Sequence[str],
    references: Sequence[str],
    edges: Sequence[int] = (5, 10, 15, 20, 25, 30),
    tokenize: str = "13a",
) -> list[tuple[str, float, int]]:
    """BLEU of short and of long sentences: to see whether quality drops with length.

    Args:
        sources: What was translated; its words, between blanks, are counted.
        hypotheses: The translations.
        references: The right ones.
        edges: The most words of each group but the last, ascending.
        tokenize: As for `translation_scores`.

    Returns:
        For each group with sentences in it its words ("≤5", "6-10", "31+"), BLEU (0-100) and number of sentences.

    Raises:
        RnnkitError: There is nothing to score, the three differ in number, or the edges do not ascend.

    Example:

    >>> bleu_by_length(["ein Hund", "ein Hund und drei Katzen"], ["a dog", "a b c d e"], ["a dog", "f g h i j"], [3])
    [('≤3', 100.0, 1), ('4+', 0.0, 1)]
    """
    _check(hypotheses, references)
    _check(sources, references)
    edges = [-1, *edges]
    if any(edge >= following for edge, following in zip(edges[:-1], edges[1:], strict=True)):
        raise RnnkitError(f"The edges are {edges[1:]}; give whole numbers, 0 or more, each larger than the one before.")
    bleu = _bleu(tokenize, effective_order=True)  # short sentences have no 4-grams
    groups: list[list[int]] = [[] for _ in edges]
    for row, source in enumerate(sources):
        words = len(source.split())
        groups[sum(words > edge for edge in edges[1:])].append(row)
    found = []
    for label, rows in zip(_labels(edges[1:]), groups, strict=True):
        if rows:
            score = bleu.corpus_score([hypotheses[row] for row in rows], [[references[row] for row in rows]]).score
            found.append((label, round(score, 2), len(rows)))
    return found


def _labels(edges: Sequence[int]) -> list[str]:
    """ "≤5", "6-10", "11", "12+" for the edges 5, 10, 11."""
    if not edges:
        return ["all"]
    between = [
        f"{edge + 1}-{following}" if following > edge + 1 else str(following)
        for edge, following in zip(edges[:-1], edges[1:], strict=True)
    ]
    return [f"≤{edges[0]}", *between, f"{edges[-1] + 1}+"]


def _bleu(tokenize: str, effective_order: bool = False) -> Any:
    try:
        return _metrics().BLEU(tokenize=tokenize, effective_order=effective_order)
    except (ImportError, KeyError, OSError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise RnnkitError(f"sacrebleu cannot cut texts by {tokenize!r} ({reason}); the usual way is '13a'.") from None


def _check(hypotheses: Sequence[str], references: Sequence[str]) -> None:
    if isinstance(hypotheses, str) or isinstance(references, str):
        raise RnnkitError("Texts came as one string; give a list of texts.")
    if len(hypotheses) != len(references) or not len(references):
        raise RnnkitError(
            f"There are {len(hypotheses)} texts for {len(references)} references; give at least one, and one for each."
        )


def _metrics() -> Any:
    try:
        from sacrebleu import metrics
    except ImportError:
        raise missing("sacrebleu", "Scoring translations") from None
    return metrics
