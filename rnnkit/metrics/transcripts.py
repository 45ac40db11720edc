"""Errors of transcripts in words and characters, counted by jiwer, so that they compare with those in papers."""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from rnnkit.codec.normalise import canonical
from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.installed import missing
from rnnkit.metrics.bootstrap import Statistics, ratio, sums

#: How texts are written before they are compared.
NORMALISATIONS = ("spelling", "letters")
_KINDS = {"substitute": "substituted", "delete": "deleted", "insert": "inserted"}


class WordErrors(NamedTuple):
    """Which words were confused, most frequent first, equally frequent ones in their order.

    Attributes:
        substituted: (the right word, what was heard, how often).
        deleted: (a word that was not heard, how often).
        inserted: (a word that nobody said, how often).
    """

    substituted: list[tuple[str, str, int]]
    deleted: list[tuple[str, int]]
    inserted: list[tuple[str, int]]


def normalised(text: str, how: str = "spelling") -> str:
    """A transcript as it is compared.

    Args:
        text: As it was written.
        how: "spelling": in one spelling (`rnnkit.codec.normalise.canonical`: Unicode's NFC, plain apostrophes), with
            single blanks between words and none around; capitals and signs count. "letters": moreover in lower case
            (`str.lower`), each sign but letters, marks, digits, and apostrophes within words a blank.

    Raises:
        RnnkitError: There is no such normalisation.

    Example:

    >>> normalised(" It\u2019s  10 o'clock, 'Anna'! ", "letters"), normalised("Oh,  no")
    ("it's 10 o'clock anna", 'Oh, no')
    """
    if how not in NORMALISATIONS:
        hint = did_you_mean(how, NORMALISATIONS)
        raise RnnkitError(f"Unknown normalisation {how!r:.60}; expected one of {', '.join(NORMALISATIONS)}.{hint}")
    text = canonical(text)
    if how == "letters":
        text = "".join(sign if _is_said(sign) else " " for sign in canonical(text.lower()))
        return " ".join(word for word in (word.strip("'") for word in text.split()) if word)
    return " ".join(text.split())


def transcript_scores(hypotheses: Sequence[str], references: Sequence[str], how: str = "spelling") -> dict[str, Any]:
    """Word and character error rates over all utterances together.

    Equations:
        WER = 100 (substitutions + deletions + insertions) / words of the references; CER likewise of characters, the
        blanks between words among them

    Args:
        hypotheses: What was heard.
        references: What was said, in the same order. One may be empty: what was heard there is inserted.
        how: As for `normalised`.

    Returns:
        `wer` and `cer` in percent (lower is better; above 100 is possible), `sentence_error_rate` (the share of
        utterances with any error, in percent), `substitutions`, `deletions` and `insertions` of `words`, the
        `normalisation`, and `rows`.

    Raises:
        RnnkitError: There is nothing to score, the two differ in number, the normalisation is unknown, or jiwer is not
            installed.

    Example:

    >>> scores = transcript_scores(["the cat sad", "on mat"], ["the cat sat", "on the mat"])
    >>> scores["wer"], scores["cer"], scores["substitutions"], scores["deletions"], scores["insertions"]
    (33.33, 23.81, 1, 1, 0)

    Reference:
        Morris, Maier & Green, From WER and RIL to MER and WIL, Interspeech 2004, section 2.
    """
    counts = _counts(hypotheses, references, how)
    total = {name: int(column.sum()) for name, column in counts.items()}
    word_errors = total["substitutions"] + total["deletions"] + total["insertions"]
    return {
        "wer": round(100 * word_errors / total["words"], 2),
        "cer": round(100 * total["character_errors"] / total["characters"], 2),
        "sentence_error_rate": round(100 * total["wrong"] / total["rows"], 2),
        **{name: total[name] for name in ("substitutions", "deletions", "insertions", "words")},
        "normalisation": how,
        "rows": total["rows"],
    }


def transcript_statistics(hypotheses: Sequence[str], references: Sequence[str], how: str = "spelling") -> Statistics:
    """The statistics of `transcript_scores`, for `rnnkit.metrics.bootstrap`; an utterance is drawn as a whole.

    Args:
        hypotheses: As for `transcript_scores`.
        references: Likewise.
        how: Likewise.

    Raises:
        RnnkitError: As `transcript_scores`.

    Reference:
        Bisani & Ney, Bootstrap Estimates for Confidence Intervals in ASR Performance Evaluation, ICASSP 2004.
    """

    def figures(sum_of: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        errors = sum_of["substitutions"] + sum_of["deletions"] + sum_of["insertions"]
        return {
            "wer": 100 * ratio(errors, sum_of["words"]),
            "cer": 100 * ratio(sum_of["character_errors"], sum_of["characters"]),
            "sentence_error_rate": 100 * ratio(sum_of["wrong"], sum_of["rows"]),
        }

    return sums(figures, **_counts(hypotheses, references, how))


def word_errors(hypotheses: Sequence[str], references: Sequence[str], how: str = "spelling") -> WordErrors:
    """Which words were taken for which, left out or added, by the alignment that jiwer counts errors with.

    Args:
        hypotheses: As for `transcript_scores`.
        references: Likewise.
        how: Likewise.

    Raises:
        RnnkitError: As `transcript_scores`.

    Example:

    >>> word_errors(["a cap sat", "the cap"], ["the cat sat", "the cat sat"])
    WordErrors(substituted=[('cat', 'cap', 2), ('the', 'a', 1)], deleted=[('sat', 1)], inserted=[])
    """
    found: dict[str, Counter[tuple[str, ...]]] = {name: Counter() for name in WordErrors._fields}
    aligned = _jiwer().process_words(*_written(hypotheses, references, how))
    for said, heard, chunks in zip(aligned.references, aligned.hypotheses, aligned.alignments, strict=True):
        for chunk in chunks:
            if chunk.type in _KINDS:
                of_said = said[chunk.ref_start_idx : chunk.ref_end_idx]
                of_heard = heard[chunk.hyp_start_idx : chunk.hyp_end_idx]
                pairs = zip(of_said, of_heard, strict=True) if of_said and of_heard else zip(of_said or of_heard)
                found[_KINDS[chunk.type]].update(pairs)
    return WordErrors(
        *([(*words, count) for words, count in sorted(each.items(), key=_by_count)] for each in found.values())  # type: ignore[arg-type]
    )


def _by_count(each: tuple[tuple[str, ...], int]) -> tuple[int, tuple[str, ...]]:
    return -each[1], each[0]


def _is_said(sign: str) -> bool:
    return sign.isalnum() or sign == "'" or unicodedata.category(sign)[0] == "M"


def _counts(hypotheses: Sequence[str], references: Sequence[str], how: str) -> dict[str, np.ndarray]:
    """Numbers of each utterance, `[rows]`."""
    said, heard = _written(hypotheses, references, how)
    words, characters = _jiwer().process_words(said, heard), _jiwer().process_characters(said, heard)
    of_kind = {
        name: np.array([_errors(chunks, kind) for chunks in words.alignments])
        for name, kind in (("substitutions", "substitute"), ("deletions", "delete"), ("insertions", "insert"))
    }
    return {
        **of_kind,
        "words": np.array([len(each) for each in words.references]),
        "character_errors": np.array([sum(_errors(of, kind) for kind in _KINDS) for of in characters.alignments]),
        "characters": np.array([len(each) for each in characters.references]),
        "wrong": (np.array([a != b for a, b in zip(said, heard, strict=True)])).astype(int),
        "rows": np.ones(len(said), int),
    }


def _errors(chunks: Sequence[Any], kind: str) -> int:
    sides = [(c.hyp_start_idx, c.hyp_end_idx) if kind == "insert" else (c.ref_start_idx, c.ref_end_idx) for c in chunks]
    return sum(end - start for (start, end), chunk in zip(sides, chunks, strict=True) if chunk.type == kind)


def _written(hypotheses: Sequence[str], references: Sequence[str], how: str) -> tuple[list[str], list[str]]:
    """The references and the hypotheses as they are compared."""
    if isinstance(hypotheses, str) or isinstance(references, str):
        raise RnnkitError("Transcripts came as one string; give a list of texts.")
    if len(hypotheses) != len(references) or not len(references):
        raise RnnkitError(
            f"There are {len(hypotheses)} transcripts for {len(references)} references; give at least one, and one for "
            "each."
        )
    said, heard = ([normalised(text, how) for text in texts] for texts in (references, hypotheses))
    if not any(said):
        raise RnnkitError("No reference has a word, so there is nothing that errors could be a share of.")
    return said, heard


def _jiwer() -> Any:
    try:
        import jiwer
    except ImportError:
        raise missing("jiwer", "Scoring transcripts") from None
    return jiwer
