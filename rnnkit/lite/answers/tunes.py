"""Prompts for tunes, shared by Keras and the phone."""

import json
from pathlib import Path
from typing import ClassVar

from rnnkit.codec.abc import FIELDS
from rnnkit.codec.abc_text import prompt_of
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import UNITS_BYTES, read_json
from rnnkit.lite.writing import Writer

HEADERS = "headers.json"
#: How often each header is there in the training tunes.
Headers = list[tuple[dict[str, str], int]]


class TuneWriter(Writer):
    """Writes tunes in ABC notation; a title, rhythm, metre and key can be asked for."""

    asks: ClassVar[tuple[str, ...]] = ("title", "rhythm", "metre", "key")
    headers: Headers
    #: Letters of the fields above each tune, in the order in which they were learnt.
    order: str

    def prompt(self, prefix: str, asked: dict[str, str]) -> tuple[str, str]:
        """The header followed by the prefix. A title that the network has not learnt is only written."""
        asked = {name: value for name, value in asked.items() if value}
        title = asked.pop("title", "") if "T" not in self.order else ""
        read = prompt_of(asked, self.headers, self.order)
        if prefix and asked:
            read = _whole_header(read, self.headers, self.order)
        if prefix and title and not prefix.startswith(tuple(f"{letter}:" for letter in FIELDS)) and not read:
            read = _whole_header("", self.headers, self.order)
        shown = f"T:{' '.join(title.split())}\n{read}" if title else read
        return shown + prefix, read + prefix


def _whole_header(read: str, headers: Headers, order: str) -> str:
    """The header completed by the most frequent missing fields."""
    asked = {line[0]: line[2:] for line in read.splitlines()}
    if "K" in asked:
        return read
    alike = [header for header, _ in headers if all(header.get(letter) == value for letter, value in asked.items())]
    usual = (alike or [headers[0][0]])[0]
    return "".join(f"{letter}:{value}\n" for letter in order if (value := asked.get(letter) or usual.get(letter)))


def save_headers(headers: Headers, folder: Path) -> None:
    """Write headers and their counts as JSON."""
    (folder / HEADERS).write_text(json.dumps(headers, ensure_ascii=True, indent=0) + "\n", "utf-8")


def load_headers(folder: Path) -> Headers:
    """Read headers written by `save_headers`.

    Raises:
        RnnkitError: It is not there, or holds something else.
    """
    path = folder / HEADERS
    content = read_json(path, UNITS_BYTES, "The headers", "Train or copy the Run again.")
    if not isinstance(content, list) or not content or not all(_is_header(each) for each in content):
        raise RnnkitError(f"{path} does not hold headers of tunes and their counts. Train or copy the Run again.")
    return [(dict(header), int(count)) for header, count in content]


def _is_header(each: object) -> bool:
    if not isinstance(each, list) or len(each) != 2 or not isinstance(each[0], dict) or not isinstance(each[1], int):
        return False
    return all(letter in FIELDS and isinstance(value, str) for letter, value in each[0].items())
