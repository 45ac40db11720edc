"""Opens labelled sequences of numbers: tables, folders, `.ts` and `.npz` files, data frames, arrays and lists."""

import os
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.number_cells import is_missing
from rnnkit.data.file_names import require_there
from rnnkit.data.frame_kinds import is_frame
from rnnkit.data.number_tables import open_number_table
from rnnkit.data.remembered import default_tell
from rnnkit.data.whole_rows import suffix_of
from rnnkit.errors import RnnkitError
from rnnkit.tasks.sequence_classifier.columns import Given, is_usual
from rnnkit.tasks.sequence_classifier.folders import read_folder
from rnnkit.tasks.sequence_classifier.memory import sequences_of_arrays, sequences_of_rows
from rnnkit.tasks.sequence_classifier.npz_files import read_npz
from rnnkit.tasks.sequence_classifier.sequences import Sequences
from rnnkit.tasks.sequence_classifier.tables import read_table
from rnnkit.tasks.sequence_classifier.ts_files import read_ts

_KNOWN = (
    "a .csv, .tsv, .jsonl, .parquet, .ts or .npz file, a folder, a data frame, (array, labels), or a list of (array, "
    "label)"
)


def open_sequences(
    data: Any,
    columns: Given = None,
    encoding: str | None = None,
    per_step: bool = False,
    tell: Callable[[str], None] = default_tell,
) -> Sequences:
    """Open labelled sequences.

    Args:
        data: A table with a row a step or a row a sequence, as a file or a data frame; a folder; a `.ts` or `.npz`
            file; a list of (array, label) or (array, label, group); a tuple of an array `[sequences, time, channels]`
            and its labels; or `Sequences`, returned unchanged.
        columns: Column names by role, where they cannot be guessed; several channels with commas between.
        encoding: The files' encoding, where it cannot be detected.
        per_step: Whether each step has a label of its own.
        tell: Called with a line for what is found and not given.

    Raises:
        RnnkitError: It is none of these, or cannot be read; the message names the line and the column.

    Example:

    >>> found = open_sequences([([[0.5, 1.0], [0.25, 2.0]], "wave"), ([[3.0, 4.0]], "rest")])
    >>> len(found), found.labels, found.values[0].shape
    (2, ['wave', 'rest'], (2, 2))
    """
    if isinstance(data, Sequences):
        return data
    found = _opened(data, columns, encoding, per_step, tell)
    for part in (each for each in (found, found.test) if each is not None and each.groups is not None):
        if lacking := [one for one, group in zip(part.ids, part.groups or (), strict=True) if is_missing(group)]:
            raise RnnkitError(f"{part.name}: the sequence {lacking[0]!r:.40} has no group. Give each one, or none.")
    return found


def _opened(data: Any, columns: Given, encoding: str | None, per_step: bool, tell: Callable[[str], None]) -> Sequences:
    if isinstance(data, str | PathLike):
        return _of_path(Path(data), columns, encoding, per_step, tell)
    if is_frame(data):
        return _labelled(
            read_table(open_number_table(data, columns, is_usual=is_usual), columns, per_step, tell), per_step
        )
    if isinstance(data, tuple) and len(data) in (2, 3) and isinstance(data[0], np.ndarray | list):
        groups = list(data[2]) if len(data) == 3 else None
        return sequences_of_arrays("The arrays", data[0], data[1], per_step, groups)
    if isinstance(data, Sequence) and not isinstance(data, bytes | bytearray):
        return sequences_of_rows(data, per_step)
    raise RnnkitError(f"Got data of type {type(data).__name__}; expected {_KNOWN}.")


def open_inputs(path: Path, channels: Sequence[str], columns: Given = None, encoding: str | None = None) -> Sequences:
    """The sequences of a file that a trained network is to answer; labels are not needed.

    Args:
        path: A table, whose rows are the steps of one sequence or of several with a column that tells them apart, or
            have a sequence each; or a `.ts` or `.npz` file.
        channels: The channels that the network reads, in order.
        columns: As for `open_sequences`.
        encoding: Likewise.

    Raises:
        RnnkitError: It cannot be read, or lacks a channel.
    """
    require_there(path)
    ending = suffix_of(path)
    if ending == ".ts":
        return read_ts(path, encoding, labelled=False)
    if ending == ".npz":
        return read_npz(path, labelled=False)
    if os.path.isdir(path):
        raise RnnkitError(f"{path} is a folder; give its files one by one.")
    table = open_number_table(path, columns, encoding)
    if not table.named and len(table.header) == len(channels):
        table.header = list(channels)  # a file without a header has them in order
    return read_table(table, columns, False, lambda line: None, channels, labelled=False)


def _of_path(
    path: Path, columns: Given, encoding: str | None, per_step: bool, tell: Callable[[str], None]
) -> Sequences:
    require_there(path)

    def one(file: Path) -> Sequences:
        ending = suffix_of(file)
        if ending == ".ts":
            if per_step:
                raise RnnkitError(f"{file.name} has one label for each sequence; leave --per-step out.")
            return read_ts(file, encoding)
        if ending == ".npz":
            return read_npz(file, per_step)
        return _labelled(
            read_table(open_number_table(file, columns, encoding, is_usual=is_usual), columns, per_step, tell), per_step
        )

    return read_folder(path, columns, encoding, per_step, tell, one) if os.path.isdir(path) else one(path)


def _labelled(found: Sequences, per_step: bool) -> Sequences:
    """The same, unless there is no column of labels."""
    if "label" not in found.reading.get("columns", {}):
        raise RnnkitError(
            f"{found.name} has no column of labels, such as one named label; its channels are read as "
            f"{', '.join(found.channels[:12])}. Name it: --label COLUMN"
        )
    return found
