"""Folders of sequences: a file each with a table of their labels, or a folder for each label; parts of a data set."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from rnnkit.codec.number_cells import is_missing
from rnnkit.data.columns import shown
from rnnkit.data.findings import counted
from rnnkit.data.number_columns import text_of
from rnnkit.data.number_tables import OpenTable, open_number_table
from rnnkit.data.whole_rows import TABLES, suffix_of
from rnnkit.errors import RnnkitError
from rnnkit.tasks.sequence_classifier.columns import CHANNELS, GROUP, LABEL, TIME, Given, find_columns
from rnnkit.tasks.sequence_classifier.sequences import Sequences
from rnnkit.tasks.sequence_classifier.tables import Tell, read_table

_LABELS = "labels"  # the table of labels, without its ending
_FILE = ("file", "filename", "path", "name", "recording", "sequence", "id")
_PARTS = ("train", "test")
File = tuple[Path, str | None, str | None]  # its label and group


def read_folder(
    folder: Path, given: Given, encoding: str | None, per_step: bool, tell: Tell, open_file: Callable[[Path], Sequences]
) -> Sequences:
    """The sequences of a folder.

    Args:
        folder: With a labels.csv (columns file and label) beside a table for each sequence; with a folder of tables for
            each label; with folders train and test of these; or with two files that end in _TRAIN and _TEST.
        given: The columns by role.
        encoding: The files' encoding.
        per_step: Whether each step has a label of its own, as a column of each file.
        tell: Called with a line for what is found.
        open_file: Opens a single file of the pair.

    Raises:
        RnnkitError: It is none of these, or a file cannot be read.
    """
    entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    pair = {part: [each for each in entries if each.is_file() and _stem(each).endswith(f"_{part}")] for part in _PARTS}
    if all(len(files) == 1 for files in pair.values()):
        train, test = (open_file(pair[part][0]) for part in _PARTS)
        return _joined(train, test, folder)
    inner = {entry.name.lower(): entry for entry in entries if entry.is_dir()}
    if set(inner) == {*_PARTS}:
        train, test = (read_folder(inner[part], given, encoding, per_step, tell, open_file) for part in _PARTS)
        return _joined(train, test, folder)
    tables = _tables_in(folder)
    listed = [entry for entry in tables if _stem(entry) == _LABELS]
    files: list[File] = []
    if len(listed) == 1:
        files = _listed(folder, listed[0], given, encoding)
        known = {listed[0], *(path for path, _, _ in files)}
        _tell_others([each for each in tables if each not in known], f"not in {listed[0].name}", folder, tell)
    elif per_step:
        files = [(entry, None, None) for entry in tables]
    elif not tables:
        files = [(file, entry.name, None) for entry in inner.values() for file in _tables_in(entry)]
        known = {path for path, _, _ in files}
        there = [each for entry in inner.values() for each in sorted(entry.iterdir()) if not each.name.startswith(".")]
        _tell_others([each for each in there if files and each not in known], "no tables", folder, tell)
    if not files:
        seen = ", ".join(entry.name for entry in entries[:5]) or "nothing"
        raise RnnkitError(
            f"{folder} holds {seen}; expected tables and one labels.csv with the columns file and label, a folder of "
            "tables for each label, folders train and test of these and no other, or one file that ends in _TRAIN.ts "
            "and one in _TEST.ts."
        )
    return _read(folder, files, given, encoding, per_step, tell)


def _tell_others(others: list[Path], why: str, folder: Path, tell: Tell) -> None:
    """Say which entries of a folder are not read, if any."""
    if others:
        first = others[0].relative_to(folder)
        more = ", ..." if len(others) > 1 else ""
        tell(f"{folder.name}: {len(others):,} left out, {why}: {first}{more}")


def _stem(path: Path) -> str:
    return path.name.lower().partition(".")[0]


def _tables_in(folder: Path) -> list[Path]:
    found = (entry for entry in folder.iterdir() if entry.is_file() and suffix_of(entry) in TABLES)
    return sorted(entry for entry in found if not entry.name.startswith("."))


def _joined(train: Sequences, test: Sequences, folder: Path) -> Sequences:
    """Two parts as one data set."""
    if train.channels != test.channels:
        raise RnnkitError(f"{folder}: {train.name} has the channels {shown(train.channels)}, {test.name} others.")
    return replace(train, name=folder.name or str(folder), test=replace(test, test=None), path=folder)


def _listed(folder: Path, table: Path, given: Given, encoding: str | None) -> list[File]:
    """The files that a table of labels names."""
    opened = open_number_table(table, None, encoding)
    plain = {name.strip().lower(): name for name in reversed(opened.header)}
    file = next((plain[name] for name in _FILE if name in plain), "")
    named = {role: (given or {}).get(role) for role in (LABEL, GROUP)}
    roles = {role: column for role, column in named.items() if column in opened.header}
    columns = find_columns(opened.header, roles, opened.name)
    if not file or not columns.label:
        raise RnnkitError(f"{table} has the columns {shown(opened.header)}; expected file and label.")
    found, known = list[File](), set[Path]()
    for lines, cells in opened.chunks():
        groups = cells[columns.group] if columns.group else [None] * len(lines)
        for line, *row in zip(lines, cells[file], cells[columns.label], groups, strict=True):
            name, label = (text_of(each).strip() for each in row[:2])
            path = _named(folder, name, f"{table.name} {line}")
            if path in known:
                raise RnnkitError(f"{table.name} {line} names the file {name!r:.60} again; expected each once.")
            known.add(path)
            found.append(
                (path, None if is_missing(label) else label, text_of(row[2]).strip() if columns.group else None)
            )
    if not found:
        raise RnnkitError(f"{table} has a header and no row under it. Add a row for each file.")
    return found


def _named(folder: Path, name: str, where: str) -> Path:
    """A file of the folder by the name that its table of labels has, with or without its ending."""
    inside = bool(name) and not Path(name).is_absolute() and ".." not in Path(name).parts
    for ending in ("", *TABLES) if inside else ():
        if os.path.isfile(path := folder / f"{name}{ending}"):
            return path
    raise RnnkitError(f"{where} names the file {name!r:.60}, which is not in {folder}.")


def _read(folder: Path, files: list[File], given: Given, encoding: str | None, per_step: bool, tell: Tell) -> Sequences:
    """Files as sequences of the first one's channels."""
    roles = {role: (given or {}).get(role) for role in (TIME, CHANNELS, *([LABEL] if per_step else []))}
    read, header, more = list[Sequences](), list[str](), dict[Path, list[str]]()
    for path, _, _ in files:
        name = str(path.relative_to(folder))
        table = _opened(path, name, roles, encoding)
        first = read[0].channels if read else ()
        _require_channels(table, first, path)
        header = header or table.header
        if others := [column for column in table.header if column not in header]:
            more[path] = others
        read.append(read_table(replace(table, name=name), roles, per_step, tell, first, recording=name))
    _tell_columns(folder, header, read[0], per_step, given, tell)
    if more:
        path, others = next(iter(more.items()))
        tell(
            f"{folder.name}: columns that {files[0][0].name} lacks are left out, in {counted(len(more), 'file')}, such "
            f"as {shown(others)} in {path.relative_to(folder)}."
        )
    groups = [group for _, _, group in files]
    return Sequences(
        folder.name or str(folder),
        read[0].channels,
        [one.values[0] for one in read],
        [one.labels[0] if per_step else label for one, (_, label, _) in zip(read, files, strict=True)],
        [one.ids[0] for one in read],
        _times(read, folder),
        None if None in groups else [group or "" for group in groups],
        encoding=read[0].encoding,
        reading={"encoding": read[0].encoding, "delimiter": read[0].reading.get("delimiter")},
        path=folder,
    )


def _opened(path: Path, name: str, roles: Given, encoding: str | None) -> OpenTable:
    """A file of a folder, in messages by its name there."""
    try:
        return open_number_table(path, roles, encoding)
    except RnnkitError as error:
        raise RnnkitError(
            f"{name}{str(error).removeprefix(path.name)}" if str(error).startswith(path.name) else str(error)
        ) from None


def _tell_columns(folder: Path, header: list[str], first: Sequences, per_step: bool, given: Given, tell: Tell) -> None:
    """Say which columns of the files are not read, and where a first line of numbers is read as names."""
    if all(column.isdecimal() for column in header):
        tell(
            f"{folder.name}: the first line of {first.ids[0]}, {shown(header)}, is read as the names of channels. "
            "Where it is a step, give the files a header."
        )
    read = {*first.channels, *first.reading["columns"].values()} if per_step else {*first.channels}
    unread = [column for column in header if column.strip() and column not in read]
    unread = [column for column in unread if column != first.reading["columns"].get(TIME)]
    if unread and not (given or {}).get(CHANNELS):
        tell(f"{folder.name}: {shown(unread)} of its files not read: a file is one sequence, with one label.")


def _require_channels(table: OpenTable, channels: tuple[str, ...], path: Path) -> None:
    """Refuse a file that lacks a channel of the files before."""
    if lacking := [name for name in channels if name not in table.header]:
        raise RnnkitError(
            f"{path} has no column {lacking[0]!r:.60}. It has: {shown(table.header)}; the files before have "
            f"{shown(channels)}."
        )


def _times(read: list[Sequences], folder: Path) -> list[np.ndarray] | None:
    """The times of all files, or none."""
    known = [one.elapsed[0] for one in read if one.elapsed]
    if not known:
        return None
    if lacking := [one.name for one in read if not one.elapsed]:
        raise RnnkitError(f"{folder}: {lacking[0]} has no time, and other files have. Add it, or remove it from those.")
    return known
