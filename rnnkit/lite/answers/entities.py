"""Named entities in a sentence, as a tagger answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rnnkit.codec.tag_schemes import spans
from rnnkit.codec.words import split_words
from rnnkit.errors import RnnkitError

Token = tuple[str, int, int]


@dataclass(frozen=True)
class Entity:
    """An entity.

    Args:
        text: its words as they stand in the sentence.
        type: what it is, such as "PER".
        start: its first character's place in the sentence.
        end: the place after its last character.
    """

    text: str
    type: str
    start: int
    end: int


@dataclass(frozen=True)
class TaggedPrediction:
    """The answer to one sentence.

    Args:
        text: the sentence.
        tokens: its tokens.
        tags: the tag of each, in IOB2.
        entities: what the tags mark, from left to right.
    """

    text: str
    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    entities: tuple[Entity, ...]

    @property
    def summary(self) -> str:
        """The entities and their types on a line, "-" for none."""
        return ", ".join(f"{entity.text} ({entity.type})" for entity in self.entities) or "-"


def sentences_of(given: Any) -> list[Any]:
    """Sentences one by one: a string, or what no sentences can be taken from, counts as one.

    Example:

    >>> sentences_of("Ann sings."), sentences_of(("Ann sings.", ["Bo", "too"]))
    (['Ann sings.'], ['Ann sings.', ['Bo', 'too']])
    """
    several = isinstance(given, Iterable) and not isinstance(given, str | bytes | bytearray)
    return list(given) if several else [given]


def tokens_of(given: Any) -> list[Token]:
    """Tokens with their first and last place: of a sentence, or of a list of tokens, which are joined by blanks.

    Raises:
        RnnkitError: It is neither.

    Example:

    >>> tokens_of("Ann sings."), tokens_of(["Ann", "sings"])
    ([('Ann', 0, 3), ('sings', 4, 9), ('.', 9, 10)], [('Ann', 0, 3), ('sings', 4, 9)])
    """
    if isinstance(given, str):
        return split_words(given)
    if not isinstance(given, list | tuple) or not all(isinstance(token, str) and token for token in given):
        raise RnnkitError(f"A sentence to tag is {given!r:.60}; expected a string, or a list of tokens.")
    tokens, place = [], 0
    for token in given:
        tokens.append((token, place, place + len(token)))
        place += len(token) + 1
    return tokens


def prediction_of(given: Any, tokens: Sequence[Token], tags: Sequence[str]) -> TaggedPrediction:
    """The answer made of a sentence's tokens and their IOB2 tags.

    Example:

    >>> answer = prediction_of("Ann Lee sings.", tokens_of("Ann Lee sings."), ["B-PER", "I-PER", "O", "O"])
    >>> answer.entities
    (Entity(text='Ann Lee', type='PER', start=0, end=7),)
    """
    text = given if isinstance(given, str) else " ".join(given)
    found = []
    for first, after, kind in spans(tags):
        start, end = tokens[first][1], tokens[after - 1][2]
        found.append(Entity(text[start:end], kind, start, end))
    return TaggedPrediction(text, tuple(token for token, _, _ in tokens), tuple(tags), tuple(found))
