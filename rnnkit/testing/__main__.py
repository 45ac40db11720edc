"""`python -m rnnkit.testing [CELL ...]`: the contract of every cell, as a table of ticks."""

import importlib
import importlib.util
import os
import sys
from pathlib import Path
from typing import Annotated, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import typer  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.live import Live  # noqa: E402
from rich.table import Table  # noqa: E402

from rnnkit import cells  # noqa: E402
from rnnkit.errors import RnnkitError  # noqa: E402

MARKS = {"passed": "[green]✓[/]", "failed": "[red]✗[/]", "skipped": "[dim]-[/]", "running": "[yellow]…[/]"}


def main(
    cell: Annotated[
        list[str] | None, typer.Argument(help="Keys of cells, or package.module:ClassCell for yours. Default: all.")
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(help="A Python file with one NumPy formula a cell, named by its key (point 3).")
    ] = None,
    quick: Annotated[bool, typer.Option(help="Leave out TFLite, streaming and loading in a fresh process.")] = False,
) -> None:
    """Runs the cell contract and exits with 1 when a point does not hold."""
    console = Console()
    try:
        chosen = {key: _cell_class(key) for key in cell or cells.names()}
        formulas = _formulas(reference)
    except RnnkitError as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(1) from None
    from rnnkit.testing.contract import POINTS, check_cell
    from rnnkit.testing.require import ContractError

    marks: dict[str, list[str]] = {key: [" "] * len(POINTS) for key in chosen}
    seconds = dict.fromkeys(chosen, 0.0)
    failures: list[str] = []

    def drawn() -> Table:
        table = Table("cell", *(str(number) for number in POINTS), "seconds")
        for key, row in marks.items():
            table.add_row(key, *row, f"{seconds[key]:.1f}")
        return table

    with Live(drawn(), console=console, refresh_per_second=4) as live:
        for key, cell_class in chosen.items():
            marks[key][0] = MARKS["running"]

            def show(result: Any, key: str = key) -> None:
                marks[key][result.point - 1] = MARKS[result.status]
                seconds[key] += result.seconds
                if result.point < len(POINTS):
                    marks[key][result.point] = MARKS["running"]
                live.update(drawn())

            try:
                check_cell(cell_class, reference=getattr(formulas, key, None), quick=quick, on_result=show)
            except ContractError as error:
                failures.append(str(error))
            if not console.is_terminal:  # where Live shows the table only at the end
                print(f"{key}: {seconds[key]:.0f} seconds", file=sys.stderr, flush=True)
    console.print()
    for number, point in POINTS.items():
        console.print(f"{number:2} {point.title}", style="dim", highlight=False)
    for failure in failures:
        console.print(f"\n{failure}", markup=False, highlight=False, soft_wrap=True)
    if failures:
        raise typer.Exit(1)


def _cell_class(key: str) -> Any:
    if ":" not in key:
        return cells.get(key)
    module, _, name = key.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise RnnkitError(f"{key} cannot be imported: {error}. Expected package.module:ClassCell.") from None


def _formulas(path: Path | None) -> Any:
    if path is None:
        return None
    spec = importlib.util.spec_from_file_location("reference", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise RnnkitError(f"{path} is no Python file; expected one function a cell, such as tests/reference.py.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    typer.run(main)
