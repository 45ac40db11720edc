"""Tunes as MIDI, MusicXML, a picture of the score, or sound."""

import re
import warnings
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

from rnnkit.codec.abc import Tune, parse_tune
from rnnkit.errors import RnnkitError
from rnnkit.files.writing import write_bytes
from rnnkit.installed import missing
from rnnkit.tasks.music_model.bars import check_bars
from rnnkit.tasks.music_model.engraving import score_of
from rnnkit.tasks.music_model.midi import midi_file
from rnnkit.tasks.music_model.performance import perform

_PAGE = {"scale": 40, "pageWidth": 2100, "pageHeight": 60000, "adjustPageHeight": True, "footer": "none"}
_LONGEST_BAR = 64  # whole notes
#: Verovio writes a headline's position on a `tspan`, where few programs except browsers look for it.
_HEADLINE = re.compile(
    r'<text font-size="0px">\s*<tspan id="[^"]*" class="rend" (x="\d+" y="\d+" text-anchor="middle")>'
    r'(?:\s*<title class="labelAttr">\w*</title>)?'
)


def write_score(tune: Tune | str, path: str | PathLike[str]) -> Path:
    """Write a tune as a file whose format follows from its suffix.

    Args:
        tune: A tune, or its text in ABC notation.
        path: A path with the suffix .abc, .mid (with repeats played), .musicxml, .svg or .png (a picture of the score)
            or .wav (sound).

    Raises:
        RnnkitError: The suffix is unknown, a package is missing, or the tune cannot be read or written.
    """
    path = Path(path)
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise RnnkitError(f"{path.name}: its suffix is {path.suffix!r}; expected one of {', '.join(_WRITERS)}.")
    return save(path, write(parse_tune(tune) if isinstance(tune, str) else tune))


def is_music(tune: Tune | str) -> bool:
    """Whether music21 reads a tune in ABC notation and finds notes in it.

    Raises:
        RnnkitError: music21 is not installed.
    """
    needed("music21")
    try:
        return len(to_music21(tune).flatten().notes) > 0
    except RnnkitError:
        return False


def to_music21(tune: Tune | str) -> Any:
    """The tune as a `music21.stream.Score`, with the pitches that `rnnkit.tasks.music_model.pitches` reads.

    Raises:
        RnnkitError: music21 is not installed, or cannot read the tune.
    """
    music21 = needed("music21")
    tune = parse_tune(tune) if isinstance(tune, str) else tune
    check_length(tune)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return score_of(music21, tune)
    except RnnkitError:
        raise
    except Exception as error:  # music21 raises almost any exception for unreadable input
        raise RnnkitError(f"{tune.place or 'The tune'} cannot be read by music21 ({_reason(error)}).") from None


def check_length(tune: Tune) -> None:
    """Refuse a tune with a bar that is longer than any music's.

    Raises:
        RnnkitError: It has one.
    """
    longest = max((bar.length for bar in check_bars(tune).bars), default=0)
    if longest > _LONGEST_BAR:
        raise RnnkitError(f"{tune.place or 'The tune'} has a bar of {int(longest)} whole notes; that is not music.")


def midi_bytes(tune: Tune | str) -> bytes:
    """The melody as a MIDI file, repeats and parts played.

    Raises:
        RnnkitError: A key is not understood, a pitch is beyond MIDI's, or a bar is longer than any music's.
    """
    tune = parse_tune(tune) if isinstance(tune, str) else tune
    check_length(tune)
    return midi_file(perform(tune), tune.header.get("T", ""))


def musicxml_bytes(tune: Tune | str) -> bytes:
    """The tune as MusicXML.

    Raises:
        RnnkitError: As `to_music21`, or it cannot be written.
    """
    music21, score = needed("music21"), to_music21(tune)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from music21.musicxml.m21ToXml import GeneralObjectExporter

            score.metadata = score.metadata or music21.metadata.Metadata()
            score.metadata.composer = score.metadata.composer or " "  # otherwise music21 names itself
            return bytes(GeneralObjectExporter(score).parse())
    except Exception as error:
        raise RnnkitError(f"The tune cannot be written as MusicXML ({_reason(error)}).") from None


def svg_text(tune: Tune | str) -> str:
    """The score as an SVG picture on white, engraved by Verovio from MusicXML.

    Raises:
        RnnkitError: A package is missing, or the tune cannot be drawn.
    """
    verovio = needed("verovio")
    xml = musicxml_bytes(tune).decode("utf-8")
    verovio.enableLog(verovio.LOG_OFF)
    engraver = verovio.toolkit()
    engraver.setOptions(_PAGE)
    if not engraver.loadData(xml):
        raise RnnkitError("The tune cannot be drawn: Verovio cannot read it.")
    drawn = _HEADLINE.sub(r'<text font-size="0px" \1><tspan class="rend">', engraver.renderToSVG(1))
    return re.sub(r"<svg[^<>]*>", r'\g<0><rect width="100%" height="100%" fill="white"/>', drawn, count=1)


def png_bytes(tune: Tune | str, zoom: float = 2.0) -> bytes:
    """`svg_text` as pixels on white, lettered with matplotlib's own font.

    Raises:
        RnnkitError: As `svg_text`.
    """
    resvg = needed("resvg_py")
    import matplotlib

    pixels = resvg.svg_to_bytes(
        svg_string=svg_text(tune),
        background="white",
        zoom=zoom,
        skip_system_fonts=True,
        font_dirs=[str(Path(matplotlib.get_data_path(), "fonts", "ttf"))],
        font_family="DejaVu Serif",
        serif_family="DejaVu Serif",
    )
    return bytes(pixels)


def wav_bytes(tune: Tune | str) -> bytes:
    """The tune as sound: see `rnnkit.tasks.music_model.sound.midi_to_wav`."""
    from rnnkit.tasks.music_model.sound import midi_to_wav

    return midi_to_wav(midi_bytes(tune))


def needed(package: str) -> Any:
    """Import a package of the extra `music`.

    Raises:
        RnnkitError: It is not installed; the message says how to install it.
    """
    import importlib

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(package)
    except ImportError:
        raise missing(package, "Music") from None


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def save(path: Path, content: bytes | str) -> Path:
    """Write a file, creating its folder where there is none.

    Raises:
        RnnkitError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, content.encode("utf-8") if isinstance(content, str) else content)
    except OSError as error:
        raise RnnkitError(f"{path} cannot be written ({error.strerror or error}).") from None
    return path


_WRITERS: dict[str, Callable[[Tune], bytes | str]] = {
    ".abc": lambda tune: tune.abc,
    ".mid": midi_bytes,
    ".musicxml": musicxml_bytes,
    ".svg": svg_text,
    ".png": png_bytes,
    ".wav": wav_bytes,
}
#: The writers by suffix, plain text first.
ABC_SUFFIX = ".abc"
SUFFIXES = tuple(_WRITERS)
