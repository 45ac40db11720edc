"""Text to units and back without loss: words, characters, or parts of words (BPE, unigram)."""

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from os import PathLike
from pathlib import Path

import numpy as np

from rnnkit.codec.normalise import MARK, canonical, is_one_word, normalised
from rnnkit.codec.piece_splits import best_path, merge_pairs, words_and_signs
from rnnkit.codec.vocabulary import PAD, START, UNKNOWN
from rnnkit.codec.vocabulary import SPECIALS as _SPECIALS
from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.files.reading import WORDS_BYTES, read_text

END = 3
SPECIALS = (*_SPECIALS, "<END>")
KINDS = ("bpe", "unigram", "word", "character")
UNKNOWN_SIGN = "\u2047"  # stands for <UNKNOWN> in decoded text
LONGEST = 100  # characters of a piece
_CACHED_WORDS, _CACHED_LENGTH = 1 << 17, 64


def last_ids(targets: np.ndarray) -> np.ndarray:
    """The input ids of a decoder: the targets shifted by one, START first; nothing follows END.

    Example:

    >>> last_ids(np.array([[5, 6, 3], [7, 3, 0]])).tolist()
    [[1, 5, 6], [1, 7, 0]]
    """
    before = np.concatenate([np.full((len(targets), 1), START, np.int32), targets[:, :-1]], axis=1)
    before[:, 1:][before[:, 1:] == END] = PAD
    return before


class Pieces:
    """An ordered list of units; a unit's index is its id, and 0 to 3 are `<PAD>`, `<START>`, `<UNKNOWN>`, `<END>`.

    A blank is written as U+2581 at the front of the next word. So the pieces of a text, put together, are the text. The
    kinds "bpe" and "unigram" cut words just as SentencePiece does; "word" cuts into words and signs; "character" cuts
    everywhere. Neighbouring characters of a word that are all unknown make one `<UNKNOWN>`.

    Args:
        kind: "bpe", "unigram", "word" or "character".
        pieces: Those from id 4 on, all different, at most 100 characters long, without blanks.
        scores: One for each piece, higher is better: for "unigram" the log-probability, for "bpe" by default
            0, -1, -2 and so on. The other kinds do not use them.

    Raises:
        RnnkitError: The kind is unknown, a piece is twice or cannot be stored, or the scores do not fit.

    Example:

    >>> pieces = Pieces("bpe", ["▁g", "oo", "▁goo", "▁", "g", "o", "d", "s"])
    >>> pieces.split("goods too")
    ['▁goo', 'd', 's', '▁', 't', 'oo']
    >>> pieces.encode("goods too").tolist(), pieces.decode([6, 10, 3, 0])
    ([6, 10, 11, 7, 2, 5], 'good')
    """

    def __init__(self, kind: str, pieces: Sequence[str], scores: Sequence[float] | None = None):
        if kind not in KINDS:
            raise RnnkitError(
                f"Unknown kind of pieces {kind!r}; expected one of: {', '.join(KINDS)}." + did_you_mean(kind, KINDS)
            )
        if scores is None:
            if kind == "unigram":
                raise RnnkitError("Pieces of the kind 'unigram' came without scores; give a log-probability for each.")
            scores = [-float(place) if kind == "bpe" else 0.0 for place in range(len(pieces))]
        if len(scores) != len(pieces) or not np.isfinite(np.asarray(scores, dtype=np.float64)).all():
            raise RnnkitError(f"There are {len(scores)} scores for {len(pieces)} pieces; give a finite one for each.")
        self.kind = kind
        self.pieces: tuple[str, ...] = (*SPECIALS, *pieces)
        self.scores: tuple[float, ...] = (0.0,) * len(SPECIALS) + tuple(map(float, scores))
        self._ids = {piece: place for place, piece in enumerate(self.pieces) if place > END}
        self._check()
        self._scores = dict(zip(pieces, self.scores[len(SPECIALS) :], strict=True))
        self._longest, self._lowest = max(map(len, pieces), default=1), min(self.scores[len(SPECIALS) :], default=0.0)
        self._cache: dict[str, tuple[list[str], list[int]]] = {}
        self._spelt: Callable[[str], str] = str

    def of_one_spelling(self) -> "Pieces":
        """The same pieces for texts that are spelt in one way first (`rnnkit.codec.normalise.canonical`).

        Example:

        >>> Pieces("character", ["\u2581", "n", "'", "t"]).of_one_spelling().split("n\u2019t")
        ['\u2581', 'n', "'", 't']
        """
        made = copy(self)
        made._spelt = canonical
        return made

    def split(self, text: str) -> list[str]:
        """The pieces of a text; unknown characters stay as they are."""
        return [piece for word in _marked_words(self._spelt(text)) for piece in self._cut(word)[0]]

    def encode(self, text: str) -> np.ndarray:
        """Ids of a text, without `<START>` and `<END>`.

        Returns:
            int32 array [pieces].
        """
        words = _marked_words(self._spelt(text))
        return np.array([place for word in words for place in self._cut(word)[1]], dtype=np.int32)

    def ids(self, strings: Iterable[str]) -> list[int]:
        """The id of each piece; `<UNKNOWN>`'s for a string that is none."""
        return [self._ids.get(string, UNKNOWN) for string in strings]

    def join(self, strings: Iterable[str]) -> str:
        """Pieces to text: `join(split(text))` is `normalised(text)`."""
        return " ".join("".join(strings).replace(MARK, " ").split())

    def decode(self, ids: Iterable[int]) -> str:
        """Ids to text, up to the first `<END>`; `<UNKNOWN>` becomes '⁇'.

        Raises:
            RnnkitError: There is no piece of that id.
        """
        strings = []
        for place in ids:
            if place == END:
                break
            if not 0 <= place < len(self.pieces):
                raise RnnkitError(f"There is no piece with id {place}; ids go from 0 to {len(self.pieces) - 1}.")
            if place not in (PAD, START):
                strings.append(UNKNOWN_SIGN if place == UNKNOWN else self.pieces[place])
        return self.join(strings)

    def extended(self, pieces: Iterable[str]) -> "Pieces":
        """Keep every id and append what is new, scored below the old ones, so that these go first.

        Args:
            pieces: The more important first; those that are there already are left out.
        """
        new = [piece for piece in dict.fromkeys(pieces) if piece not in self._ids and piece not in SPECIALS]
        scores = [self._lowest - 1 - place / 1000 for place in range(len(new))]
        return Pieces(
            self.kind, self.pieces[len(SPECIALS) :] + tuple(new), self.scores[len(SPECIALS) :] + tuple(scores)
        )

    def save(self, path: str | PathLike[str]) -> None:
        """Write the kind in the first line, then a line `piece TAB score` for each id, UTF-8."""
        lines = [
            f"{piece}\t{repr(score + 0.0).removesuffix('.0')}\n"
            for piece, score in zip(self.pieces, self.scores, strict=True)
        ]
        Path(path).write_bytes("".join([f"kind\t{self.kind}\n", *lines]).encode("utf-8"))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> "Pieces":
        """Read a file written by `save`.

        Raises:
            RnnkitError: There is no such file, or it holds something else.
        """
        kind, pieces, scores = _read(Path(path))
        if tuple(pieces[: len(SPECIALS)]) != SPECIALS:
            raise RnnkitError(f"{path} has the pieces {pieces[:4]} first; expected {list(SPECIALS)}.")
        try:
            return cls(kind, pieces[len(SPECIALS) :], scores[len(SPECIALS) :])
        except RnnkitError as error:
            raise RnnkitError(f"{path}: {error}") from None

    def __len__(self) -> int:
        return len(self.pieces)

    def __contains__(self, piece: object) -> bool:
        return piece in self._ids

    def _check(self) -> None:
        for place, piece in enumerate(self.pieces[len(SPECIALS) :], len(SPECIALS)):
            if self._ids[piece] != place or piece in SPECIALS:
                raise RnnkitError(f"The piece {piece!r} is twice; give every piece once, and no special one.")
            if not storable(piece):
                raise RnnkitError(
                    f"{piece[:80]!r} cannot be a piece; give 1 to {LONGEST} characters, without blanks and controls."
                )

    def _cut(self, word: str) -> tuple[list[str], list[int]]:
        """Strings and ids of a word with its U+2581; remembered, since few words make most of a text."""
        known = self._cache.get(word)
        if known is None:
            strings = self._strings(word)
            known = strings, self.ids(strings)
            if len(word) <= _CACHED_LENGTH:
                if len(self._cache) >= _CACHED_WORDS:
                    self._cache.clear()
                self._cache[word] = known
        return known

    def _strings(self, word: str) -> list[str]:
        if self.kind == "word":
            first, *others = words_and_signs(word[1:])
            return [MARK + first, *others]
        if self.kind == "bpe":
            parts = merge_pairs(word, self._scores)
        elif self.kind == "unigram":
            parts = best_path(word, self._scores, self._longest, self._lowest)
        else:
            parts = list(word)
        strings: list[str] = []
        unknown: list[str] = []
        for part in parts:
            if part not in self._ids:
                unknown.append(part)
                continue
            if unknown:
                strings.append("".join(unknown))
                unknown.clear()
            strings.append(part)
        return strings + (["".join(unknown)] if unknown else [])


def storable(piece: str) -> bool:
    """Whether a string can be a piece: 1 to 100 characters, no blanks, controls or lone surrogates."""
    return len(piece) <= LONGEST and is_one_word(piece.replace(MARK, "x"))


def _marked_words(text: str) -> list[str]:
    return [MARK + word for word in normalised(text).split(" ") if word]


def _read(path: Path) -> tuple[str, list[str], list[float]]:
    # Split at line feeds only: str.splitlines would also split inside pieces at characters like U+2028.
    header, *lines = read_text(path, WORDS_BYTES, "The list of pieces").split("\n")
    name, _, kind = header.removesuffix("\r").partition("\t")
    if name != "kind":
        raise RnnkitError(f"{path} begins with {header[:80]!r}; expected 'kind', a tab and one of: {', '.join(KINDS)}.")
    if lines and not lines[-1]:
        lines.pop()
    pieces, scores = [], []
    for number, line in enumerate(lines, 2):
        piece, _, score = line.removesuffix("\r").rpartition("\t")
        try:
            scores.append(float(score))
        except ValueError:
            piece = ""
        if not piece:
            raise RnnkitError(f"{path} line {number} is {line[:80]!r}; expected a piece, a tab and its score.")
        pieces.append(piece)
    return kind, pieces, scores
