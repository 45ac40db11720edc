"""`rnnkit generate`: the text of a language model, printed as it is sampled."""

import dataclasses
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnkit import tasks as task_zoo
from rnnkit.cli.flags import with_options
from rnnkit.cli.lazy import Decorator, when_called
from rnnkit.cli.overwriting import Overwrite, may_replace_file
from rnnkit.cli.program import app
from rnnkit.cli.screen import next_step, say, screen, word
from rnnkit.cli.shared import Json, Lite, RunFolder, key_of
from rnnkit.errors import RnnkitError
from rnnkit.streams import argument_text, visible

_TUNE = ".abc"
_PANEL = "Tune (music_model)"


def _sampling() -> Decorator:
    from rnnkit.lite.writing import SamplingOptions

    fields = dataclasses.fields(SamplingOptions)
    return with_options(fields, optional=True, panels=dict.fromkeys((spec.name for spec in fields), "Sampling"))


@when_called(
    app,
    _sampling,
    example="rnnkit generate RUN --length 200 --temperature 0.8",
    usual=(
        "length",
        "temperature",
        "samples",
        "seed",
        "to",
        "tflite",
        "as_json",
        "overwrite",
    ),
    example_run="char_text",
)
def generate(
    options: dict[str, Any],
    run: RunFolder,
    prefix: Annotated[str, typer.Argument(help="what the text begins with")] = "",
    title: Annotated[str, typer.Option(help="its title", rich_help_panel=_PANEL)] = "",
    rhythm: Annotated[str, typer.Option(help="such as reel; where learnt", rich_help_panel=_PANEL)] = "",
    metre: Annotated[str, typer.Option(help="such as 6/8", rich_help_panel=_PANEL)] = "",
    key: Annotated[str, typer.Option(help="such as G or Am", rich_help_panel=_PANEL)] = "",
    to: Annotated[
        Path | None, typer.Option("--to", help="write to a file; tunes: .abc, .mid, .wav, .svg, .png or .musicxml")
    ] = None,
    overwrite: Overwrite = False,
    tflite: Lite = False,
    as_json: Json = False,
) -> None:
    """Write texts or tunes with a language model."""
    if to is not None:
        may_replace_file(to, overwrite)
    writer, task_key = _writer(run, tflite)
    given = {"title": title, "rhythm": rhythm, "metre": metre, "key": key}
    asked = {name: argument_text(value) for name, value in given.items() if value}
    if other := [name for name in asked if name not in writer.asks]:
        raise RnnkitError(f"--{other[0]} is not for {task_key}; leave it out.")
    kind: Any = task_zoo.get(task_key)
    if to is not None:
        if as_json:
            raise RnnkitError("--json prints texts, and --to writes them into a file; leave one of the two out.")
        _check_target(to, kind.text_suffixes)
    steps = writer.stream(argument_text(prefix), **options, **asked)
    single = options.get("samples", 1) == 1
    if to is None and single and not as_json:
        _live(steps)
        return
    texts = _whole(steps)
    if as_json:
        print(json.dumps(texts))
    elif to is None:
        for number, text in enumerate(texts, 1):
            say(f"--- {number}", "bold")
            print(visible(text))
    if to is not None:
        _write(kind, texts, to)


def _writer(run: str, tflite: bool) -> tuple[Any, str]:
    """The model that generates, and the key of its task."""
    from rnnkit.cli.answering import bundle_of, loaded
    from rnnkit.run.folder import find_run

    able = [key for key in task_zoo.names() if hasattr(task_zoo.get(key), "stream")]
    folder = bundle_of(run) if tflite else find_run(run)
    key = key_of(folder, tflite)
    if key not in able:
        raise RnnkitError(f"{run} is a {key}, which does not write; `rnnkit generate` is for {' and '.join(able)}.")
    return loaded(folder, tflite), key


def _check_target(to: Path, suffixes: tuple[str, ...]) -> None:
    if suffixes and to.suffix.lower() not in suffixes:
        raise RnnkitError(f"--to is {str(to)!r}; its suffix should be one of {', '.join(suffixes)}.")
    if os.path.isdir(to):
        raise RnnkitError(f"--to is {str(to)!r}, a folder; name a file in it.")
    from rnnkit.files.disk import check_writable

    check_writable(to, "Give --to another file.")  # before anything is written


def _live(steps: Iterator[list[str]]) -> None:
    """Print a text as it grows."""
    for (piece,) in steps:
        sys.stdout.write(visible(piece))
        sys.stdout.flush()
    sys.stdout.write("\n")
    sys.stdout.flush()


def _whole(steps: Iterator[list[str]]) -> list[str]:
    """All texts, with a progress bar."""
    pieces = []
    with screen(stderr=True).status("writing") as shown:
        for number, step in enumerate(steps):
            pieces.append(step)
            if number % 50 == 0:
                shown.update(f"writing, {number} units")
    return ["".join(each) for each in zip(*pieces, strict=True)]


def _write(kind: Any, texts: list[str], to: Path) -> None:
    from rnnkit.files.disk import disk_errors

    with disk_errors(to, "Give --to another file."):
        to.parent.mkdir(parents=True, exist_ok=True)
        for line in kind.write_texts(texts, to):
            say(line)
    if to.suffix.lower() == _TUNE and kind.text_suffixes:
        next_step(f"rnnkit play {word(to)}")
