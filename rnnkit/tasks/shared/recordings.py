"""Recordings with what is known of each: its text or label, its speaker and its part of the data."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rnnkit.codec.wav import SOUND_BYTES
from rnnkit.data.delimited import Oddities
from rnnkit.data.findings import counted
from rnnkit.data.folds import Divisible
from rnnkit.data.sound_frames import read_frames
from rnnkit.data.sounds import SUFFIXES
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import read_bytes

#: Endings of sounds that cannot be read, such as phones and browsers record.
_UNREAD = (".m4a", ".mp4", ".aac", ".3gp", ".amr", ".wma", ".aif", ".aiff", ".caf", ".webm", ".mka")
#: Endings of files with ready-made frames.
FRAME_SUFFIXES = (".mfc", ".npy", ".npz")


class Recording(NamedTuple):
    """A recording.

    Attributes:
        given: The file; or samples `[time]` at the task's rate, a pair of samples and their rate, or ready-made frames
            `[frames, features]`.
        target: Its text or label; None where it is not known.
        name: What messages call it.
        group: Who speaks, "" where that is not known; a group stays together when data are divided.
        part: "train", "validation" or "test"; "" where the data do not say.
    """

    given: Any
    target: str | None
    name: str
    group: str = ""
    part: str = ""

    @property
    def is_frames(self) -> bool:
        """Whether these are ready-made frames."""
        if isinstance(self.given, Path):
            return self.given.suffix.lower() in FRAME_SUFFIXES
        return isinstance(self.given, np.ndarray) and self.given.ndim == 2

    def digest(self) -> str:
        """A hash of its content.

        Raises:
            RnnkitError: The file cannot be read.
        """
        if isinstance(self.given, Path):
            return hashlib.blake2b(read_bytes(self.given, SOUND_BYTES), digest_size=16).hexdigest()
        samples, rate = self.given if isinstance(self.given, tuple) else (self.given, 0)
        array = np.ascontiguousarray(samples)
        about = f"{array.dtype} {array.shape} {rate}".encode()
        return hashlib.blake2b(about + array.tobytes(), digest_size=16).hexdigest()


@dataclass
class Recordings:
    """Recordings in memory or on disk, which are opened only when they become frames.

    Attributes:
        rows: The recordings.
        name: Their name in messages and reports.
        columns: Role to column, where they come from a table.
        encoding: The encoding with which the table was read.
        oddities: What was skipped while reading the table.
        reading: How the table was read, for `rnnkit.data.remembered`.
        dropped: How many rows were left out, by reason.
        rate: Samples a second at which they are to be heard.
    """

    rows: list[Recording]
    name: str
    columns: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    oddities: Oddities = field(default_factory=Oddities)
    reading: dict[str, Any] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    rate: int = 16_000

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Recording]:
        return iter(self.rows)

    @property
    def is_frames(self) -> bool:
        """Whether these are ready-made frames.

        Raises:
            RnnkitError: Some are, some are not.
        """
        kinds = {row.is_frames: row.name for row in self.rows}
        if len(kinds) > 1:
            raise RnnkitError(
                f"{self.name}: {kinds[True]} has ready-made frames and {kinds[False]} is a sound; give one of the two."
            )
        return next(iter(kinds), False)

    @property
    def scored(self) -> "Recordings":
        """The test part where the data have one, otherwise all."""
        return self.part("test") if any(row.part == "test" for row in self.rows) else self

    def part(self, name: str) -> "Recordings":
        """The recordings of a part."""
        return replace(self, rows=[row for row in self.rows if row.part == name])

    def take(self, places: Sequence[int] | np.ndarray) -> "Recordings":
        """Those at these places."""
        return replace(self, rows=[self.rows[int(place)] for place in places])

    def with_rows(self, rows: list[Recording], dropped: Mapping[str, int] | None = None) -> "Recordings":
        """The same data with other rows, and further ones left out."""
        return replace(self, rows=rows, dropped=self.dropped + Counter(dropped or {}))

    def in_folds(self, labelled: bool) -> Divisible:
        """The recordings outside a given test part; those of a speaker stay together.

        Args:
            labelled: Whether targets are labels, of which every fold should have its share.
        """
        mine = replace(self, rows=[row for row in self.rows if row.part != "test"])
        grouped = any(row.group for row in mine.rows)
        keys = [row.group or row.name for row in mine.rows] if grouped else [row.digest() for row in mine.rows]

        def opened(some: list[Any], test: bool = False) -> Recordings:
            return mine.take([int(place) for place, *_ in some])

        labels = [str(row.target) for row in mine.rows] if labelled and not grouped else []
        examples = [(place, row.name, row.target) for place, row in enumerate(mine.rows)]
        return Divisible(self.name, examples, keys, opened, labels)


def is_recording_file(path: Path) -> bool:
    """Whether a file's ending is that of a sound or of ready-made frames.

    Example:

    >>> is_recording_file(Path("a.WAV")), is_recording_file(Path("b.mfc")), is_recording_file(Path("c.txt"))
    (True, True, False)
    """
    return path.suffix.lower() in (*SUFFIXES, *FRAME_SUFFIXES)


def unread_files(folder: Path) -> str:
    """A line on the files of a folder, and of those in it, that are sounds of a kind that is not read; "" for none.

    Example:

    >>> unread_files(Path("no_such_folder"))
    ''
    """
    found = [path for path in folder.rglob("*") if path.suffix.lower() in _UNREAD and not _hidden(path, folder)]
    if not found:
        return ""
    first = min(found)
    return (
        f"{counted(len(found), 'file')} of a kind that is not read ({', '.join(sorted({p.suffix for p in found}))}): "
        f"turn each into WAV, as by: ffmpeg -i {first.name} {first.stem}.wav"
    )


def label_and_speaker(stem: str) -> tuple[str, str] | None:
    """The label and the speaker in a name such as `7_jackson_32`; None where it is another one.

    Example:

    >>> label_and_speaker("7_jackson_32"), label_and_speaker("street")
    (('7', 'jackson'), None)
    """
    label, _, rest = stem.partition("_")
    speaker, _, number = rest.rpartition("_")
    return (label, speaker) if label and speaker and number.isdecimal() else None


def recording_files(folder: Path) -> list[Path]:
    """The recordings in a folder and the folders in it, in the order of their names; links to nothing, too.

    Raises:
        RnnkitError: The folder cannot be read.
    """
    try:
        found = [path for path in folder.rglob("*") if is_recording_file(path) and not _hidden(path, folder)]
    except OSError as error:
        raise RnnkitError(f"{folder} cannot be read ({error.strerror or error}).") from None
    return sorted(path for path in found if not path.is_dir())


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.relative_to(folder).parts)


def frames_width(rows: Sequence[Recording]) -> int:
    """The features of the first ready-made frames that can be read.

    Raises:
        RnnkitError: None can.
    """
    faults = []
    for row in rows:
        try:
            frames = read_frames(row.given) if isinstance(row.given, Path) else np.asarray(row.given)
            return int(frames.shape[1])
        except RnnkitError as error:
            faults.append(error)
    raise faults[0]
