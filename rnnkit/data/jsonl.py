"""JSONL files: one JSON object on each line."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from rnnkit.data.delimited import Oddities, check_width, sample_lines
from rnnkit.data.textfile import text_lines
from rnnkit.errors import RnnkitError


class JsonLinesFile:
    """The keys and rows of a JSONL file; `header` holds the keys of its first objects.

    Args:
        path: A file that passed `check_file`.
        encoding: How to decode it.

    Raises:
        RnnkitError: A line is no object, or the file is one JSON list.
    """

    def __init__(self, path: Path, encoding: str):
        self.path = path
        self.encoding = encoding
        lines = sample_lines(text_lines(path, encoding))
        if lines[0].lstrip().startswith("["):
            raise RnnkitError(
                f"{path.name} is one JSON list; expected JSONL: one object on each line, no brackets around."
            )
        keys: dict[str, None] = {}
        for number, line in enumerate(lines, 1):
            if line.strip():
                keys.update(dict.fromkeys(self._object(line, number)))
        if not keys:
            raise RnnkitError(f"{path.name} is blank; expected one JSON object on each line.")
        self.header = list(keys)
        check_width(self.header, path.name)

    def rows(self, wanted: Sequence[str], odd: Oddities, nested: Collection[str] = ()) -> Iterator[list[Any]]:
        """The values of the `wanted` keys of each object; a missing one is None.

        Args:
            wanted: Keys.
            odd: Takes what the reading passes over.
            nested: Keys whose values may be lists or objects; these come as JSON text.
        """
        for number, line in enumerate(text_lines(self.path, self.encoding), 1):
            if not line.strip():
                continue
            row = self._object(line, number)
            odd.short_rows += any(key not in row for key in wanted)
            for key in wanted:
                if isinstance(row.get(key), list | dict) and key in nested:
                    row[key] = self._text(row[key], number)
                elif isinstance(row.get(key), list | dict):
                    kind = type(row[key]).__name__
                    raise RnnkitError(f"{self.path.name} line {number}: {key!r} holds a {kind}; expected text.")
            yield [row.get(key) for key in wanted]

    def _text(self, value: Any, number: int) -> str:
        try:
            return json.dumps(value)
        except RecursionError as error:
            raise RnnkitError(f"{self.path.name} line {number} is not JSON ({error}). Mend or remove it.") from None

    def objects(self) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Each object as it stands in the file: (number of its line, the line, the object as `object_of` reads it)."""
        for number, line in enumerate(text_lines(self.path, self.encoding), 1):
            if line.strip():
                yield number, line.strip(), self._object(line, number)

    def _object(self, line: str, number: int) -> dict[str, Any]:
        return object_of(line, f"{self.path.name} line {number}")


def object_of(line: str, place: str) -> dict[str, Any]:
    """The JSON object on a line. Numbers stay as they are written; NaN and Infinity, which are no JSON, are None.

    Args:
        line: The text.
        place: What messages call it.

    Raises:
        RnnkitError: It is no JSON, or no object, or has a key twice.

    Example:

    >>> object_of('{"text": "good", "stars": 5.0}', "line 1")
    {'text': 'good', 'stars': '5.0'}
    """
    try:
        row = json.loads(
            line, object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=lambda constant: None
        )
    except (ValueError, RecursionError) as error:
        raise RnnkitError(f"{place} is not JSON ({error}). Mend or remove it.") from None
    if not isinstance(row, dict):
        raise RnnkitError(f"{place} is no JSON object; expected {{...}} with a key a column.")
    return row


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        names = Counter(name for name, _ in pairs)
        raise ValueError(f"the key {names.most_common(1)[0][0]!r:.60} is there twice")
    return row
