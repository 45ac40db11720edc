"""Tables, data frames and lists that name recordings, and what is known of each."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.data.columns import SYNONYMS, match_columns, missed_column, tell_other_columns
from rnnkit.data.delimited import DelimitedFile, Oddities
from rnnkit.data.findings import counted
from rnnkit.data.frame_kinds import is_frame
from rnnkit.data.frames import as_pandas
from rnnkit.data.headerless import open_with_numbers
from rnnkit.data.part_files import PARTS
from rnnkit.data.remembered import default_tell, remembered_in
from rnnkit.data.tables import Table, brief, cell
from rnnkit.data.textfile import check_file, find_encoding
from rnnkit.errors import RnnkitError
from rnnkit.tasks.shared.recordings import Recording, Recordings

#: The roles of columns; "file" is a name that the command line has for the table.
FILE, GROUP, SPLIT = "recording", "group", "split"
_CALLED = {
    FILE: (FILE, *SYNONYMS[FILE]),
    "text": ("text", "transcript", "transcription", "sentence", "normalized_text", "utterance", "words"),
    "label": ("label", "class", "category", "keyword", "word", "target"),
    GROUP: ("group", "speaker", "speaker_id", "client_id", "user", "person"),
    SPLIT: ("split", "part", "subset", "set"),
}  # fmt: skip


def read_recordings(
    source: Any, target: str, columns: Mapping[str, str | None] | None = None, encoding: str | None = None
) -> Recordings:
    """The recordings of a table, a data frame or a list.

    Args:
        source: A CSV, TSV, JSONL or Parquet file, to whose folder the names of files are relative; a data frame; or a
            list of (recording, target) or (recording, target, group), where a recording is a file, samples `[time]` at
            the task's rate, a pair (samples, rate) or ready-made frames `[frames, features]`.
        target: The role of what is to be learnt, "text" or "label".
        columns: Column names by role (recording, the target's, group, split), where they cannot be guessed.
        encoding: The table's encoding, where it cannot be detected.

    Raises:
        RnnkitError: It is none of these, lacks a column, or a row is not as the others.

    Example:

    >>> found = read_recordings([("a.wav", "yes", "anna"), (np.zeros(800, "float32"), "no", "ben")], "label")
    >>> [(row.name, row.target, row.group) for row in found]
    [('a.wav', 'yes', 'anna'), ('recording 2', 'no', 'ben')]
    """
    if isinstance(source, str | PathLike):
        return _of_table(Path(source), target, columns, encoding)
    if is_frame(source):
        source = as_pandas(source)
        header = [str(column) for column in source.columns]
        found = _columns(header, target, columns, "The data frame")
        real = [source.columns[header.index(name)] for name in found.values()]
        values = zip(*(source[name].astype(object).tolist() for name in real), strict=True)
        rows = [dict(zip(found, row, strict=True)) for row in values]
        return _made(rows, target, "The data frame", None, columns=found, reading={"columns": dict(found)})
    if isinstance(source, Sequence):
        return _made([_listed(row, target, number) for number, row in enumerate(source)], target, "The list", None)
    raise RnnkitError(
        f"Got data of type {type(source).__name__}; expected a file or folder name, a data frame or a list."
    )


def _of_table(path: Path, target: str, columns: Mapping[str, str | None] | None, encoding: str | None) -> Recordings:
    if path.suffix.lower() != ".parquet":
        check_file(path, "recordings")
    first = Table(path, roles=(), encoding=encoding)
    named, header = True, first.header
    if isinstance(first.file, DelimitedFile):
        file, columns = open_with_numbers(path, find_encoding(path, encoding), first.delimiter, columns, default_tell)
        named, header = file.named, file.header
    chosen = _columns(header, target, columns, path.name)
    table = Table(path, chosen, tuple(chosen), first.encoding, named=named)
    rows: list[dict[str, Any]] = [dict(zip(chosen, row, strict=True)) for row in table]
    rows = [{**row, target: row[target].strip() or None} for row in rows]  # a blank cell says nothing
    how = {"columns": chosen, "encoding": first.encoding, "oddities": table.oddities, "reading": table.reading}
    found = _made(rows, target, path.name, path.parent, **how)
    files = [row.given for row in found.rows if row.target and isinstance(row.given, Path)]
    if files and not any(os.path.lexists(file) for file in files):
        raise RnnkitError(
            f"{path.name}: of the {counted(len(files), 'file')} that it names none is there, the first one {files[0]}. "
            f"Names are relative to the folder of the table, {path.parent}: move it to its recordings, or write whole "
            "paths into it."
        )
    return found


def _columns(header: Sequence[str], target: str, given: Mapping[str, str | None] | None, name: str) -> dict[str, str]:
    """The columns by role; group and split only where there are such."""
    wanted = {role: column for role, column in (given or {}).items() if column is not None}
    roles = (FILE, target, GROUP, SPLIT)
    wanted = {**{role: column for role, column in remembered_in(given, header).items() if role in roles}, **wanted}
    low = {column.strip().lower(): column for column in reversed(header)}
    for role in roles:
        free = [low[word] for word in _CALLED[role] if word in low and low[word] not in wanted.values()]
        if role not in wanted and free:
            wanted[role] = free[0]
    needed = [role for role in roles if role in wanted or role in (FILE, target)]
    try:
        found = match_columns(header, needed, wanted, name)
    except RnnkitError:
        if any(missed_column(given, role, header) for role in needed):
            match_columns(header, needed, given, name)  # whose error names that column
        raise
    tell_other_columns(given, found, header, name)
    return found


def _listed(row: Any, target: str, number: int) -> dict[str, Any]:
    if isinstance(row, str) or not isinstance(row, Iterable) or len(values := tuple(row)) not in (2, 3, 4):
        raise RnnkitError(
            f"The list: row {number} is {brief(row)}; expected (recording, {target}) or (recording, {target}, group)."
        )
    return dict(zip((FILE, target, GROUP, SPLIT), values, strict=False))


def _made(rows: Iterable[Mapping[str, Any]], target: str, name: str, folder: Path | None, **how: Any) -> Recordings:
    found, dropped = list[Recording](), Counter[str]()
    for number, row in enumerate(rows, 1):
        given = given_of(row[FILE], folder, f"{name}: row {number}")
        if given is None:
            dropped["no file"] += 1
            continue
        called = str(row[FILE]) if isinstance(given, Path) else f"recording {number}"
        part = part_of(cell(row.get(SPLIT, "")), f"{name}: row {number}")
        group = " ".join(cell(row.get(GROUP, "")).split())
        found.append(Recording(given, target_of(row[target]), called, group, part))
    if not found:
        raise RnnkitError(f"{name} has no row that names a recording.")
    return Recordings(found, name, dropped=dropped, **{"oddities": Oddities(), **how})


def target_of(value: Any) -> str | None:
    """A cell with a text or label, with single blanks; None for a missing one."""
    if value is None or (isinstance(value, float) and value != value):
        return None
    return " ".join(cell(value).split())


def given_of(value: Any, folder: Path | None, where: str) -> Any:
    """What a row gives as its recording: a file, samples, samples with their rate, or frames; None for nothing.

    Raises:
        RnnkitError: It is none of these.
    """
    if isinstance(value, Mapping) and "array" in value and "sampling_rate" in value:  # as Hugging Face's Audio has it
        value = (value["array"], value["sampling_rate"])
    if isinstance(value, str | PathLike):
        name = str(value).strip()
        if "\0" in name or len(name) > 4096:
            raise RnnkitError(f"{where} names the file {name!r:.60}, which no file can be called.")
        return (folder or Path()) / name if name else None
    if isinstance(value, tuple) and len(value) == 2 and np.ndim(value[0]) == 1 and np.ndim(value[1]) == 0:
        return np.asarray(value[0]), value[1]
    if isinstance(value, list | np.ndarray) and np.ndim(value) in (1, 2):
        return np.asarray(value)
    if value is None or (isinstance(value, float) and value != value):
        return None
    raise RnnkitError(
        f"{where} has {brief(value)} as a recording; expected a file's name, samples [time], a pair of samples and "
        "their rate, or frames [frames, features]."
    )


def part_of(word: str, where: str) -> str:
    """The part that a word in a split column stands for; "" for a blank.

    Raises:
        RnnkitError: It stands for none.

    Example:

    >>> part_of("Dev", "row 1"), part_of("", "row 2")
    ('validation', '')
    """
    key = word.strip().lower()
    found = next((part for part, words in PARTS.items() if key in words), "")
    if key and not found:
        raise RnnkitError(f"{where} has the split {word!r:.40}; expected train, validation or test.")
    return found
