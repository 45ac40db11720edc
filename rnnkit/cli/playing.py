"""`rnnkit play` and `rnnkit engrave`: tunes as sound and as a score."""

from pathlib import Path
from typing import Annotated, Any

import typer

from rnnkit import tasks as task_zoo
from rnnkit.cli.overwriting import Overwrite, may_replace_file
from rnnkit.cli.program import app
from rnnkit.cli.screen import say
from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.files.disk import check_writable

_SOUNDS = (".wav", ".mid")
_PICTURES = (".svg", ".png", ".musicxml")
_MIDI = (".mid", ".midi")
File = Annotated[Path, typer.Argument(help="tunes in ABC notation (.abc)", show_default=False)]
Column = Annotated[str | None, typer.Option("--abc", help="column with the tunes, in a table", show_default=False)]
Number = Annotated[int, typer.Option("--tune", help="which tune of the file, from 1", min=1)]


@app.command(epilog="Example: rnnkit play tunes.abc --tune 2")
def play(
    file: Annotated[Path, typer.Argument(help="tunes in ABC notation (.abc), or a .mid file", show_default=False)],
    to: Annotated[Path | None, typer.Option("--to", help="a .wav or .mid file; by default the name with .wav")] = None,
    tune: Number = 1,
    abc: Column = None,
    overwrite: Overwrite = False,
) -> None:
    """Play a tune into a sound file."""
    to = _target(to or _beside(file, ".wav"), _SOUNDS, overwrite)
    if file.suffix.lower() in _MIDI:
        from rnnkit.data.textfile import check_file

        if to.suffix.lower() != ".wav":
            raise RnnkitError(f"{file.name} is MIDI already; --to takes a .wav file.")
        check_file(file, "MIDI", ".mid")
        _music("notation").save(to, _music("sound").midi_to_wav(file.read_bytes()))
        say(f"saved {to}")
    else:
        _write(file, to, tune, abc)


@app.command(epilog="Example: rnnkit engrave tunes.abc --to score.svg")
def engrave(
    file: File,
    to: Annotated[
        Path | None, typer.Option("--to", help="a .svg, .png or .musicxml file; by default the name with .svg")
    ] = None,
    tune: Number = 1,
    abc: Column = None,
    overwrite: Overwrite = False,
) -> None:
    """Draw the score of a tune."""
    _write(file, _target(to or _beside(file, ".svg"), _PICTURES, overwrite), tune, abc)


def _music(name: str) -> Any:
    """A module of the music task."""
    return task_zoo.module("music_model", name)


def _beside(file: Path, suffix: str) -> Path:
    if not file.name:
        raise RnnkitError(f"{file} is a folder; expected a file with tunes (.abc).")
    return file.with_suffix(suffix)


def _target(to: Path, suffixes: tuple[str, ...], overwrite: bool) -> Path:
    if to.suffix.lower() not in suffixes:
        meant = did_you_mean(to.suffix, suffixes)
        raise RnnkitError(f"--to is {str(to)!r}; its suffix should be one of {', '.join(suffixes)}.{meant}")
    check_writable(to, "Give --to another file.")
    may_replace_file(to, overwrite)
    return to


def _write(file: Path, to: Path, number: int, column: str | None) -> None:
    read = _music("source").read_tunes(file, column)
    for line in read.skipped.lines():
        say(line)
    if number > len(read.tunes):
        raise RnnkitError(f"{file.name} has {len(read.tunes)} tunes; --tune {number} is not among them.")
    tune = read.tunes[number - 1]
    _music("notation").write_score(tune, to)
    which = f"tune {number} of {len(read.tunes)}, " if len(read.tunes) > 1 else ""
    say(f"saved {to}: {which}{tune.header.get('T', 'untitled')}")
