"""From decoded ids to sentences, shared by Keras and the phone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np

from rnnkit.codec.normalise import normalised
from rnnkit.codec.pieces import END, Pieces
from rnnkit.codec.vocabulary import PAD, START, UNKNOWN
from rnnkit.decoding.choices import NEVER
from rnnkit.decoding.step import Marks
from rnnkit.errors import RnnkitError

#: The ids with a meaning of their own, as decoding takes them.
MARKS = Marks(start=START, end=END, pad=PAD)

#: How source sentences are spelt before they are read: in one way (`rnnkit.codec.normalise.canonical`), as they are.
SPELLINGS = ("one", "given")


@dataclass(frozen=True)
class Translation:
    """The answer to one sentence.

    Args:
        text: The best translation.
        score: Its log-probability with the penalties asked for, whatever the width of the beam.
        others: Further translations with their scores, the better first, where several were asked for; all texts
            differ, so there may be fewer than were asked for.
    """

    text: str
    score: float
    others: tuple[tuple[str, float], ...] = ()

    @property
    def summary(self) -> str:
        """The text."""
        return self.text


def spelt(pieces: Pieces, spelling: str) -> Pieces:
    """The pieces of the source for one of `SPELLINGS`."""
    return pieces.of_one_spelling() if spelling == SPELLINGS[0] else pieces


def source_ids(text: str, pieces: Pieces, most: int) -> np.ndarray:
    """A source sentence as the encoder reads it: its first ids and END, so that it is never empty; int32 `[time]`.

    Args:
        text: As a person wrote it.
        pieces: Of the source.
        most: Ids at most, END included.

    Example:

    >>> source_ids("ab", Pieces("character", ["a", "b"]), 9).tolist()
    [2, 4, 5, 3]
    """
    return np.append(pieces.encode(text)[: most - 1], np.int32(END))


def checked_texts(texts: Any) -> list[str]:
    """Sentences as a list; a single string counts as one.

    Raises:
        RnnkitError: Something in it is no string.
    """
    if not isinstance(texts, str) and not isinstance(texts, Iterable):
        raise RnnkitError(f"What is to be translated is a {type(texts).__name__}; expected a string or a list of them.")
    listed = [texts] if isinstance(texts, str) else list(texts)
    for place, text in enumerate(listed):
        if not isinstance(text, str):
            raise RnnkitError(f"Sentence {place} is a {type(text).__name__}; expected a string.")
    return listed


def translations_of(
    ids: np.ndarray,
    scores: np.ndarray,
    aligned: np.ndarray | None,
    sources: Sequence[str],
    source_pieces: Pieces,
    pieces: Pieces,
    n_best: int,
) -> list[Translation]:
    """The answers to sentences; an empty sentence has an empty translation.

    Args:
        ids: `[rows, found, time]`.
        scores: `[rows, found]`.
        aligned: The source place each id looked at most, `[rows, found, time]`, whose piece an unknown piece gives
            way to; or None.
        sources: The sentences.
        source_pieces: Of the source.
        pieces: Of the target.
        n_best: Translations of a sentence at most. Those of the same text, which may be cut in several ways, are one.

    Reference:
        Luong et al., Addressing the Rare Word Problem in Neural Machine Translation, ACL 2015; Jean et al., On Using
        Very Large Target Vocabulary for Neural Machine Translation, ACL 2015 (by attention).
    """
    made = []
    for row, source in enumerate(sources):
        if not normalised(source):
            made.append(Translation("", 0.0))
            continue
        texts = (
            text_of(each, pieces, None if aligned is None else aligned[row, place], source, source_pieces)
            for place, each in enumerate(ids[row])
        )
        best, *others = different(texts, scores[row], n_best)
        made.append(Translation(*best, tuple(others)))
    return made


def different(texts: Iterable[str], scores: Sequence[float], n_best: int) -> list[tuple[str, float]]:
    """The first `count` different texts of a search, at least one, with their scores.

    Example:

    >>> different(["a", "a", "b"], [-1.0, -2.0, -3.0], 5)
    [('a', -1.0), ('b', -3.0)]
    """
    answers: dict[str, float] = {}  # of equal texts the first, which is the best
    for text, score in zip(texts, scores, strict=True):
        if len(answers) < n_best and (score > NEVER / 2 or not answers):
            answers.setdefault(text, round(float(score), 4))
    return list(answers.items())


def numbers_of(answers: Iterable[Any]) -> np.ndarray:
    """A number for each answer, so that equal texts have equal ones, int64 `[answers]`.

    Example:

    >>> one, other, again = numbers_of([Translation("a", -1.0), Translation("b", -1.0), Translation("a", -2.0)])
    >>> bool(one == again), bool(one == other)
    (True, False)
    """
    return np.array([crc32(answer.text.encode("utf-8", "backslashreplace")) for answer in answers], np.int64)


def best_two(answers: Iterable[Any]) -> np.ndarray:
    """The scores of the best two texts of each answer, `[answers, 2]`; minus infinity where there is no second.

    Example:

    >>> best_two([Translation("a", -1.0, (("b", -2.5),))]).tolist()
    [[-1.0, -2.5]]
    """
    return np.array([[answer.score, answer.others[0][1] if answer.others else NEVER] for answer in answers])


def text_of(ids: np.ndarray, pieces: Pieces, looked: np.ndarray | None, source: str, source_pieces: Pieces) -> str:
    """One row of ids as text, unknown pieces replaced by their attended source (`looked`, `[time]`) or dropped.

    Example:

    >>> known, other = Pieces("word", ["▁Hallo", "!"]), Pieces("word", ["▁Hello", "!"])
    >>> text_of(np.array([4, 2, 5, 3]), known, np.array([0, 1, 2, 3]), "Hello Kim!", other)
    'Hallo Kim!'
    """
    ids = ids[: int(np.argmax(ids == END))] if (ids == END).any() else ids
    if looked is None or not (ids == UNKNOWN).any():
        return pieces.decode(ids)
    written = source_pieces.split(source)
    strings = []
    for place, number in enumerate(ids):
        if number != UNKNOWN:
            strings.append("" if number in (PAD, START) else pieces.pieces[number])
        elif looked[place] < len(written):
            strings.append(written[looked[place]])
    return pieces.join(strings)
