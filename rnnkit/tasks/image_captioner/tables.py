"""Readers of pictures and captions: tables, COCO's and Karpathy's JSON, data frames, lists."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rnnkit.data.columns import match_columns, missed_column, tell_other_columns
from rnnkit.data.delimited import DelimitedFile, Oddities
from rnnkit.data.frame_kinds import is_frame
from rnnkit.data.frames import as_pandas
from rnnkit.data.headerless import numbers_of, open_with_numbers
from rnnkit.data.part_files import PARTS
from rnnkit.data.remembered import default_tell, remembered_in
from rnnkit.data.tables import Table, cell
from rnnkit.data.textfile import check_file, find_encoding
from rnnkit.data.unpacked import allowed, open_bytes
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import parse_json
from rnnkit.tasks.image_captioner.flickr import flickr_lines, numbers_of_pictures, without_number

ROLES = ("image", "caption", "split")
_CALLED = {
    "image": ("image", "image_name", "image_path", "filename", "file_name", "file", "path", "picture", "photo", "img"),
    "caption": ("caption", "captions", "caption_text", "text", "description", "sentence", "comment"),
    "split": ("split", "part", "subset", "set"),
}
_TABLES = (
    *("captions.csv", "captions.tsv", "captions.jsonl", "captions.json", "captions.txt"),
    *("Flickr8k.token.txt", "results_20130124.token", "results.csv"),
)
_LARGEST_JSON = 2**28  # bytes; COCO's own have 90 million, Karpathy's 140
_BRACKET_EVERY = 2**6  # minimum bytes per bracket: each list or object takes 50 or more bytes of memory
_FIRST = 2**20  # bytes within which the first line of a JSONL file ends


class CaptionRow(NamedTuple):
    """A row: the picture's name as written, its captions, and its part or None."""

    image: str
    captions: list[str]
    part: str | None


class CaptionRows(NamedTuple):
    """All rows of a source, with details of how they were read."""

    rows: list[CaptionRow]
    name: str
    columns: dict[str, str]
    encoding: str
    oddities: Oddities
    folder: Path | None  # base of the pictures' relative names
    reading: dict[str, Any] = {}  # for `rnnkit.data.remembered`


def read_caption_rows(
    source: Any, columns: Mapping[str, str | None] | None = None, encoding: str | None = None
) -> CaptionRows:
    """The rows of anything that `open_captions` accepts, before the pictures are checked.

    Raises:
        RnnkitError: It cannot be read as pictures and captions.
    """
    if isinstance(source, str | Path):
        path = _table_of(Path(source)) if os.path.isdir(source) else Path(source)
        if path.suffix.lower() != ".parquet":
            check_file(path, "pictures and captions")
        if path.suffix.lower() == ".json" and _is_json_object(path):
            return _json(path)
        if (lines := flickr_lines(path, encoding)) is not None:
            return _flickr(path, lines, find_encoding(path, encoding))
        return _table(path, columns, encoding)
    if is_frame(source):
        source = as_pandas(source)
        header = [str(column) for column in source.columns]
        found = _columns(header, columns, "The data frame")
        real = [source.columns[header.index(name)] for name in found.values()]
        values = zip(*(source[name].astype(object).tolist() for name in real), strict=True)
        rows = [_row(list(found), row, f"row {number}") for number, row in enumerate(values, 1)]
        return CaptionRows(rows, "The data frame", found, "utf-8", Oddities(), None)
    if isinstance(source, Sequence):
        found = {role: role for role in ROLES[:2]}
        return CaptionRows(list(_listed(source)), "The list", found, "utf-8", Oddities(), None)
    raise RnnkitError(
        f"Got data of type {type(source).__name__}; expected a file or folder name, a data frame or a list."
    )


def _flickr(path: Path, lines: Sequence[tuple[str, str]], encoding: str) -> CaptionRows:
    rows = [CaptionRow(name, _texts(caption), None) for name, caption in lines]
    columns = {"image": "1", "caption": "2"}
    return CaptionRows(rows, path.name, columns, encoding, Oddities(), path.parent, {"encoding": encoding})


def part_of(word: str, where: str) -> str | None:
    """The part that a word in a split column stands for; None for a blank.

    Raises:
        RnnkitError: It stands for none.

    Example:

    >>> part_of("Val", "row 1"), part_of("restval", "row 2"), part_of("", "row 3")
    ('validation', 'train', None)
    """
    key = word.strip().lower()
    if not key:
        return None
    for part, words in PARTS.items():
        if key in words or (part == "train" and key == "restval"):
            return part
    raise RnnkitError(f"{where} has the split {word!r}; expected train, validation or test.")


def _table_of(folder: Path) -> Path:
    for name in _TABLES:
        if (folder / name).is_file():
            return folder / name
    tables = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".csv", ".tsv", ".jsonl"))
    if len(tables) == 1:
        return tables[0]
    there = ", ".join(path.name for path in tables[:5]) or "no table"
    raise RnnkitError(f"{folder} has no captions.csv with the columns image and caption. It has {there}.")


def _table(path: Path, columns: Mapping[str, str | None] | None, encoding: str | None) -> CaptionRows:
    first = Table(path, roles=(), encoding=encoding)
    found, named, header = first.encoding, True, first.header
    if isinstance(first.file, DelimitedFile):
        known = numbers_of(columns, header) or numbers_of_pictures(header)
        file, given = open_with_numbers(path, found, first.delimiter, known or columns, default_tell)
        named, header, columns = file.named, file.header, given if known else columns
    chosen = _columns(header, columns, path.name)
    table = Table(
        path, chosen, tuple(chosen), found, nested=[role for role in chosen if role.startswith("caption")], named=named
    )
    rows = [_row(list(chosen), row, f"{path.name} row {number}") for number, row in enumerate(table, 1)]
    return CaptionRows(rows, path.name, chosen, found, table.oddities, path.parent, table.reading)


def _columns(header: Sequence[str], given: Mapping[str, str | None] | None, name: str) -> dict[str, str]:
    """The columns by role; further captions of a row are caption 2, caption 3 and so on, after their columns."""
    wanted = {role: column for role, column in (given or {}).items() if column is not None}
    wanted = {**{role: column for role, column in remembered_in(given, header).items() if role in ROLES}, **wanted}
    low = {column.strip().lower(): column for column in reversed(header)}
    for role, names in _CALLED.items():
        free = [low[word] for word in names if word in low and low[word] not in wanted.values()]
        if role not in wanted and free:
            wanted[role] = free[0]
    numbered: dict[str, str] = {}
    if "caption" not in wanted or not (given or {}).get("caption"):
        numbers = [(int(match[1]), column) for column in header if (match := _NUMBERED.fullmatch(column.strip()))]
        ordered = [column for _, column in sorted(numbers)]
        if ordered and "caption" not in wanted:
            wanted["caption"] = ordered.pop(0)
        numbered = {f"caption {place}": column for place, column in enumerate(ordered, 2)}
    roles = [role for role in ROLES if role in wanted or role != "split"]
    try:
        found = match_columns(header, roles, wanted, name)
    except RnnkitError:
        if any(missed_column(given, role, header) for role in roles):
            match_columns(header, roles, given, name)  # whose error names that column
        raise
    tell_other_columns(given, found, header, name)
    return {**found, **numbered}


_NUMBERED = re.compile(r"captions?[ _-]?(\d{1,6})", re.IGNORECASE)


def _row(roles: Sequence[str], values: Sequence[Any], where: str) -> CaptionRow:
    at = dict(zip(roles, values, strict=True))
    captions = [text for role in roles if role.startswith("caption") for text in _texts(at[role])]
    return CaptionRow(without_number(cell(at["image"]).strip()), captions, part_of(cell(at.get("split", "")), where))


def _texts(value: Any) -> list[str]:
    """One caption, or the captions of a list, which may be JSON text."""
    if isinstance(value, str) and value.startswith("["):
        try:
            parsed = json.loads(value)
            value = value if any(isinstance(item, list | dict) for item in parsed) else parsed
        except (ValueError, RecursionError):
            pass
    items = value if isinstance(value, list | tuple) else [value]
    return [" ".join(cell(item).split()) for item in items]


def _listed(source: Sequence[Any]) -> Iterator[CaptionRow]:
    for number, row in enumerate(source):
        if isinstance(row, str) or not isinstance(row, Iterable) or len(values := tuple(row)) not in (2, 3):
            raise RnnkitError(
                f"The list: row {number} is {str(row)[:60]!r}; expected (image, caption), (image, captions) or "
                "(image, caption, split)."
            )
        yield _row(ROLES[: len(values)], values, f"The list: row {number}")


def _is_json_object(path: Path) -> bool:
    with open_bytes(path) as file:
        first = file.read(_FIRST).strip().split(b"\n")[0]
    try:
        return b'"image"' not in first or not isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return True


def _json(path: Path) -> CaptionRows:
    """Read COCO's annotations, or Karpathy's files with their splits."""
    with open_bytes(path, _LARGEST_JSON) as file:
        content = file.read()
    if content.count(b"[") + content.count(b"{") > allowed(_LARGEST_JSON) // _BRACKET_EVERY:
        raise RnnkitError(f"{path.name} has too many lists and objects in it; give a CSV or JSONL file instead.")
    try:
        try:
            data = parse_json(content, path.name, constant=lambda name: None)
        except RnnkitError as error:
            raise ValueError(str(error).removeprefix(f"{path.name} ")) from None
        if isinstance(data, list):
            data = {"images": data}
        images = data["images"]
        rows = _coco(data) if "annotations" in data else _karpathy(images, path.name)
    except RnnkitError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise RnnkitError(
            f"{path.name} is not a captions file in COCO's format ({type(error).__name__}: {str(error)[:100]}); "
            'expected "images" with file names and "annotations" with captions.'
        ) from None
    columns = {"image": "file_name", "caption": "caption"}
    return CaptionRows(rows, path.name, columns, "utf-8", Oddities(), path.parent)


def _coco(data: dict[str, Any]) -> list[CaptionRow]:
    captions: dict[Any, list[str]] = {image["id"]: [] for image in data["images"]}
    for annotation in data["annotations"]:
        if annotation["image_id"] in captions:
            captions[annotation["image_id"]] += _texts(annotation["caption"])
    return [CaptionRow(str(image["file_name"]), captions[image["id"]], None) for image in data["images"]]


def _karpathy(images: list[dict[str, Any]], name: str) -> list[CaptionRow]:
    rows = []
    for number, image in enumerate(images, 1):
        name_in_it = image.get("filename") or image.get("file_name") or image["image"]
        file = "/".join(filter(None, (image.get("filepath"), name_in_it)))
        said = image["sentences"] if "sentences" in image else image.get("captions") or image["caption"]
        said = said if isinstance(said, list) else [said]
        texts = [one["raw"] if isinstance(one, dict) else one for one in said]
        part = part_of(cell(image.get("split", "")), f"{name} image {number}")
        rows.append(CaptionRow(file, [text for one in texts for text in _texts(one)], part))
    return rows
