"""From decoded ids to captions, shared by Keras and the phone."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnkit.codec.pictures import as_picture
from rnnkit.codec.pieces import Pieces
from rnnkit.codec.vocabulary import UNKNOWN
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.translations import MARKS, different

#: As `rnnkit.decoding` takes them: a caption has no word that stands for an unknown one.
CAPTION_MARKS = MARKS._replace(never=UNKNOWN)
#: How COCO's evaluation spells brackets, which are not learnt.
BRACKET = re.compile(r"-[lr][rsc]b-")
_JOINED = re.compile(r" (?='(?:s|m|d|re|ve|ll)\b|n't\b)")


@dataclass(frozen=True)
class Caption:
    """The answer to one picture.

    Args:
        text: The best caption.
        score: Its log-probability with the penalties asked for.
        others: Further captions with their scores, the better first, where several were asked for.
    """

    text: str
    score: float
    others: tuple[tuple[str, float], ...] = ()

    @property
    def summary(self) -> str:
        """The text."""
        return self.text


def captions_of(ids: np.ndarray, scores: np.ndarray, pieces: Pieces, n_best: int) -> list[Caption]:
    """The answers to pictures.

    Args:
        ids: `[rows, found, time]`.
        scores: `[rows, found]`.
        pieces: What the ids stand for.
        n_best: Captions of a picture at most.

    Example:

    >>> captions_of(np.array([[[4, 5, 3]]]), np.array([[-1.0]]), Pieces("word", ["▁a", "▁dog"]), 1)[0].text
    'a dog'
    """
    made = []
    for found, row in zip(ids, scores, strict=True):
        best, *others = different(_texts(found, pieces), row, n_best)
        made.append(Caption(*best, tuple(others)))
    return made


def _texts(found: np.ndarray, pieces: Pieces) -> Iterable[str]:
    """Detokenised text: "a man's dog", where the words learnt were "man" and "'s"."""
    return (_JOINED.sub("", pieces.decode(each)) for each in found)


def picture_faults(pictures: Sequence[Any]) -> dict[int, str]:
    """The faults of unreadable pictures, by index.

    Example:

    >>> picture_faults(["none.jpg", np.zeros((4, 4, 3), np.uint8)])
    {0: 'There is no file none.jpg.'}
    """
    faults = {}
    for place, picture in enumerate(pictures):
        try:
            as_picture(picture, 8)
        except RnnkitError as error:
            faults[place] = str(error)
    return faults
