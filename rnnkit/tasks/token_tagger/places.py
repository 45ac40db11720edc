"""What the places of entities in a text count: characters, UTF-16 units as JavaScript has them, or bytes of UTF-8."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from rnnkit.codec.words import split_words
from rnnkit.errors import RnnkitError

#: The units that places may count, by the name of the option; characters are Unicode's code points.
UNITS = ("characters", "utf-16", "bytes")
_SIZES: dict[str, Callable[[str], int]] = {
    "utf-16": lambda sign: 2 if ord(sign) > 0xFFFF else 1,
    "bytes": lambda sign: len(sign.encode("utf-8", "surrogatepass")),
}


class Place(NamedTuple):
    """An entity of a text, by its places and its words where the source repeats them."""

    begin: int
    end: int
    words: str | None


def starts_of(text: str, unit: str) -> list[int]:
    """Where each character begins, in a unit, and where the last one ends.

    Example:

    >>> starts_of("a😀é", "utf-16"), starts_of("a😀é", "bytes")
    ([0, 1, 3, 4], [0, 1, 5, 7])
    """
    if unit == "characters":
        return list(range(len(text) + 1))
    made = [0]
    for sign in text:
        made.append(made[-1] + _SIZES[unit](sign))
    return made


def in_characters(place: int, starts: Sequence[int]) -> int | None:
    """A place in another unit as a place in characters; None where it is within a character or after the text."""
    found = bisect_left(starts, place)
    return found if found < len(starts) and starts[found] == place else None


def unit_of(rows: Iterable[tuple[str, Sequence[Place]]], name: str) -> tuple[str, bool]:
    """What places count, judged by a second witness: the words' edges, or the words themselves where they are given.

    Args:
        rows: Each text with its entities.
        name: What messages call the source.

    Returns:
        The unit, and whether it was told from others that read these places otherwise.

    Raises:
        RnnkitError: Another unit than characters fits more entities, but not all; or characters and UTF-16 units, which
            read some otherwise, fit equally many.
    """
    fits = dict.fromkeys(UNITS, 0)
    total = astral = 0  # entities that the units read otherwise, and those that UTF-16 does
    for text, entities in rows:
        if not entities or text.isascii():
            continue
        tables = {unit: starts_of(text, unit) for unit in UNITS}
        edges = _edges(text)
        for entity in entities:
            read = {unit: _read(entity, starts) for unit, starts in tables.items()}
            if len(set(read.values())) == 1:
                continue
            total += 1
            astral += read["characters"] != read["utf-16"]
            for unit, span in read.items():
                fits[unit] += _fits(text, span, entity.words, edges)
    best = max(UNITS, key=lambda unit: fits[unit])
    open_question = astral and fits["characters"] == fits["utf-16"] < total
    if not total or (fits["characters"] == fits[best] and not open_question):
        return "characters", False
    if fits[best] == total and sum(fits[unit] == total for unit in UNITS) == 1:
        return best, True
    first, *others = (best, *(unit for unit in UNITS if unit != best))
    raise RnnkitError(
        f"{name}: of {total:,} entities after emoji or other letters {fits['characters']:,} begin and end with a word "
        f"if their places count characters, {fits['utf-16']:,} if UTF-16 units, {fits['bytes']:,} if bytes. Say which: "
        f"--places {first} (or {', '.join(others)})."
    )


def _read(entity: Place, starts: Sequence[int]) -> tuple[int | None, int | None]:
    return in_characters(entity.begin, starts), in_characters(entity.end, starts)


@lru_cache(maxsize=64)
def _edges(text: str) -> tuple[frozenset[int], frozenset[int]]:
    words = split_words(text)
    return frozenset(first for _, first, _ in words), frozenset(last for _, _, last in words)


def _fits(
    text: str, span: tuple[int | None, int | None], words: str | None, edges: tuple[frozenset[int], frozenset[int]]
) -> bool:
    begin, end = span
    if begin is None or end is None or begin >= end:
        return False
    return text[begin:end] == words if words is not None else begin in edges[0] and end in edges[1]
