"""Opens labelled sounds: tables that name files, folders, data frames, and lists."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path
from typing import Any

from rnnkit.data.file_names import require_there
from rnnkit.data.findings import counted, some_of
from rnnkit.data.remembered import default_tell
from rnnkit.data.sounds import SUFFIXES
from rnnkit.errors import RnnkitError
from rnnkit.tasks.shared.recording_tables import read_recordings
from rnnkit.tasks.shared.recordings import Recording, Recordings, is_recording_file, label_and_speaker, unread_files
from rnnkit.tasks.sound_classifier.backgrounds import is_background, with_windows
from rnnkit.tasks.sound_classifier.findings import failures

#: The columns of a table; the last one may be missing.
ROLES = ("recording", "label", "group")
_PARTS = ("train", "validation", "test")
#: The lists of Speech Commands.
_LISTED = {"validation_list.txt": "validation", "testing_list.txt": "test"}
Tell = Callable[[str], None]


@dataclass
class Sounds(Recordings):
    """Recordings with a label each."""

    def windowed(self) -> "Sounds":
        """The same, with long background recordings as windows: `with_windows`."""
        found: Sounds = with_windows(self, self.rate)  # type: ignore[assignment]
        return found


def open_sounds(
    data: Any,
    columns: Mapping[str, str | None] | None = None,
    encoding: str | None = None,
    rate: int = 16_000,
    tell: Tell = default_tell,
) -> Sounds:
    """Open labelled sounds; long background recordings become windows of a second.

    Args:
        data: A table, a data frame or a list, as for `rnnkit.tasks.shared.recording_tables.read_recordings`; a folder
            with a folder of sound files for each label, or with sound files named `label_speaker_number`, or with
            folders train, validation and test of these; or `Sounds`, returned unchanged.
        columns: Column names by role, where they cannot be guessed.
        encoding: The table's encoding, where it cannot be detected.
        rate: Samples a second that sounds are to have.
        tell: Called with a line for what is found and not given.

    Raises:
        RnnkitError: It is none of these, or no sound has a label.

    Example:

    >>> import numpy as np
    >>> found = open_sounds([(np.full(4000, 0.5), "hum"), (np.zeros(4000), "hiss")], rate=8000)
    >>> len(found), [row.target for row in found]
    (2, ['hum', 'hiss'])
    """
    if isinstance(data, Sounds):
        return data
    found = _opened(data, columns, encoding, tell)
    unlabelled = [row for row in found if not row.target]
    labelled = found.with_rows([row for row in found if row.target], _counts(unlabelled))
    if not labelled.rows:
        raise RnnkitError(f"{found.name}: {next(failures(labelled))}")
    given = {field.name: getattr(labelled, field.name) for field in fields(Recordings)}
    return Sounds(**{**given, "rate": rate}).windowed()


def _opened(data: Any, columns: Mapping[str, str | None] | None, encoding: str | None, tell: Tell) -> Recordings:
    if isinstance(data, Recordings):
        return data
    if isinstance(data, str | PathLike):
        path = Path(data)
        require_there(path)
        if path.is_dir():
            return _of_folder(path, tell)
        if is_recording_file(path):
            raise RnnkitError(f"{path} is a single sound; expected a folder of them, or a table that names them.")
    return read_recordings(data, "label", columns, encoding)


def _counts(unlabelled: list[Recording]) -> dict[str, int]:
    return {"no label": len(unlabelled)} if unlabelled else {}


def _of_folder(folder: Path, tell: Tell) -> Recordings:
    inner = {entry.name.lower(): entry for entry in _entries(folder) if entry.is_dir()}
    if len(inner) > 1 and set(inner) <= {*_PARTS}:
        rows = [
            row._replace(part=part, name=f"{part}/{row.name}")
            for part in _PARTS
            if part in inner
            for row in _of_folder(inner[part], tell)
        ]
        return Recordings(rows, folder.name)
    rows = list(_files_by_label(folder, list(inner.values())))
    if not rows:
        if unread := unread_files(folder):
            raise RnnkitError(f"{folder} has {unread}")
        seen = ", ".join(entry.name for entry in _entries(folder)[:5]) or "nothing"
        raise RnnkitError(
            f"{folder} holds {seen}; expected a folder of sound files ({', '.join(SUFFIXES)}) for each label, sound "
            "files named label_speaker_number, or folders train and test of these."
        )
    if unread := unread_files(folder):
        tell(f"Left out: {unread}")
    return Recordings(_with_parts(_with_speakers(rows, tell), folder, tell), folder.name)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "__MACOSX")))
    except OSError as error:
        raise RnnkitError(f"{folder} cannot be read ({error.strerror or error}).") from None


def _files_by_label(folder: Path, inner: list[Path]) -> Iterator[Recording]:
    odd = list[str]()
    for entry in (*inner, folder):
        for path in _entries(entry):
            if not is_recording_file(path) or (entry is folder and path.is_dir()):
                continue  # what is no file, such as a broken link, is told with those that cannot be read
            name, said = path.relative_to(folder).as_posix(), label_and_speaker(path.stem)
            if entry is not folder:
                yield Recording(path, entry.name, name)
            elif said is not None:
                yield Recording(path, said[0], name, said[1])
            else:
                odd.append(name)
    if odd:
        one = len(odd) == 1
        raise RnnkitError(
            f"{folder}: {counted(len(odd), 'sound')} {'is' if one else 'are'} in no folder of a label, and "
            f"{'its name does' if one else 'their names do'} not say label_speaker_number: {some_of(odd)}. Put each "
            "into the folder of its label, or name the files in a table."
        )


def _by_commands(stem: str) -> tuple[str, str] | None:
    """The same of Speech Commands' `0a7c2a8d_nohash_0`, which names no label."""
    speaker, _, number = stem.rpartition("_nohash_")
    return ("", speaker) if speaker and number.isdecimal() else None


def _with_speakers(rows: list[Recording], tell: Tell) -> list[Recording]:
    """The same, with speakers where the names of all files say them."""
    spoken = [row for row in rows if not is_background(row.target)]
    for read in (label_and_speaker, _by_commands):
        said = {row.name: read(row.given.stem) for row in spoken}
        fits = all(
            each is not None and each[0] in ("", row.target) for each, row in zip(said.values(), spoken, strict=True)
        )
        if spoken and fits:
            speakers = {name: each[1] for name, each in said.items() if each is not None}
            tell(f"The names of the files tell {counted(len(set(speakers.values())), 'speaker')}, who stay together.")
            return [row._replace(group=speakers.get(row.name, "")) for row in rows]
    return [row._replace(group="") for row in rows]


def _with_parts(rows: list[Recording], folder: Path, tell: Tell) -> list[Recording]:
    """The same, with the parts that the lists of Speech Commands name."""
    parts = dict[str, str]()
    for name, part in _LISTED.items():
        if (folder / name).is_file():
            listed = (folder / name).read_text("utf-8", "replace").split()
            parts |= dict.fromkeys(listed, part)
            tell(f"{name} names {counted(len(listed), 'file')} for {part}.")
    if not parts:
        return rows
    return [row._replace(part=parts.get(row.name, "" if is_background(row.target) else "train")) for row in rows]
