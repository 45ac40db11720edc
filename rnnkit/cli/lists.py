"""`rnnkit cells`, `rnnkit tasks` and `rnnkit --version`."""

import re
from typing import Annotated

import typer

from rnnkit import cells as cell_zoo
from rnnkit import tasks as task_zoo
from rnnkit.cli.program import app
from rnnkit.cli.screen import next_step, table
from rnnkit.cli.shared import first_line, what_it_does


@app.callback(invoke_without_command=True)
def version(version: Annotated[bool, typer.Option("--version", help="print the version")] = False) -> None:
    if version:
        import rnnkit

        print(f"rnnkit {rnnkit.__version__}")
        raise typer.Exit()


@app.command()
def cells() -> None:
    """List the recurrent cells."""
    from rnnkit.quiet import load_keras

    load_keras()
    found = [(key, cell_zoo.get_cell(key)) for key in cell_zoo.names()]
    rows = [(key, _in_short(first_line(cell)), " ".join(cell.state_names)) for key, cell in found]
    table(rows, "--cell", "what it is", "states", styles=["bold"])
    next_step("rnnkit train text_classifier FILE.csv --cell mgu --to saved_models/mine")


def _in_short(sentence: str) -> str:
    """A docstring's first line up to its colon, or all of it where the part before is only a name."""
    head = re.split(r": |, so |\.", sentence)[0]
    return head if " " in head else re.split(r", so |\.", sentence)[0]


@app.command()
def tasks() -> None:
    """List the tasks."""
    found = [(key, task_zoo.get(key)) for key in task_zoo.names()]
    rows = [(key, what_it_does(task), " ".join(f"--{role}" for role in task.roles)) for key, task in found]
    table(rows, "task", "what it does", "columns", styles=["bold"])
    next_step("rnnkit check text_classifier FILE.csv")
