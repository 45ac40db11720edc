"""Conversion of a text with entities as character spans to tokens and tags."""

import ast
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rnnkit.codec.tag_schemes import Span, from_spans
from rnnkit.codec.words import split_words
from rnnkit.data.tables import brief, cell
from rnnkit.errors import RnnkitError
from rnnkit.tasks.token_tagger.conll import FoundSentence, FoundText
from rnnkit.tasks.token_tagger.places import Place, in_characters, starts_of, unit_of

_FAR = 2**63
_FEWEST = 3  # entities by which their ends are judged
_Text = tuple[int, str, list[tuple[Span, str | None]]]
_LONGEST_LIST = 2**20  # characters of a Python list literal, whose parsing takes much memory
#: What the start, the end and the label of an entity are called.
_KEYS = (
    ("start", "start_offset", "begin", "start_char"),
    ("end", "end_offset", "end_char"),
    ("label", "type", "entity", "tag"),
)
_ENTITY = '{"start": 0, "end": 4, "label": "PER"} or [0, 4, "PER"]'


def add_texts(found: FoundText, rows: Iterable[tuple[int, str, Any]], places: str, strict: bool) -> None:
    """Add texts with their entities, whose places may count UTF-16 units or bytes.

    Args:
        found: Receives the sentences.
        rows: The number of each row, its text and its entities.
        places: What the places count, or "auto" to find out from all rows.
        strict: As for `add_text`.

    Raises:
        RnnkitError: The entities cannot be read, it cannot be told what their places count, or they are refused.
    """
    texts = [(number, text, _entities(entities, found.place(number))) for number, text, entities in rows]
    if _ends_are_last_characters(texts):
        found.notes.append("ends are those of the last characters")
        texts = [(number, text, [_one_later(entity) for entity in each]) for number, text, each in texts]
    told = False
    if places == "auto":
        judged = ((text, [Place(span[0], span[1], words) for span, words in spans]) for _, text, spans in texts)
        places, told = unit_of(judged, found.name)
    if told:
        found.notes.append(f"places count {'UTF-16 units' if places == 'utf-16' else places}")
    for number, text, entities in texts:
        spans = [span for span, _ in entities]
        if places != "characters" and not text.isascii():
            starts = starts_of(text, places)
            moved = [(in_characters(begin, starts), in_characters(end, starts), label) for begin, end, label in spans]
            spans = [(-1 if begin is None else begin, -1 if end is None else end, name) for begin, end, name in moved]
        add_text(found, number, text, spans, strict)


def _ends_are_last_characters(texts: Sequence[_Text]) -> bool:
    """Whether no entity ends with a word, and all do where their ends are one character further on."""
    fits = [0, 0]
    total = 0
    for _, text, entities in texts:
        ends = {last for _, _, last in split_words(text)} if entities else set()
        total += len(entities)
        for (begin, end, _), words in entities:
            for more in (0, 1):
                fits[more] += end + more in ends if words is None else text[begin : end + more] == words
    return fits == [0, total] and total >= _FEWEST


def _one_later(entity: tuple[Span, str | None]) -> tuple[Span, str | None]:
    (begin, end, label), words = entity
    return (begin, end + 1, label), words


def add_text(found: FoundText, number: int, text: str, entities: Iterable[Span], strict: bool) -> None:
    """Add a text with its entities, split into tokens, which are cut where an entity begins or ends within.

    Entities that overlap a longer one, lie outside the text or contain no token are skipped and counted.

    Args:
        found: Receives the sentence.
        number: The row's number.
        text: The sentence.
        entities: Start, end (one past the last character) and label of each.
        strict: Whether to refuse what is otherwise skipped.

    Raises:
        RnnkitError: An entity is refused.
    """
    where = found.place(number)
    words = split_words(text)
    if not words:
        return pass_over(found, "blank_rows", strict, f"{where} has no text. Fill it or leave it out.")
    kept: list[Span] = []  # in text order; none overlaps another
    begins, ends = [first for _, first, _ in words], [last for _, _, last in words]
    for begin, end, label in sorted(entities, key=lambda span: span[0] - span[1]):
        shown = f"{where}: the entity {label:.60} from {begin} to {end}"
        place = bisect_left(kept, (begin, end))
        other = next((span for span in kept[max(place - 1, 0) : place + 1] if begin < span[1] and span[0] < end), None)
        if not 0 <= begin < end <= len(text):
            pass_over(found, "dropped", strict, f"{shown} is outside the text, which has {len(text)} characters.")
        elif bisect_left(begins, end) <= bisect_right(ends, begin):
            pass_over(found, "dropped", strict, f"{shown} contains no word or punctuation.")
        elif other:
            pass_over(found, "dropped", strict, f"{shown} overlaps {other[2]:.60} from {other[0]} to {other[1]}.")
        else:
            kept.insert(place, (begin, end, label))
    tokens = _cut(words, sorted({place for begin, end, _ in kept for place in (begin, end)}))
    found.oddities["cut_tokens"] += len(tokens) - len(words)
    firsts, lasts = [first for _, first, _ in tokens], [last for _, _, last in tokens]
    spans = [(bisect_left(firsts, begin), bisect_right(lasts, end), label) for begin, end, label in kept]
    words_only = [token for token, _, _ in tokens]
    found.sentences.append(FoundSentence(words_only, from_spans(spans, len(tokens)), [number] * len(tokens)))


def _cut(words: list[tuple[str, int, int]], places: list[int]) -> list[tuple[str, int, int]]:
    """Cut the words at the places within them."""
    pieces = []
    for word, first, last in words:
        inside = [first, *places[bisect_right(places, first) : bisect_left(places, last)], last]
        pieces += [(word[a - first : b - first], a, b) for a, b in zip(inside, inside[1:], strict=False)]
    return pieces


def _entities(value: Any, where: str) -> list[tuple[Span, str | None]]:
    """The entities of one text as (start, end, label), and their words where the source repeats them."""
    items = parsed_list(value) if isinstance(value, str) else value
    if isinstance(items, Mapping):
        items = items.get("entities", items)
    if not isinstance(items, list | tuple):
        raise RnnkitError(f"{where}: the entities are {brief(value)}; expected a JSON list of {_ENTITY}.")
    found = []
    for item in items:
        try:
            found.append(_entity(item))
        except (TypeError, ValueError, OverflowError):
            if isinstance(item, Mapping) and "start_offset" in item and str(item.get("label")).isdecimal():
                raise RnnkitError(
                    f"{where}: the labels are numbers such as {item['label']}; export them from doccano as JSONL with "
                    "text labels."
                ) from None
            raise RnnkitError(f"{where}: {brief(item)} is not an entity; expected {_ENTITY}.") from None
    return found


def _entity(item: Any) -> tuple[Span, str | None]:
    """Start, end and label; and the entity's words, if they are given.

    Raises:
        TypeError, ValueError, OverflowError: It is not an entity.
    """
    named = isinstance(item, Mapping)
    values: Any = [next((item[key] for key in keys if key in item), None) for keys in _KEYS] if named else item
    begin, end, label = values
    if named and label is None:
        [label] = item.get("labels", ())
    words = item.get("text") if named else None
    places, name = (int(begin), int(end)), cell(label).strip()
    if max(map(abs, places)) >= _FAR:
        raise ValueError(item)
    if not name or any(isinstance(value, float) and not value.is_integer() for value in (begin, end)):
        raise ValueError(item)
    if name.isdecimal() and named and "start_offset" in item:
        raise ValueError(item)
    return (*places, name), words if isinstance(words, str) else None


def parsed_list(text: str) -> Any:
    """Parse JSON, or a Python list literal; None where it is neither, an empty list where it is blank."""
    if not text.strip():
        return []
    for parse in (json.loads, ast.literal_eval)[: 1 if len(text) > _LONGEST_LIST else 2]:
        try:
            return parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return None


def pass_over(found: FoundText, what: str, strict: bool, reason: str) -> None:
    """Count what is skipped, or refuse it."""
    if strict:
        raise RnnkitError(reason)
    found.oddities[what] += 1
