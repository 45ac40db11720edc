"""JSON files of rows: an object on each line (JSONL), or one list of objects in the whole file."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rnnkit.data.annotations import AGAIN, UNLABELLED, Choices, row_of
from rnnkit.data.delimited import Oddities, check_width, sample_lines
from rnnkit.data.json_document import is_document, parsed, records_of
from rnnkit.data.textfile import text_lines
from rnnkit.errors import RnnkitError

_SAMPLE = 1_000  # rows of a list whose keys are the header
_DEEPEST = 3  # objects within objects whose keys are columns


class JsonFile:
    """The keys and rows of a JSON file; `header` holds the keys of its first objects.

    Rows are objects, one on each line or all in a list, which a key such as "data" may hold. Those of Label Studio,
    doccano and spaCy are read as `rnnkit.data.annotations` has it. A key within an object is a column by its path,
    such as "translation.en".

    Args:
        path: A file that passed `check_file`.
        encoding: How to decode it.
        raw: Rows are objects that stay as they are in the file.

    Raises:
        RnnkitError: A line is no object, or the file holds neither lines nor a list of objects.
    """

    def __init__(self, path: Path, encoding: str, raw: bool = False):
        self.path = path
        self.encoding = encoding
        self.raw = raw
        self._records = records_of(path, encoding, raw) if is_document(path, encoding) else None
        #: What messages call a row, beside its number from 1.
        self.unit = "line" if self._records is None else "row"
        keys: dict[str, None] = {}
        inner: dict[str, None] = {}
        said = False  # whether anybody has annotated a row
        sample = sample_lines(text_lines(path, encoding)) if self._records is None else self._records[:_SAMPLE]
        for number, record in enumerate(sample, 1):
            if not isinstance(record, str) or record.strip():
                row = self._row(record, number)
                keys.update(dict.fromkeys(key for key in row if key not in (AGAIN, UNLABELLED)))
                inner.update(dict.fromkeys(inner_names(row)))
                said = said or UNLABELLED not in row
        if keys and not said and self._records is not None and len(self._records) <= _SAMPLE:
            raise RnnkitError(f"{path.name}: nobody has annotated its rows yet. Annotate some, and export them again.")
        if not keys:
            raise RnnkitError(f"{path.name} is blank; expected one JSON object on each line.")
        self.header = list(keys)
        #: The columns within objects.
        self.inner = [name for name in inner if name not in keys]
        check_width([*self.header, *self.inner], path.name)

    def rows(self, wanted: Sequence[str], odd: Oddities, nested: Collection[str] = ()) -> Iterator[list[Any]]:
        """The values of the `wanted` keys of each object; a missing one is None.

        Args:
            wanted: Keys, and paths of keys within objects.
            odd: Takes what the reading passes over.
            nested: Keys whose values may be lists or objects; these come as JSON text.
        """
        for number, _, row in self.objects():
            if UNLABELLED in row:
                odd.unlabelled += 1
                continue
            odd.labelled_again += AGAIN in row
            odd.short_rows += any(key not in row and picked(row, key) is None for key in wanted)
            place = f"{self.path.name} {self.unit} {number}"
            yield [flat_value(picked(row, key), key, key in nested, place) for key in wanted]

    def objects(self) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Each object: (number of its line or row, its JSON on a line, the object as `object_of` reads it)."""
        if self._records is not None:
            for number, record in enumerate(self._records, 1):
                line = _line_of(record) if self.raw else ""
                yield number, line, self._row(line or record, number)
            return
        for number, line in enumerate(text_lines(self.path, self.encoding), 1):
            if line.strip():
                yield number, line.strip(), self._row(line, number)

    def _row(self, record: Any, number: int) -> dict[str, Any]:
        """A record, which is a line of JSON or a value, as a row."""
        place = f"{self.path.name} {self.unit} {number}"
        if self.raw:
            return object_of(record if isinstance(record, str) else json.dumps(record), place)
        return row_of(parsed(record, place) if isinstance(record, str) and self.unit == "line" else record, place)


def picked(row: Mapping[str, Any], key: str) -> Any:
    """The value of a key, or of one within objects by its path; None where there is none.

    Example:

    >>> picked({"translation": {"en": "Hello."}}, "translation.en")
    'Hello.'
    """
    if key in row or "." not in key:
        return row.get(key)
    name, _, rest = key.partition(".")
    inner = row.get(name)
    return picked(inner, rest) if isinstance(inner, Mapping) else None


def answerable(header: Sequence[str], inner: Sequence[str]) -> list[str]:
    """The columns of which one can be a text: the keys that hold no objects, and the paths of those within objects.

    Example:

    >>> answerable(["id", "translation"], ["translation.en", "translation.de"])
    ['id', 'translation.en', 'translation.de']
    """
    return [name for name in (*header, *inner) if not any(path.startswith(f"{name}.") for path in inner)]


def inner_column(names: Sequence[str], given: str | None) -> str | None:
    """The column that is given, by its path or by its last key where just one path ends so.

    Example:

    >>> inner_column(["id", "translation.en", "translation.de"], "de"), inner_column(["en"], "de")
    ('translation.de', 'de')
    """
    ends = [name for name in names if given is not None and name.endswith(f".{given}")]
    return ends[0] if len(ends) == 1 and given not in names else given


def flat_value(value: Any, key: str, nested: bool, place: str) -> Any:
    """A value as a table's cell: a list or an object as JSON text, where its column may hold one.

    Raises:
        RnnkitError: It may not.
    """
    chosen = isinstance(value, Choices)
    value = value.only if chosen and not nested else value
    if not isinstance(value, list | dict):
        return value
    if not nested:
        words = isinstance(value, list) and all(isinstance(one, str) for one in value)
        several = " For several labels a text: rnnkit train multilabel_classifier." if chosen or words else ""
        kind = "dict" if isinstance(value, dict) else "list"
        raise RnnkitError(f"{place}: {key!r} holds a {kind}; expected text.{several}")
    try:
        return json.dumps(value)
    except RecursionError as error:
        raise RnnkitError(f"{place} is not JSON ({error}). Mend or remove it.") from None


def object_of(line: str, place: str) -> dict[str, Any]:
    """The JSON object on a line, as `rnnkit.data.json_document.parsed` reads it.

    Args:
        line: The text.
        place: What messages call it.

    Raises:
        RnnkitError: It is no JSON, or no object, or has a key twice.

    Example:

    >>> object_of('{"text": "good", "stars": 5.0}', "line 1")
    {'text': 'good', 'stars': '5.0'}
    """
    row = parsed(line, place)
    if not isinstance(row, dict):
        raise RnnkitError(f"{place} is no JSON object; expected {{...}} with a key a column.")
    return row


def _line_of(record: Any) -> str:
    """A value as JSON on a line; half of a surrogate pair, which no file can hold, stays an escape."""
    line = json.dumps(record, ensure_ascii=False)
    return json.dumps(record) if any("\ud800" <= sign <= "\udfff" for sign in line) else line


def inner_names(row: Mapping[str, Any], before: str = "", depth: int = 1) -> Iterator[str]:
    """The paths of the keys within objects."""
    for key, value in row.items():
        if before:
            yield before + key
        if isinstance(value, Mapping) and depth <= _DEEPEST:
            yield from inner_names(value, f"{before}{key}.", depth + 1)
