"""Arguments and flags that several commands have, and the column flags of all tasks."""

import dataclasses
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from rnnkit import tasks as task_zoo
from rnnkit.cli.flags import with_columns, with_options
from rnnkit.cli.lazy import Decorator
from rnnkit.cli.screen import column_flags, option_flags, word
from rnnkit.data.delimiters import known_delimiter
from rnnkit.data.unpacked import VARIABLE, size_of
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.options import Options


def _allow(size: str | None) -> str | None:
    """Raise the size limit on files that this process reads."""
    if size is not None:
        size_of(size)
        os.environ[VARIABLE] = size
    return size


File = Annotated[Path, typer.Argument(help="data: CSV, TSV, JSONL, or what else the task reads", show_default=False)]
RunFolder = Annotated[
    str, typer.Argument(metavar="RUN", help="Run folder, or the name of a shipped Run", show_default=False)
]
To = Annotated[Path, typer.Option("--to", help="Run folder to write")]
Resume = Annotated[bool, typer.Option("--resume", help="go on where a killed training broke off")]
Encoding = Annotated[str | None, typer.Option("--encoding", help="text encoding, when it cannot be found out")]
Delimiter = Annotated[
    str | None,
    typer.Option(
        "--delimiter", callback=known_delimiter, help="what separates the columns of a CSV, when it cannot be found out"
    ),
]
MaxSize = Annotated[
    str | None, typer.Option("--max-size", callback=_allow, help="a data file may be so large, unpacked: 20GiB")
]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]
RayAddress = Annotated[
    str | None,
    typer.Option("--ray", help="work on a Ray cluster: local, auto, or host:port", rich_help_panel="Machines"),
]
_HOW_MANY = "of --ray: how many at once; without it as many as it has GPUs, or else CPUs"
Workers = Annotated[int | None, typer.Option("--workers", help=_HOW_MANY, min=1, rich_help_panel="Machines")]
Lite = Annotated[bool, typer.Option("--tflite", help="use the exported TFLite file")]


def columns_of_all_tasks(but: str = "") -> Decorator:
    """The column flags of all tasks, for commands that learn the task from a Run; but for one that has the command."""
    roles = dict.fromkeys(role for key in task_zoo.names() for role in task_zoo.get(key).roles)
    return with_columns(role for role in roles if role != but)


def columns_to_answer() -> Decorator:
    """The flags of the columns that tasks answer in a table."""
    kinds: list[Any] = [task_zoo.get(key) for key in task_zoo.names()]
    return with_columns(dict.fromkeys(answered_role(kind) for kind in kinds if kind.answers_inputs))


def answered_role(kind: Any) -> str:
    """The role of the column that a task answers in a table."""
    return kind.input_role or next(iter(kind.roles), "input")


def require_answers(kind: Any) -> None:
    """Refuse a task that writes on instead of answering inputs."""
    if not kind.answers_inputs:
        raise RnnkitError(f"{kind.key} writes texts and answers none: rnnkit generate RUN.")


def finetune_options() -> Decorator:
    """The options that may change, of all tasks; the others are hidden: `Task.finetune` refuses changes to them."""
    kinds: list[Any] = [task_zoo.get(key) for key in task_zoo.names()]
    shown = {name for kind in kinds for name in changeable_options(kind)}
    classes: list[Any] = [Options, *(kind.options_class for kind in kinds)]
    specs: dict[str, Any] = {}
    for spec in (spec for options in classes for spec in dataclasses.fields(options)):
        specs.setdefault(spec.name, spec)  # said as for all tasks, where tasks say it their own way
    return with_options(
        specs.values(), optional=True, hidden=set(specs) - shown, panels=dict.fromkeys(specs, "Training")
    )


def changeable_options(kind: Any) -> list[str]:
    """The options of a task that may change when a Run is fine-tuned: those that do not shape its weights.

    Example:

    >>> from rnnkit import tasks
    >>> names = changeable_options(tasks.get("text_classifier"))
    >>> "word_dropout" in names, "units" in names
    (True, False)
    """
    fixed = kind().fixed_options()
    return [spec.name for spec in dataclasses.fields(kind.options_class) if spec.name not in fixed]


def reading_options(*keys: str) -> Decorator:
    """The tasks' options for reading raw data, as flags; by default those of all tasks."""
    classes: list[Any] = [task_zoo.get(key) for key in keys or task_zoo.names()]
    specs = {
        spec.name: spec
        for task in classes
        for spec in dataclasses.fields(task.options_class)
        if spec.name in task.reading_names
    }
    return with_options(specs.values(), optional=True, panels=dict.fromkeys(specs, "Reading"))


def answering_options() -> Decorator:
    """The options of the tasks' `predict`, as flags."""
    classes: list[Any] = [task_zoo.get(key).predict_options for key in task_zoo.names()]
    specs = {spec.name: spec for options in classes if options for spec in dataclasses.fields(options)}
    return with_options(specs.values(), optional=True, panels=dict.fromkeys(specs, "Answers"))


def known_answering(task_key: str, options: dict[str, Any]) -> dict[str, Any]:
    """The checked options of `predict`; flags of other tasks are refused."""
    answering: Any = task_zoo.get(task_key).predict_options
    known = [spec.name for spec in dataclasses.fields(answering)] if answering else []
    for name in options:
        if name not in known:
            raise RnnkitError(f"--{name.replace('_', '-')} is not for {task_key}; leave it out.")
    if options:
        answering.from_dict(options)
    return options


class Given(NamedTuple):
    """The flags that say how a user's table is to be read: what is given; what is not is found out or remembered."""

    columns: Mapping[str, str] | None = None
    encoding: str | None = None
    delimiter: str | None = None


def read_rows(task: Any, file: Path, given: Given, options: dict[str, Any]) -> Any:
    """The rows of a file as a Run's task reads them; flags of other tasks are refused."""
    for name in options:
        if name not in task.reading_names:
            raise RnnkitError(f"--{name} is not for {task.key}; leave it out.")
    return task.read(file, known_columns(given.columns, task), given.encoding, given.delimiter, **options)


def data_flags(task: Any, file: Path, given: Given, options: dict[str, Any]) -> str:
    """A data file and the flags it was read with, as words of a shell command.

    Args:
        task: The task or its class.
        file: The raw data.
        given: How it was read.
        options: Those given; of these, what says how to read.
    """
    usual = task.options_class().to_dict()
    how = {name: options[name] for name in task.reading_names if options.get(name, usual[name]) != usual[name]}
    how |= {name: value for name in ("encoding", "delimiter") if (value := getattr(given, name))}
    if os.environ.get(VARIABLE):
        how["max_size"] = os.environ[VARIABLE]
    return f"{word(file)}{column_flags(given.columns)}{option_flags(how)}"


def remembered_flags(task: Any, file: Path, given: Given) -> str:
    """A Run's training data as words of a shell command, with those flags alone that the Run does not remember.

    Args:
        task: The trained task.
        file: The raw data.
        given: How it was read.
    """
    known = task.reading.get("columns", {})
    left = {role: each for role, each in (given.columns or {}).items() if _folded(known.get(role, "")) != _folded(each)}
    others = {name: getattr(given, name) for name in ("encoding", "delimiter")}
    others = {name: value for name, value in others.items() if task.reading.get(name) != value}
    return data_flags(task, file, Given(left, **others), {})


def _folded(column: str) -> str:
    return column.strip().lower()


def kind_of(key: str) -> Any:
    """The class of a Run's task; that of all tasks, with their defaults, where it is not known here."""
    from rnnkit.tasks.base.contract import TaskContract

    return task_zoo.get(key) if key in task_zoo.names() else TaskContract


def key_of(folder: Path, tflite: bool) -> str:
    """The key of a Run's task, or of a bundle's, without loading it."""
    if tflite:
        from rnnkit.lite import read_bundle

        return read_bundle(folder).task
    from rnnkit.run.folder import read_config

    return read_config(folder)["task"]


def kind_in(folder: Path, tflite: bool) -> Any:
    """The class of a Run's task, or of a bundle's, without loading the network; an unknown one is refused."""
    return task_zoo.get(key_of(folder, tflite)) if tflite else task_zoo.class_of(folder)


def require_ray_for(workers: int | None, ray: str | None) -> None:
    """Refuse `--workers` without `--ray`."""
    if workers is not None and ray is None:
        raise RnnkitError("--workers is of --ray; give --ray too: local, auto, or host:port.")


def command_to_use(task: Any, run: object, *flags: str, given: object = None) -> str:
    """The command that uses a Run: `rnnkit generate` of a task that writes, `rnnkit predict` of any other.

    Args:
        task: The task or its class.
        run: The Run.
        flags: Further flags.
        given: An input; by default the task's `example_input`.
    """
    words = ("predict", word(run), *flags, input_word(task, given)) if task.answers_inputs else ("generate", word(run))
    return " ".join(("rnnkit", *words, *(() if task.answers_inputs else flags)))


def input_word(task: Any, given: object = None) -> str:
    """An input as a word of a shell command; in double quotes, which more shells know, where that is enough."""
    text = str(given or task.example_input)
    return f'"{text}"' if text == "..." else word(text)


def known_columns(columns: Mapping[str, str] | None, task: Any, roles: Iterable[str] | None = None) -> dict[str, str]:
    """The given columns; roles that are not among those given, or the task's, are refused."""
    roles = task.roles if roles is None else roles
    for role in columns or {}:
        if role not in roles:
            raise RnnkitError(f"--{role} is not for {task.key}; its columns are --{' --'.join(roles)}.")
    return dict(columns or {})


def first_line(described: Any) -> str:
    """The first line of a docstring."""
    return (described.__doc__ or "").strip().split("\n")[0]


def what_it_does(task_class: Any) -> str:
    """A task in a line, input and output: the first line of its module."""
    return first_line(sys.modules[task_class.__module__])
