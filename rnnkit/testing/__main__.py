"""`python -m rnnkit.testing [CELL ...]`: the contract of every cell, as a table of ticks."""

import os
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from rnnkit import cells
from rnnkit.cli import run_app
from rnnkit.testing.result import TITLES, Result
from rnnkit.testing.workers import cell_class, check_cells, cores, formulas

MARKS = {"passed": "[green]✓[/]", "failed": "[red]✗[/]", "skipped": "[dim]-[/]", "running": "[yellow]…[/]"}
#: More cells at a time take more memory than most computers have.
MOST_JOBS = 8


def main(
    cell: Annotated[
        list[str] | None,
        typer.Argument(help="Keys of cells; for yours FILE.py or package.module:ClassCell. Default: all."),
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(help="A Python file with one NumPy formula a cell, named by its key (point 3).")
    ] = None,
    quick: Annotated[bool, typer.Option(help="Leave out TFLite, streaming, a fresh process, large stacks.")] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help=f"Cells at a time. Default: one a core, at most {MOST_JOBS}.")
    ] = None,
) -> None:
    """Run the cell contract and exit with 1 when a point does not hold."""
    console = Console()
    chosen = list(dict.fromkeys(cell or cells.names()))
    for each in chosen:
        if ":" in each or each.endswith(".py"):
            cell_class(each)
        else:
            cells.key_of(each)  # without Keras, which takes seconds to import
    reference = reference and Path(formulas(reference).__file__).resolve()
    progress = Progress(console, chosen)
    with progress.live:
        reports = check_cells(
            chosen,
            reference=reference,
            quick=quick,
            jobs=jobs or min(cores(), len(chosen), MOST_JOBS),
            on_result=progress.take,
        )
    for number, title in TITLES.items():
        console.print(f"{number:2} {title}", style="dim", highlight=False)
    failures = [report.failure for report in reports.values() if report.failure]
    for failure in failures:
        console.print(f"\n{failure}", markup=False, highlight=False, soft_wrap=True)
    if failures:
        raise typer.Exit(1)


class Progress:
    """A row of marks for each cell: those at work below, those that are done above, each printed once."""

    def __init__(self, console: Console, chosen: list[str]) -> None:
        self.console = console
        self.width = max(len("cell"), *map(len, chosen))
        self.running: dict[str, list[Result]] = {}
        self.lock = threading.Lock()
        self.live = Live("", console=console, transient=True, auto_refresh=console.is_terminal)
        self._print("cell".ljust(self.width) + "".join(f"{number:3}" for number in TITLES) + "  seconds")

    def take(self, cell: str, result: Result) -> None:
        """Note a point's result."""
        with self.lock:
            results = self.running.setdefault(cell, [])
            results.append(result)
            if result.point == max(TITLES):
                self._print(self._row(cell, self.running.pop(cell)))
            self.live.update("\n".join(self._row(cell, results) for cell, results in self.running.items()))

    def _row(self, cell: str, results: list[Result]) -> str:
        marks = {result.point: MARKS[result.status] for result in results}
        marks.setdefault(len(results) + 1, MARKS["running"])
        shown = "".join(f"  {marks.get(number, ' ')}" for number in TITLES)
        return f"{cell.ljust(self.width)}{shown}  {sum(result.seconds for result in results):7.1f}"

    def _print(self, row: str) -> None:
        self.console.print(row, highlight=False, no_wrap=True, soft_wrap=True)


if __name__ == "__main__":
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    run_app(main)
