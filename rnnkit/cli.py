"""The command line. Tasks and Keras are imported inside commands, so that `rnnkit --help` is instant."""

import dataclasses
import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnkit import cells as cell_zoo
from rnnkit import tasks as task_zoo
from rnnkit.errors import RnnkitError
from rnnkit.flags import training_fields, with_columns, with_options
from rnnkit.lazy_commands import COMMANDS, TASK_COMMANDS, Commands, TaskCommands
from rnnkit.tasks.options import Options

app = typer.Typer(
    cls=Commands,
    help="Recurrent networks from raw data to a checked model on a phone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
check_app = typer.Typer(cls=TaskCommands, help="Look your data over before training.", no_args_is_help=True)
train_app = typer.Typer(cls=TaskCommands, help="Train a task on your own data.", no_args_is_help=True)
app.add_typer(check_app, name="check")
app.add_typer(train_app, name="train")

File = Annotated[Path, typer.Argument(help="CSV, TSV or JSONL file", show_default=False)]
RunFolder = Annotated[str, typer.Argument(metavar="RUN", help="Run folder, or the name of a shipped Run",
                                          show_default=False)]  # fmt: skip
To = Annotated[Path, typer.Option("--to", help="Run folder to write")]
Resume = Annotated[bool, typer.Option("--resume", help="go on where a killed training broke off")]
Encoding = Annotated[str | None, typer.Option("--encoding", help="text encoding, when it cannot be found out")]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]
Lite = Annotated[bool, typer.Option("--tflite", help="use the exported TFLite file")]


def main() -> None:
    """Entry point of `rnnkit`."""
    run(app)


def run_app(command: Any) -> None:
    """Runs a script's function as a command line, the way `rnnkit` itself runs."""
    script = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    script.command()(command)
    run(script)


def run(program: Any) -> None:
    """Runs a program: a user's mistake is one clear line and exit code 1."""
    try:
        code = program(standalone_mode=False)
    except RnnkitError as error:
        _fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        _fail("Interrupted. A training goes on with the same command and --resume.", 130)
    except MemoryError:
        _fail("Out of memory. Lower --batch-size, --max-length or --vocabulary-size.")
    except BrokenPipeError:
        sys.stderr.close()
    except Exception as error:
        if not hasattr(error, "format_message"):  # what typer raises for flags it does not know, and the like
            raise
        if message := error.format_message():  # none where the help screen has been shown instead
            _fail(message, 2)
        raise SystemExit(2) from None
    else:
        raise SystemExit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int = 1) -> None:
    from rich.console import Console

    line = " ".join(message.split())
    Console(stderr=True, highlight=False, emoji=False).print(f"[bold red]error:[/] {_escaped(line)}", soft_wrap=True)
    raise SystemExit(code)


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _print(*parts: Any, **options: Any) -> None:
    from rich.console import Console

    Console(highlight=False, emoji=False).print(*parts, **options)


def _next(command: str) -> None:
    _print(f"[bold green]next:[/] {_escaped(command)}", soft_wrap=True)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="print the version")] = False) -> None:
    if version:
        import rnnkit

        print(f"rnnkit {rnnkit.__version__}")
        raise typer.Exit()


# ---------------------------------------------------------------------- what there is


@app.command()
def cells() -> None:
    """List the recurrent cells."""
    from rich.table import Table

    from rnnkit.quiet import load_keras

    load_keras()
    table = Table("--cell", "what it is", "states", "gates", box=None, pad_edge=False)
    for key in cell_zoo.names():
        cell = cell_zoo.get(key)
        first = (cell.__doc__ or "").strip().split("\n")[0]
        table.add_row(f"[bold]{key}[/]", first, " ".join(cell.state_names), " ".join(cell.gate_names))
    _print(table)
    _next("rnnkit train text_classifier FILE.csv --cell mgu --to saved_models/mine")


@app.command()
def tasks() -> None:
    """List the tasks."""
    from rich.table import Table

    table = Table("task", "what it does", "columns", box=None, pad_edge=False)
    for key in task_zoo.names():
        task = task_zoo.get(key)
        columns = ", ".join(f"--{role}" for role in task.roles)
        table.add_row(f"[bold]{key}[/]", (task.__doc__ or "").strip().split("\n")[0], columns)
    _print(table)
    _next("rnnkit check text_classifier FILE.csv")


# ---------------------------------------------------------------------- check, train, finetune


def _for_tasks(group: str) -> Callable[[Any], Any]:
    """Puts a function, which gives a task's command, into a group of commands by task."""

    def decorate(make: Callable[[str], Any]) -> Any:
        TASK_COMMANDS[group] = make
        return make

    return decorate


def _with_all_columns(command: Any) -> Any:
    """A command of the main program with the column flags of all tasks."""

    def whole() -> Any:
        roles = dict.fromkeys(role for key in task_zoo.names() for role in task_zoo.get(key).roles)
        return with_columns(roles)(command)

    COMMANDS[command.__name__] = whole
    app.command(command.__name__, help=command.__doc__)(lambda: None)  # for the list of commands
    return command


@_for_tasks("check")
def _check_command(key: str) -> Any:
    task_class: Any = task_zoo.get(key)

    @with_columns(task_class.roles)
    def check(columns: dict[str, str], file: File, encoding: Encoding = None) -> None:
        from rnnkit.data.tables import open_table

        found = task_class.check(open_table(file, columns, task_class.roles, encoding))
        colours = {"good": "green", "warn": "yellow", "fail": "red"}
        for finding in found:
            _print(f"[bold {colours[finding.level]}]{finding.level}[/]  {_escaped(finding.message)}", soft_wrap=True)
        if any(finding.level == "fail" for finding in found):
            raise SystemExit(1)
        _next(f"rnnkit train {key} {_word(file)}{_flags(columns)} --to {_word(Path('saved_models', file.stem))}")

    check.__doc__ = f"Look data over for: {_first_line(task_class)}"
    return check


@_for_tasks("train")
def _train_command(key: str) -> Any:
    task_class: Any = task_zoo.get(key)

    @with_columns(task_class.roles)
    @with_options(dataclasses.fields(task_class.options_class), panel="Network and training")
    def train(
        options: dict[str, Any],
        file: File,
        to: To = Path(f"saved_models/my_{key}"),
        columns: Any = None,
        resume: Resume = False,
        encoding: Encoding = None,
    ) -> None:
        from rnnkit.data.tables import open_table

        _load_keras()
        task = task_class(**options)
        task.fit(open_table(file, columns, task_class.roles, encoding), to=to, resume=resume)
        _report(task, to, f"{_word(file)}{_flags(columns)}")

    train.__doc__ = _first_line(task_class)
    return train


def _first_line(task_class: Any) -> str:
    return (task_class.__doc__ or "").strip().split("\n")[0]


@_with_all_columns
@with_options(training_fields(Options), optional=True, panel="Training")
def finetune(
    options: dict[str, Any],
    run: RunFolder,
    file: File,
    to: To = Path("saved_models/my_finetuned"),
    columns: Any = None,
    resume: Resume = False,
    encoding: Encoding = None,
) -> None:
    """Go on training a Run on your own data: same labels, new labels, new words."""
    from rnnkit.data.tables import open_table

    _load_keras()
    task = task_zoo.load(run)
    rows = open_table(file, _known(columns, task), task.roles, encoding)
    _report(task.finetune(rows, to=to, resume=resume, **options), to, f"{_word(file)}{_flags(columns)}")


def _report(task: Any, to: Path, data: str) -> None:
    for part in ("validation", "test"):
        figures = {name: value for name, value in task.results[part].items() if not isinstance(value, list)}
        _print(f"[bold]{part}[/]  " + "  ".join(f"{name} {value:g}" for name, value in figures.items()))
    _print(f"saved {_escaped(str(to))}", soft_wrap=True)
    _next(f"rnnkit export {_word(to)} --data {data}")


def _word(value: Any) -> str:
    return shlex.quote(str(value))


def _flags(columns: dict[str, str] | None) -> str:
    return "".join(f" --{role} {_word(column)}" for role, column in (columns or {}).items())


def _known(columns: dict[str, str] | None, task: Any) -> dict[str, str]:
    """The columns given, refused where the task has no such role."""
    for role in columns or {}:
        if role not in task.roles:
            raise RnnkitError(f"--{role} is not for {task.key}; its columns are --{' --'.join(task.roles)}.")
    return columns or {}


def _load_keras() -> None:
    from rnnkit.quiet import load_keras

    load_keras()


# ---------------------------------------------------------------------- evaluate, predict, export


@_with_all_columns
def evaluate(
    columns: dict[str, str],
    run: RunFolder,
    file: Annotated[Path | None, typer.Argument(help="labelled rows; without it the recorded test figures")] = None,
    tflite: Lite = False,
    as_json: Json = False,
    encoding: Encoding = None,
) -> None:
    """Score a Run on labelled data, or show the figures it was tested with."""
    from rnnkit.tasks.run import METRICS, find_run, read_json

    if file is None:
        recorded, part = read_json(find_run(run) / METRICS), "test_tflite" if tflite else "test"
        figures = recorded.get(part) if isinstance(recorded, dict) else None
        if not isinstance(figures, dict):
            raise RnnkitError(f"{run} has no {part} figures on record. Give rows: rnnkit evaluate RUN FILE.csv")
    else:
        from rnnkit.data.tables import open_table

        _load_keras()
        task = task_zoo.load(run)
        rows = open_table(file, _known(columns, task), task.roles, encoding)
        figures = task.evaluate(rows, tflite=tflite)
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        _print(f"{name:12} {format(value, '.6g') if isinstance(value, float) else value}", markup=False)


@app.command()
def predict(
    run: RunFolder,
    inputs: Annotated[list[str] | None, typer.Argument(help="what to answer; else lines of standard input")] = None,
    tflite: Lite = False,
    as_json: Json = False,
    explain: Annotated[bool, typer.Option("--explain", help="show which words drove each answer")] = False,
) -> None:
    """Answer raw inputs with a Run."""
    from rnnkit.data.tables import cell
    from rnnkit.tasks.run import LITE, find_run

    folder = find_run(run)
    given = [cell(text) for text in inputs] if inputs else _lines(sys.stdin)
    if not given:
        raise RnnkitError(
            'There is nothing to predict. Give inputs: rnnkit predict RUN "some text", or lines on stdin.'
        )
    if explain and (tflite or as_json):
        raise RnnkitError("--explain shows words on the screen, with Keras; leave --tflite and --json out.")
    if tflite:
        from rnnkit import lite

        answers = lite.load(folder / LITE).predict(given)
    else:
        _load_keras()
        task = task_zoo.load(folder)
        if explain:
            _explain(task, given)
            return
        answers = task.predict(list(given))
    for text, answer in zip(given, answers, strict=True):
        if as_json:
            print(json.dumps({"input": text, **dataclasses.asdict(answer)}, ensure_ascii=False))
        else:
            shown = text if len(text) <= 60 else text[:57] + "..."
            _print(f"[bold]{_escaped(answer.label)}[/] {answer.probability:6.1%}  {_escaped(shown)}", soft_wrap=True)


def _lines(stream: Any) -> list[str]:
    """The lines of standard input, without their ends."""
    try:
        return [line.rstrip("\n") for line in stream]
    except UnicodeDecodeError as error:
        raise RnnkitError(f"Standard input is not {error.encoding} at byte {error.start}; send UTF-8 text.") from None


def _explain(task: Any, inputs: list[str]) -> None:
    from rnnkit.explain import highlight

    for text in inputs:
        words, scores, answer = task.explain(text)
        _print(f"[bold]{_escaped(answer.label)}[/] {answer.probability:.1%}")
        _print(highlight(words, scores))


@_with_all_columns
def export(
    columns: dict[str, str],
    run: RunFolder,
    format: Annotated[str, typer.Option("--format", help="tflite, saved_model or keras")] = "tflite",
    quantize: Annotated[str, typer.Option("--quantize", help="none, float16, dynamic or int8")] = "dynamic",
    strategy: Annotated[str, typer.Option("--strategy", help="auto, loop, unroll or fused")] = "auto",
    data: Annotated[Path | None, typer.Option("--data", help="labelled rows to compare with Keras on")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="another folder than the Run's own")] = None,
) -> None:
    """Export a Run for phones or servers, compared with Keras before it is called done."""
    from rnnkit.data.tables import open_table
    from rnnkit.tasks.run import find_run

    _load_keras()
    folder = find_run(run)
    task = task_zoo.load(folder)
    rows = None
    if data is not None:
        rows = task.encode_rows(open_table(data, _known(columns, task), task.roles)).some(500)
    done = task.export(to or folder, format=format, quantize=quantize, strategy=strategy, rows=rows)
    for name, value in done.items():
        text = "  ".join(f"{key} {item}" for key, item in value.items()) if isinstance(value, dict) else value
        _print(f"[bold]{name}[/]  {_escaped(str(text))}", soft_wrap=True)
    if format == "tflite":
        _next(f'rnnkit predict {_word(run)} --tflite "..."' if to is None else f"the phone's folder is {to / 'lite'}")


if __name__ == "__main__":
    main()
