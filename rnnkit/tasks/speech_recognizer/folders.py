"""Folders of recordings with transcripts, as corpora come: a text beside each, LibriSpeech, Sphinx, Kaldi."""

import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from rnnkit.data.findings import some_of
from rnnkit.data.textfile import find_encoding
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import in_units, read_bytes
from rnnkit.tasks.shared.recordings import Recording, Recordings, is_recording_file, recording_files, unread_files

_MOST = 256 * 2**20  # bytes of a list of transcripts
_LONGEST_TEXT = 2**20  # bytes of a text beside a recording
_IN_BRACKETS = re.compile(r"^(.*)\(([^()\s]+)\)\s*$")  # Sphinx: what was said, then its name
_MARKERS = re.compile(r"</?s>|<sil>")
_PLACES = ("", "wav", "feat", "audio", "wavs")  # where Sphinx's recordings are, beside etc/
_PARTS = {"train": "train", "dev": "validation", "valid": "validation", "test": "test"}


def read_folder(folder: Path, encoding: str | None = None) -> Recordings:
    """The recordings of a folder, in one of these forms.

    - Kaldi: `wav.scp` and `text`, perhaps `utt2spk`, a name at the beginning of each line.
    - Sphinx: `NAME.fileids` and `NAME.transcription`, in the folder or in its `etc`; recordings in `wav` or `feat`.
    - LibriSpeech: `*.trans.txt` beside recordings of these names; a speaker is what stands before the first hyphen.
    - `NAME.txt` beside each recording.

    Args:
        folder: The folder.
        encoding: The encoding of texts, where it cannot be detected.

    Raises:
        RnnkitError: It has none of these forms, or a list in it cannot be read.
    """
    forms: list[Callable[[Path, str | None], Iterator[Recording]]] = [_kaldi, _sphinx, _librispeech, _beside]
    sounds = 0
    for form in forms:
        rows = list(form(folder, encoding))
        if any(row.target is not None for row in rows):
            return Recordings(rows, folder.name or str(folder), reading={"encoding": encoding} if encoding else {})
        sounds = max(sounds, len(rows))
    if not sounds and (unread := unread_files(folder)):
        raise RnnkitError(f"{folder} has {unread}")
    raise RnnkitError(
        f"{folder} has {sounds:,} recordings and no transcripts; expected a table such as transcripts.csv with the "
        "columns file and text, NAME.txt beside each recording, *.trans.txt, .fileids with .transcription, or wav.scp "
        "with text."
    )


def _kaldi(folder: Path, encoding: str | None) -> Iterator[Recording]:
    scp, text = folder / "wav.scp", folder / "text"
    if not (scp.is_file() and text.is_file()):
        return
    speakers = _by_name(folder / "utt2spk", encoding) if (folder / "utt2spk").is_file() else {}
    texts = _by_name(text, encoding)
    places = _by_name(scp, encoding)
    if commands := [name for name, place in places.items() if place.endswith("|")]:
        are = "is a command, which is" if len(commands) == 1 else "are commands, which are"
        raise RnnkitError(f"{scp}: {some_of(commands)} {are} never run; make files of the output first.")
    for name, place in places.items():
        path = Path(place) if Path(place).is_absolute() else _first(folder / place, Path(place))
        yield Recording(path, texts.get(name), name, speakers.get(name, ""))


def _sphinx(folder: Path, encoding: str | None) -> Iterator[Recording]:
    lists = [*sorted(folder.glob("*.fileids")), *sorted((folder / "etc").glob("*.fileids"))]
    beside = cache(_by_stem)
    for ids in lists:
        spoken = ids.with_suffix(".transcription")
        if not spoken.is_file():
            continue
        texts = {}
        for line in _lines(spoken, encoding):
            if match := _IN_BRACKETS.match(line):
                texts[match[2]] = " ".join(_MARKERS.sub(" ", match[1]).split())
        part = next((part for word, part in _PARTS.items() if word in ids.stem.lower()), "")
        for name in _lines(ids, encoding):
            path = _sound(folder, name, beside)
            group = Path(name).parent.name
            yield Recording(path, texts.get(Path(name).name, texts.get(name)), name, group, part)


def _sound(folder: Path, name: str, beside: Callable[[Path], dict[str, Path]]) -> Path:
    """The recording of that name, in one of the usual places; else where it was looked for first."""
    for place in _PLACES:
        base = folder / place / name
        if is_recording_file(base) and os.path.isfile(base):
            return base
        if found := beside(base.parent).get(base.name):
            return found
    return folder / "wav" / f"{name}.wav"


def _by_stem(folder: Path) -> dict[str, Path]:
    """The recordings in a folder by their names without the ending; nothing where there is no such folder."""
    try:
        return {path.stem: path for path in sorted(folder.iterdir(), reverse=True) if is_recording_file(path)}
    except (OSError, ValueError):  # ValueError: a NUL, which no file's name has
        return {}


def _librispeech(folder: Path, encoding: str | None) -> Iterator[Recording]:
    for path in sorted(folder.rglob("*.trans.txt")):
        sounds = {each.stem: each for each in path.parent.iterdir() if is_recording_file(each)}
        for name, text in _by_name(path, encoding).items():
            yield Recording(sounds.get(name, path.parent / f"{name}.flac"), text, name, name.partition("-")[0])


def _beside(folder: Path, encoding: str | None) -> Iterator[Recording]:
    texts = {path: path.with_suffix(".txt") for path in recording_files(folder)}
    there = {text for text in texts.values() if text.is_file()}
    if long := [str(text.relative_to(folder)) for text in sorted(there) if text.stat().st_size > _LONGEST_TEXT]:
        raise RnnkitError(
            f"{folder}: {some_of(long)} {'has' if len(long) == 1 else 'have'} more than {in_units(_LONGEST_TEXT)}; "
            "expected a transcript."
        )
    for path, text in texts.items():
        said = " ".join(" ".join(_lines(text, encoding)).split()) if text in there else None
        yield Recording(path, said, str(path.relative_to(folder)))


def _lines(path: Path, encoding: str | None) -> list[str]:
    """The lines of a text that are not blank."""
    found = find_encoding(path, encoding)
    text = read_bytes(path, _MOST).decode(found, "replace")
    return [line.strip() for line in text.splitlines() if line.strip()]


def _by_name(path: Path, encoding: str | None) -> dict[str, str]:
    """Lines that begin with a name."""
    pairs = (line.split(None, 1) for line in _lines(path, encoding))
    return {name: " ".join(rest[0].split()) if rest else "" for name, *rest in pairs}


def _first(*paths: Path) -> Path:
    return next((path for path in paths if os.path.isfile(path)), paths[0])  # False for names that no file can have
