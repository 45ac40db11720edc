"""`rnnkit predict`: what a Run answers to raw inputs."""

from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnkit import tasks as task_zoo
from rnnkit.cli.explaining import draw, explain_texts
from rnnkit.cli.lazy import when_called
from rnnkit.cli.overwriting import Overwrite, may_draw
from rnnkit.cli.program import app
from rnnkit.cli.screen import note, say
from rnnkit.cli.shared import (
    Delimiter,
    Encoding,
    Json,
    Lite,
    MaxSize,
    RayAddress,
    RunFolder,
    Workers,
    answered_role,
    answering_options,
    columns_to_answer,
    input_word,
    kind_in,
    known_answering,
    known_columns,
    require_answers,
    require_ray_for,
)
from rnnkit.errors import RnnkitError
from rnnkit.streams import input_lines

_USUAL = ("to", "resume", "tflite", "as_json", "threshold", "every_label", "explain", "overwrite")
_AT_ONCE, _FILES_AT_ONCE = 10_000, 256  # inputs that are answered together, and where they are files


@when_called(app, answering_options, columns_to_answer, example="rnnkit predict RUN INPUT", usual=_USUAL)
def predict(
    options: dict[str, Any],
    columns: dict[str, str],
    run: RunFolder,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            help="what to answer: texts, or a .csv, .tsv, .jsonl, .parquet or .txt file, or - for JSON lines on "
            "standard input; else lines of standard input"
        ),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            help="the rows of a file with their answers: .csv, .tsv, .jsonl, .parquet, or - for JSON; with --ray a "
            "folder of files of the table's kind",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="go on with a --to that broke off")] = False,
    tflite: Lite = False,
    as_json: Json = False,
    threshold: Annotated[
        float | None, typer.Option("--threshold", help="the probability below which a label is unknown, 0 to 1")
    ] = None,
    unknown: Annotated[
        str | None, typer.Option("--unknown", help="what to answer below the threshold: unknown", show_default=False)
    ] = None,
    every_label: Annotated[
        bool, typer.Option("--all", help="a column for the probability of each label, beside that of the answer")
    ] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="leave rows of a file without a text without an answer")
    ] = False,
    as_text: Annotated[bool, typer.Option("--as-text", help="answer names of files as texts")] = False,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    max_size: MaxSize = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="write a page of sentences with their entities; for taggers")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="draw what the answer to one input rests on, as a PNG file")
    ] = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="show which words or parts drove each answer; not with --json or --tflite",
        ),
    ] = False,
    overwrite: Overwrite = False,
    ray: RayAddress = None,
    workers: Workers = None,
) -> None:
    """Answer raw inputs, or the rows of a file, with a Run."""
    from rnnkit.cli import input_files, tables
    from rnnkit.cli.answer_columns import UNKNOWN, withheld
    from rnnkit.cli.opened_inputs import without_faults
    from rnnkit.cli.table_job import Wanted

    folder = bundle_of(run) if tflite else _run(run)
    require_ray_for(workers, ray)
    for_tables: dict[str, Any] = {"--to": to, "--resume": resume, "--all": every_label}
    for_tables |= {"--allow-empty": allow_empty, "--encoding": encoding, "--delimiter": delimiter}
    for_tables |= {f"--{role}": True for role in columns}
    files = [] if as_text or not inputs else input_files.files_among(inputs, lambda: kind_in(folder, tflite))
    if files and ray is not None:
        raise RnnkitError(f"--ray answers the rows of tables, and {files[0]} is an input of its own; leave it out.")
    file = None
    if not files and ray is None:
        file = tables.table_among(inputs or [], as_text, lambda: kind_in(folder, tflite))
    if files or file is not None or ray is not None:
        drawing = {"--html": html, "--plot": plot if not files or tflite else None, "--explain": explain}
        for flag in (flag for flag, given in drawing.items() if given):
            raise RnnkitError(f"{flag} is for texts, not for files of rows; leave it out.")
        kind = kind_in(folder, tflite)
        require_answers(kind)
        tables.check_labels(kind, threshold, unknown, every_label)
        wanted = Wanted(
            to=to, resume=resume, overwrite=overwrite, every_label=every_label, allow_empty=allow_empty,
            as_json=as_json, threshold=threshold, unknown=unknown or UNKNOWN, encoding=encoding, delimiter=delimiter,
            column=known_columns(columns, kind, [answered_role(kind)]), how=known_answering(kind.key, options),
            reading=tables.reading_of_run(folder.parent if tflite else folder),
        )  # fmt: skip
        if ray is not None:
            from rnnkit.cli.ray_answers import answer_on_ray

            if not answer_on_ray(inputs or [], kind, wanted, folder, tflite, ray, workers):
                raise SystemExit(1)
            return
        if files:
            may_draw(plot, "--plot", overwrite)
            answerer, found = input_files.answer_files(files, kind, wanted, lambda: loaded(folder, tflite), bool(plot))
            if plot:
                draw(answerer, found[0], options, plot)
                note(f"drawn {plot}")
            return
        if not tables.answer_table(file or "", kind, wanted, files_of(folder, tflite), lambda: loaded(folder, tflite)):
            raise SystemExit(1)
        return
    for flag in (flag for flag, given in for_tables.items() if given):
        raise RnnkitError(f"{flag} is for a file of rows: rnnkit predict RUN FILE.csv --to OUT.csv.")
    kind = kind_in(folder, tflite)
    rest, at_once = iter(inputs) if inputs else input_lines(), _FILES_AT_ONCE if kind.inputs_are_files else _AT_ONCE
    given = list(rest if html else islice(rest, at_once))
    if not given:
        like = input_word(kind)
        raise RnnkitError(f"There is nothing to predict. Give inputs: rnnkit predict RUN {like}, or lines on stdin.")
    if explain and (tflite or as_json):
        raise RnnkitError("--explain shows words on the screen, with Keras; leave --tflite and --json out.")
    if explain and threshold is not None:
        raise RnnkitError("--explain shows what the most probable label rests on; leave --threshold out.")
    if explain and html:
        raise RnnkitError("--explain shows words on the screen; leave --html out.")
    if plot and (tflite or explain or len(given) > 1):
        raise RnnkitError("--plot draws one answer, with Keras; give one input, and leave --tflite and --explain out.")
    may_draw(html, "--html", overwrite)
    may_draw(plot, "--plot", overwrite)
    require_answers(kind)
    how = {} if explain else known_answering(kind.key, options)
    tables.check_labels(kind, threshold, unknown, every_label)
    if inputs and not as_text:
        (input_files.refuse_folders if kind.inputs_are_files else tables.refuse_files)(inputs)
    task = loaded(folder, tflite)
    answered, alone = True, len(given) == 1
    while given:
        given = [kind.parse(one, from_line=not inputs) for one in given]
        sound = given if explain else without_faults(task, given, kind.inputs_are_files)
        answered = answered and len(sound) == len(given)
        if explain:
            explain_texts(task, given)
        elif sound:
            answers = withheld(task.predict(sound, **how), threshold, unknown or UNKNOWN)
            if plot:
                draw(task, sound[0], options, plot)
            _print(answers, sound, as_json, html, alone)
        given = list(islice(rest, at_once))
    if not answered:
        raise SystemExit(1)
    if plot and not as_json:
        say(f"drawn {plot}")


def loaded(folder: Path, tflite: bool) -> Any:
    """The task of a Run, or the runner of its bundle."""
    from rnnkit.cli.opened_inputs import with_opened_inputs

    if tflite:
        from rnnkit import lite

        return with_opened_inputs(lite.load(folder), kind_in(folder, tflite))
    from rnnkit.quiet import load_keras

    load_keras()
    return with_opened_inputs(task_zoo.load(folder))


def files_of(folder: Path, tflite: bool) -> list[Path]:
    """The files of a Run, or of a bundle, that its answers follow from."""
    if tflite:
        return sorted(path for path in folder.iterdir() if path.is_file())
    from rnnkit.run.folder import CONFIG, MODEL, PREPROCESSING

    return [folder / CONFIG, folder / MODEL, *sorted((folder / PREPROCESSING).iterdir())]


def _print(answers: list[Any], given: list[str], as_json: bool, html: Path | None, alone: bool) -> None:
    from rnnkit.cli.answers import print_json, show, write_page

    if html:
        write_page(answers, html)
    if as_json:
        print_json(answers, given)
    elif html:
        say(f"written: {html}")
    else:
        show(answers, given, alone)


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
