"""Opens recordings with transcripts: tables, data frames, lists, and the folders of the usual corpora."""

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from rnnkit.data.file_names import require_there
from rnnkit.errors import RnnkitError
from rnnkit.tasks.shared.recording_tables import read_recordings
from rnnkit.tasks.shared.recordings import Recordings
from rnnkit.tasks.speech_recognizer.folders import read_folder

#: The columns of a table.
ROLES = ("recording", "text", "group", "split")
_TABLES = ("transcripts", "metadata", "recordings", "validated")
_ENDINGS = (".csv", ".tsv", ".jsonl", ".parquet")


def open_speech(
    source: Any, columns: Mapping[str, str | None] | None = None, encoding: str | None = None, rate: int = 16_000
) -> Recordings:
    """Recordings with their transcripts, in any of the usual forms.

    Args:
        source: A table with the columns recording (a file) and text, perhaps group (the speaker) and split; a data
            frame with these; a folder (`rnnkit.tasks.speech_recognizer.folders`) or one with such a table; a list of
            (recording, text) or (recording, text, speaker); or `Recordings`, returned unchanged.
        columns: Column names by role, where they cannot be guessed.
        encoding: The encoding of texts, where it cannot be detected.
        rate: Samples a second that recordings are to have.

    Raises:
        RnnkitError: It cannot be read, or no recording has a transcript.
    """
    if isinstance(source, Recordings):
        return source
    found: Recordings | None = None
    if isinstance(source, str | PathLike):
        path = Path(source)
        require_there(path)
        if os.path.isdir(path):
            table = _table_in(path)
            found = read_folder(path, encoding) if table is None else None
            source = table or source
    found = found or read_recordings(source, "text", columns, encoding)
    rows = [row for row in found.rows if row.target is not None]
    dropped = Counter({"no text": len(found.rows) - len(rows)})
    if not rows:
        raise RnnkitError(f"{found.name}: none of its {len(found.rows):,} recordings has a transcript.")
    return replace(found.with_rows(rows, dropped), rate=rate)


def _table_in(folder: Path) -> Path | None:
    """The table of a folder that has one."""
    for name in _TABLES:
        for ending in _ENDINGS:
            if (folder / f"{name}{ending}").is_file():
                return folder / f"{name}{ending}"
    return None
