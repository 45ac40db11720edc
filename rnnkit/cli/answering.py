"""`rnnkit evaluate` and `rnnkit predict`: a Run applied to data."""

import json
import os
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnkit import tasks as task_zoo
from rnnkit.cli.lazy import when_called
from rnnkit.cli.overwriting import Overwrite, may_replace_file
from rnnkit.cli.program import app
from rnnkit.cli.screen import complain, named_lines, say, screen, table
from rnnkit.cli.shared import (
    Encoding,
    Json,
    Lite,
    MaxSize,
    RunFolder,
    answering_options,
    columns_of_all_tasks,
    known_answering,
    read_rows,
    reading_options,
)
from rnnkit.errors import RnnkitError
from rnnkit.streams import input_lines

_WIDEST = 10  # labels up to which a confusion matrix is printed
_AT_ONCE = 10_000  # lines of standard input that are answered together


@when_called(app, columns_of_all_tasks, reading_options)
def evaluate(
    columns: dict[str, str],
    options: dict[str, Any],
    run: RunFolder,
    file: Annotated[Path | None, typer.Argument(help="labelled rows; without it the recorded test figures")] = None,
    tflite: Lite = False,
    as_json: Json = False,
    encoding: Encoding = None,
    max_size: MaxSize = None,
) -> None:
    """Score a Run on labelled data, or show its recorded test figures."""
    figures = _recorded(run, tflite) if file is None else _scored(run, file, columns, options, tflite, encoding)
    if as_json:
        print(json.dumps(figures))
        return
    named_lines([(name, _shown(value)) for name, value in figures.items() if not isinstance(value, list | dict)])
    matrix = figures.get("confusion")
    if matrix and len(matrix) <= _WIDEST:
        say("confusion: a row for each true label, a column for each answer (labels.txt)", "bold")
        table([["", *map(str, row)] for row in matrix])
    if types := figures.get("types"):
        heads = list(next(iter(types.values())))
        table([[name, *map(_shown, row.values())] for name, row in types.items()], "type", *heads)


def _recorded(run: str, tflite: bool) -> dict[str, Any]:
    from rnnkit.run.folder import METRICS, find_run, read_json

    recorded, part = read_json(find_run(run) / METRICS, constant=float), "test_tflite" if tflite else "test"
    figures = recorded.get(part) if isinstance(recorded, dict) else None
    if not isinstance(figures, dict):
        raise RnnkitError(f"{run} has no {part} figures on record. Give rows: rnnkit evaluate RUN FILE.csv")
    return figures


def _scored(
    run: str, file: Path, columns: dict[str, str], options: dict[str, Any], tflite: bool, encoding: str | None
) -> dict[str, Any]:
    from rnnkit.quiet import load_keras

    load_keras()
    task = task_zoo.load(run)
    return task.evaluate(read_rows(task, file, columns, encoding, options), tflite=tflite)


def _shown(value: Any) -> str:
    return format(value, ".6g") if isinstance(value, float) else str(value)


@when_called(app, answering_options)
def predict(
    options: dict[str, Any],
    run: RunFolder,
    inputs: Annotated[list[str] | None, typer.Argument(help="what to answer; else lines of standard input")] = None,
    tflite: Lite = False,
    as_json: Json = False,
    html: Annotated[
        Path | None, typer.Option("--html", help="write a page of sentences with their entities; for taggers")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="draw what the answer to one input rests on, as a PNG file")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="show which words drove each answer; not with --json or --tflite")
    ] = False,
    overwrite: Overwrite = False,
) -> None:
    """Answer raw inputs with a Run."""
    from rnnkit.files.disk import check_writable
    from rnnkit.quiet import load_keras

    folder = bundle_of(run) if tflite else _run(run)
    rest = iter(inputs) if inputs else input_lines()
    given = list(rest if html else islice(rest, _AT_ONCE))
    if not given:
        raise RnnkitError(
            'There is nothing to predict. Give inputs: rnnkit predict RUN "some text", or lines on stdin.'
        )
    if explain and (tflite or as_json):
        raise RnnkitError("--explain shows words on the screen, with Keras; leave --tflite and --json out.")
    if explain and html:
        raise RnnkitError("--explain shows words on the screen; leave --html out.")
    if plot and (tflite or explain or len(given) > 1):
        raise RnnkitError("--plot draws one answer, with Keras; give one input, and leave --tflite and --explain out.")
    for file, flag in ((html, "--html"), (plot, "--plot")):
        if file:
            check_writable(file, f"Give {flag} another file.")
            may_replace_file(file, overwrite, flag)
    if tflite:
        from rnnkit import lite

        task = lite.load(folder)
        key = task.bundle.task
    else:
        load_keras()
        task = task_zoo.load(folder)
        key = task.key
    kind, how = task_zoo.get(key), {} if explain else known_answering(key, options)
    answered = True
    while given:
        given = [kind.parse(one, from_line=not inputs) for one in given]
        sound = given if explain else _without_faults(task, given)
        answered = answered and len(sound) == len(given)
        if explain:
            _explain(task, given)
        elif sound:
            answers = task.predict(sound, **how)
            if plot:
                _draw(task, sound[0], options, plot)
            _print(answers, sound, as_json, html)
        given = list(islice(rest, _AT_ONCE))
    if not answered:
        raise SystemExit(1)
    if plot and not as_json:
        say(f"drawn {plot}")


def _without_faults(task: Any, given: list[str]) -> list[str]:
    """The usable inputs; the fault of each other one, such as a broken file, is printed."""
    faults = task.faults(given) if hasattr(task, "faults") else {}
    for fault in faults.values():
        complain(fault)
    return [one for place, one in enumerate(given) if place not in faults]


def _print(answers: list[Any], given: list[str], as_json: bool, html: Path | None) -> None:
    from rnnkit.cli.answers import print_json, show, write_page

    if html:
        write_page(answers, html)
    if as_json:
        print_json(answers, given)
    elif html:
        say(f"written: {html}")
    else:
        show(answers, given)


def _draw(task: Any, text: str, options: dict[str, Any], path: Path) -> None:
    """Draw what an answer rests on: attention, words or a tree."""
    from rnnkit.files.disk import disk_errors

    _require(task, "draw_explanation", "--plot")
    if not path.name or os.path.isdir(path):
        raise RnnkitError(f"--plot is {str(path)!r}, a folder; name a file, such as answer.png.")
    with disk_errors(path, "Give --plot another file."):
        task.draw_explanation(text, path, **options)


def _require(task: Any, method: str, flag: str) -> None:
    """Refuse a flag that needs a method the task lacks."""
    if not hasattr(task, method):
        able = [key for key in task_zoo.names() if hasattr(task_zoo.get(key), method)]
        raise RnnkitError(f"{flag} is not for {task.key} but for {_listed(able)}; leave it out.")


def _listed(names: list[str]) -> str:
    """ "a, b and c"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _run(run: str) -> Path:
    from rnnkit.run.folder import find_run

    return find_run(run)


def bundle_of(run: str) -> Path:
    """The exported bundle of a Run, or of a folder that `rnnkit export --to` wrote."""
    from rnnkit.lite.bundle import FILE_NAME
    from rnnkit.run.folder import LITE

    with suppress(OSError):  # a whole review where a folder should be
        if Path(run, LITE, FILE_NAME).is_file():
            return Path(run, LITE)
    return _run(run) / LITE


def _explain(task: Any, inputs: list[str]) -> None:
    from rnnkit.tasks.shared.occlusion import highlight

    _require(task, "explain", "--explain")
    for text in inputs:
        words, scores, answer = task.explain(text)
        say(f"{answer.label} {answer.probability:.1%}", "bold")
        screen().print(highlight(words, scores))
