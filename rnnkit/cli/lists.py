"""`rnnkit cells`, `rnnkit tasks` and `rnnkit --version`."""

from typing import Annotated

import typer

from rnnkit import cells as cell_zoo
from rnnkit import tasks as task_zoo
from rnnkit.cli.cell_pages import print_list, print_page
from rnnkit.cli.program import app
from rnnkit.cli.screen import next_step, table, word
from rnnkit.cli.shared import what_it_does
from rnnkit.errors import RnnkitError


@app.callback(invoke_without_command=True)
def version(version: Annotated[bool, typer.Option("--version", help="print the version")] = False) -> None:
    if version:
        import rnnkit

        print(f"rnnkit {rnnkit.__version__}")
        raise typer.Exit()


@app.command()
def cells(
    cell: Annotated[
        str | None, typer.Argument(help="one to describe: its key, or a file of yours", show_default=False)
    ] = None,
    family: Annotated[str | None, typer.Option("--family", help="list the cells of one family alone")] = None,
    units: Annotated[
        int | None, typer.Option("--units", min=1, help="of a cell, to count its parameters (128)")
    ] = None,
    features: Annotated[int | None, typer.Option("--features", min=1, help="of its input, likewise (64)")] = None,
) -> None:
    """List the recurrent cells, or describe one."""
    from rnnkit.quiet import load_keras

    if cell is None and (units or features):
        raise RnnkitError("--units and --features are of a cell: rnnkit cells gru --units 32.")
    if cell is not None and family is not None:
        raise RnnkitError("--family lists cells, and a cell was named; give one of the two.")
    load_keras()
    if cell is None:
        print_list(family)
    else:
        print_page(cell, units or 128, features or 64)
    example = cell or (cell_zoo.by_family().get(family or "") or ["mgu"])[0]
    next_step(f"rnnkit train text_classifier FILE.csv --cell {word(example)} --to saved_models/mine")


@app.command()
def tasks() -> None:
    """List the tasks."""
    found = [(key, task_zoo.get(key)) for key in task_zoo.names()]
    rows = [(key, what_it_does(task), " ".join(f"--{role}" for role in task.roles)) for key, task in found]
    table(rows, "task", "what it does", "columns", styles=["bold"])
    next_step("rnnkit check text_classifier FILE.csv")
