"""JSON as one value in a whole file, and its rows: a list, or what a key such as "data" holds."""

import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from rnnkit.data.unpacked import allowed, open_bytes
from rnnkit.errors import RnnkitError

LARGEST = 2**28  # bytes of a file that is held in memory as a whole
_BRACKET_EVERY = 2**6  # minimum bytes per bracket: each list or object takes 50 or more bytes of memory
_FEW = 2**16  # brackets that any file may have
_HEAD = 2**16  # characters by which a document is told from lines
_WRAPPED = re.compile(r'\{\s*"[^"]{1,60}"\s*:\s*\[')
_ABOUT = {"version", "name", "title", "description", "license"}  # texts beside the rows of a data set
_LINES = "an object on each line, or a list of objects"


def is_document(path: Path, encoding: str) -> bool:
    """Whether a file is one JSON value of many rows, rather than a value on each line.

    Args:
        path: The file.
        encoding: How to decode it.
    """
    with open_bytes(path) as file, io.TextIOWrapper(file, encoding=encoding) as text:
        head = text.read(_HEAD)
        more = bool(text.read(1))
    first, newline, rest = head.strip().partition("\n")
    whole = bool(newline) or not more
    value = _value(first) if whole else None
    if first.startswith("["):
        return not is_pair(value) and (value is None or not (rest or more))
    if not first.startswith("{"):
        return False
    if not whole:
        return path.name.lower().endswith(".json") and _WRAPPED.match(first) is not None
    if value is None:
        return first.rstrip().endswith(("{", "[", ",", ":"))
    if rest or more or not isinstance(value, dict):
        return False
    return _is_by_column(value) or (bool(_lists(value)) and not _is_row(value))


def records_of(path: Path, encoding: str, raw: bool = False) -> list[Any]:
    """The rows of a document.

    Args:
        path: The file.
        encoding: How to decode it.
        raw: Numbers become Python's; otherwise they stay as they are written, as text.

    Raises:
        RnnkitError: It is no JSON, is too large, or holds no list of rows, or several.
    """
    with open_bytes(path, LARGEST) as file:
        content = file.read()
    if (brackets := content.count(b"[") + content.count(b"{")) > _FEW and brackets > allowed(LARGEST) // _BRACKET_EVERY:
        raise RnnkitError(f"{path.name} has too many lists and objects in it; give JSONL: an object on each line.")
    value = parsed(content.decode(encoding), path.name, raw)
    if isinstance(value, list):
        return _flat(value)
    found = _lists(value)
    if len(found) > 1:
        raise RnnkitError(
            f"{path.name} has several lists of rows: {', '.join(list(found)[:5])}. Save each as a file of its own, "
            "an object on each line."
        )
    if not found:
        raise RnnkitError(
            f"{path.name} is one JSON object without a list of rows; expected {_LINES}. From pandas write it by "
            "to_json(FILE, orient='records', lines=True)."
        )
    return _flat(next(iter(found.values())))


def parsed(text: str, place: str, raw: bool = False) -> Any:
    """A JSON value. Numbers stay as they are written; NaN and Infinity, which are no JSON, are None.

    Args:
        text: The JSON.
        place: What messages call it.
        raw: Numbers become Python's.

    Raises:
        RnnkitError: It is no JSON, or has a key twice.
    """
    as_text: dict[str, Any] = {} if raw else {"parse_float": str, "parse_int": str}
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant, **as_text)
    except (ValueError, RecursionError) as error:
        raise RnnkitError(f"{place} is not JSON ({error}). Mend or remove it.") from None


def _constant(name: str) -> str | None:
    """Nothing for NaN, and what is infinite as its text, which is no number either."""
    return None if name == "NaN" else name


def is_pair(value: Any) -> bool:
    """Whether this is a text and what is said of it, as spaCy's training data have it.

    Example:

    >>> is_pair(["Rome fell.", {"entities": [[0, 4, "LOC"]]}]), is_pair(["Rome", "fell"])
    (True, False)
    """
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        names = Counter(name for name, _ in pairs)
        raise ValueError(f"the key {names.most_common(1)[0][0]!r:.60} is there twice")
    return row


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _lists(value: Any) -> dict[str, list[Any]]:
    """The lists of rows that an object holds, also one object further in."""
    if not isinstance(value, dict):
        return {}
    found = {key: each for key, each in value.items() if _is_rows(each)}
    return found or {key: each for inner in value.values() if isinstance(inner, dict) for key, each in _own(inner)}


def _own(inner: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    return [(key, each) for key, each in inner.items() if _is_rows(each)]


def _is_rows(value: Any) -> bool:
    rows = [row for row in value if row is not None] if isinstance(value, list) else []
    return bool(rows) and all(isinstance(row, dict) or is_pair(row) for row in rows[:100])


def _is_by_column(value: dict[str, Any]) -> bool:
    """Whether an object holds a column under each key, as pandas writes a table where it is told nothing."""
    columns = list(value.values())
    kinds = all(isinstance(column, dict) and all(map(str.isdecimal, column)) for column in columns)
    return len(columns) > 1 and kinds and len({tuple(column) for column in columns}) == 1 and len(columns[0]) > 1


def _is_row(value: dict[str, Any]) -> bool:
    """Whether an object looks like a row itself: a text beside its list of entities."""
    texts = any(isinstance(one, str) for key, one in value.items() if key.lower() not in _ABOUT)
    return "text" in value or isinstance(value.get("data"), dict) or texts


def _flat(rows: list[Any]) -> list[Any]:
    """Rows without gaps; of spaCy's documents each sentence is one."""
    found: list[Any] = []
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("paragraphs"), list):
            found += [sentence for part in row["paragraphs"] for sentence in _sentences(part)] or [row]
        elif row is not None:
            found.append(row)
    return found


def _sentences(paragraph: Any) -> list[dict[str, Any]]:
    """The sentences of a paragraph of spaCy's second version: words and their named entities."""
    found = []
    sentences = paragraph.get("sentences") if isinstance(paragraph, dict) else None
    for sentence in sentences if isinstance(sentences, list) else []:
        tokens = sentence.get("tokens") if isinstance(sentence, dict) else None
        if not isinstance(tokens, list) or not all(isinstance(token, dict) and "orth" in token for token in tokens):
            return []
        found.append({"tokens": [token["orth"] for token in tokens], "tags": [token.get("ner") for token in tokens]})
    return found
