"""Arguments and flags that several commands have, and the column flags of all tasks."""

import dataclasses
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnkit import tasks as task_zoo
from rnnkit.cli.flags import training_fields, with_columns, with_options
from rnnkit.cli.lazy import Decorator
from rnnkit.errors import RnnkitError
from rnnkit.tasks.options import Options

File = Annotated[Path, typer.Argument(help="CSV, TSV or JSONL file", show_default=False)]
RunFolder = Annotated[str, typer.Argument(metavar="RUN", help="Run folder, or the name of a shipped Run",
                                          show_default=False)]  # fmt: skip
To = Annotated[Path, typer.Option("--to", help="Run folder to write")]
Resume = Annotated[bool, typer.Option("--resume", help="go on where a killed training broke off")]
Encoding = Annotated[str | None, typer.Option("--encoding", help="text encoding, when it cannot be found out")]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]
Lite = Annotated[bool, typer.Option("--tflite", help="use the exported TFLite file")]


def columns_of_all_tasks() -> Decorator:
    """The column flags of all tasks, for commands that learn the task from a Run."""
    return with_columns(dict.fromkeys(role for key in task_zoo.names() for role in task_zoo.get(key).roles))


def finetune_options() -> Decorator:
    """The options that training takes; the others are hidden: `Task.finetune` says which cannot change."""
    shown = [spec.name for spec in training_fields(Options)]
    classes: list[Any] = [Options, *(task_zoo.get(key).options_class for key in task_zoo.names())]
    specs = {spec.name: spec for options in classes for spec in dataclasses.fields(options)}
    return with_options(specs.values(), optional=True, hidden=set(specs) - set(shown),
                        panels=dict.fromkeys(specs, "Training"))  # fmt: skip


def known_columns(columns: dict[str, str] | None, task: Any) -> dict[str, str]:
    """The columns given, refused where the task has no such role."""
    for role in columns or {}:
        if role not in task.roles:
            raise RnnkitError(f"--{role} is not for {task.key}; its columns are --{' --'.join(task.roles)}.")
    return columns or {}


def first_line(described: Any) -> str:
    """The first line of a docstring."""
    return (described.__doc__ or "").strip().split("\n")[0]


def what_it_does(task_class: Any) -> str:
    """What goes into a task and what comes out: the first line of its file."""
    return first_line(sys.modules[task_class.__module__])
