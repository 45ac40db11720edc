"""The command line. Keras is imported inside commands, so that `rnnkit --help` is instant."""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnkit import cells as cell_zoo
from rnnkit import tasks as task_zoo
from rnnkit.errors import RnnkitError
from rnnkit.flags import training_fields, with_columns, with_options
from rnnkit.tasks.options import Options

app = typer.Typer(
    help="Recurrent networks from raw data to a checked model on a phone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
check_app = typer.Typer(help="Look your data over before training.", no_args_is_help=True)
train_app = typer.Typer(help="Train a task on your own data.", no_args_is_help=True)
app.add_typer(check_app, name="check")
app.add_typer(train_app, name="train")

ROLES = list(dict.fromkeys(role for key in task_zoo.names() for role in task_zoo.get(key).roles))
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
        program()
    except RnnkitError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        _fail("Interrupted. A training goes on with the same command and --resume.", 130)
    except MemoryError:
        _fail("Out of memory. Lower --batch-size, --max-length or --vocabulary-size.")
    except BrokenPipeError:
        sys.stderr.close()


def _fail(message: str, code: int = 1) -> None:
    from rich.console import Console

    Console(stderr=True, highlight=False).print(f"[bold red]error:[/] {_escaped(message)}", soft_wrap=True)
    raise SystemExit(code)


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _print(*parts: Any, **options: Any) -> None:
    from rich.console import Console

    Console(highlight=False).print(*parts, **options)


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


def _add_task(key: str) -> None:
    """One `check` and one `train` command for a task, with its columns and options as flags."""
    task_class: Any = task_zoo.get(key)

    @check_app.command(key, help=f"Look data over for: {task_class.__doc__.strip().splitlines()[0]}")
    @with_columns(task_class.roles)
    def check(columns: dict[str, str], file: File, encoding: Encoding = None) -> None:
        from rnnkit.data.tables import open_table

        found = task_class.check(open_table(file, columns, task_class.roles, encoding))
        colours = {"good": "green", "warn": "yellow", "fail": "red"}
        for finding in found:
            _print(f"[bold {colours[finding.level]}]{finding.level}[/]  {_escaped(finding.message)}", soft_wrap=True)
        if any(finding.level == "fail" for finding in found):
            raise SystemExit(1)
        _next(f"rnnkit train {key} {file}{_flags(columns)} --to saved_models/{file.stem}")

    @train_app.command(key, help=task_class.__doc__.strip().splitlines()[0])
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
        _report(task, to, f"{file}{_flags(columns)}")


@app.command()
@with_columns(ROLES)
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
    _report(task.finetune(rows, to=to, resume=resume, **options), to, f"{file}{_flags(columns)}")


def _report(task: Any, to: Path, data: str) -> None:
    for part in ("validation", "test"):
        figures = {name: value for name, value in task.results[part].items() if not isinstance(value, list)}
        _print(f"[bold]{part}[/]  " + "  ".join(f"{name} {value:g}" for name, value in figures.items()))
    _print(f"saved {to}", soft_wrap=True)
    _next(f"rnnkit export {to} --data {data}")


def _flags(columns: dict[str, str] | None) -> str:
    return "".join(f" --{role} {column!r}" for role, column in (columns or {}).items())


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


@app.command()
@with_columns(ROLES)
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
        figures = read_json(find_run(run) / METRICS)["test"]
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
        _print(f"{name:12} {value if isinstance(value, list) else format(value, '.6g')}")


@app.command()
def predict(
    run: RunFolder,
    inputs: Annotated[list[str] | None, typer.Argument(help="what to answer; else lines of standard input")] = None,
    tflite: Lite = False,
    as_json: Json = False,
    explain: Annotated[bool, typer.Option("--explain", help="show which words drove each answer")] = False,
) -> None:
    """Answer raw inputs with a Run."""
    from rnnkit.tasks.run import LITE, find_run

    folder = find_run(run)
    given = inputs if inputs else [line.rstrip("\n") for line in sys.stdin]
    if not given:
        raise RnnkitError(
            'There is nothing to predict. Give inputs: rnnkit predict RUN "some text", or lines on stdin.'
        )
    if tflite and not explain:
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


def _explain(task: Any, inputs: list[str]) -> None:
    from rnnkit.explain import highlight

    for text in inputs:
        words, scores, answer = task.explain(text)
        _print(f"[bold]{_escaped(answer.label)}[/] {answer.probability:.1%}")
        _print(highlight(words, scores))


@app.command()
@with_columns(ROLES)
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
        rows = task.encode_rows(open_table(data, _known(columns, task), task.roles)).head(500)
    done = task.export(to or folder, format=format, quantize=quantize, strategy=strategy, rows=rows)
    for name, value in done.items():
        text = "  ".join(f"{key} {item}" for key, item in value.items()) if isinstance(value, dict) else value
        _print(f"[bold]{name}[/]  {_escaped(str(text))}", soft_wrap=True)
    if format == "tflite":
        _next(f'rnnkit predict {to or run} --tflite "..."')


for _key in task_zoo.names():
    _add_task(_key)

if __name__ == "__main__":
    main()
