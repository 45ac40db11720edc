"""The contract of many cells, some at a time, each in a process of its own."""

import importlib
import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from rnnkit import cells
from rnnkit.child import ChildError
from rnnkit.errors import RnnkitError
from rnnkit.testing.result import TITLES, Report, Result
from rnnkit.testing.shared import Child


def check_cells(
    chosen: Sequence[str],
    *,
    reference: Path | None = None,
    quick: bool = False,
    jobs: int = 1,
    on_result: Callable[[str, Result], None] | None = None,
) -> dict[str, Report]:
    """Run the contract of several cells. One that takes its process down does not keep the others from theirs.

    Args:
        chosen: Cells, as for `cell_class`.
        reference: A Python file with one NumPy formula a cell, named by its key.
        quick: As for `check_cell`.
        jobs: How many cells at a time. Each takes two processes of about 1 GB.
        on_result: Called with the cell and each point's result as it comes, from several threads.

    Returns:
        A report for each cell.
    """
    reports = {cell: Report(cell) for cell in chosen}
    idle: SimpleQueue[Child] = SimpleQueue()

    def check(cell: str) -> None:
        child, report = idle.get(), reports[cell]
        where = os.path.abspath(cell) if ".py" in cell else cell  # the other process is in a folder of its own

        def take(result: Result) -> None:
            report.results.append(result)
            if on_result:
                on_result(cell, result)

        try:
            for given in child.run(f"{__name__}:_check", where, str(reference) if reference else None, quick):
                take(Result(*given))
        except ChildError as error:
            take(Result(min(len(report.results) + 1, len(TITLES)), "failed", f"the process ended: {error}"))
        finally:
            idle.put(child)

    with ExitStack() as stack:
        for _ in range(jobs):
            idle.put(stack.enter_context(Child()))
        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        try:
            for done in as_completed([pool.submit(check, cell) for cell in chosen]):
                done.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return reports


def cores() -> int:
    """The number of processor cores available to this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check(cell: str, reference: str | None, quick: bool) -> Iterator[tuple[Any, ...]]:
    """The work of the other process."""
    from rnnkit.testing.contract import results
    from rnnkit.testing.subject import Subject

    found = cell_class(cell)
    key = cell if ":" in cell and ".py" not in cell else cells.key_of(cell)
    formula = getattr(formulas(Path(reference)), key, None) if reference else None
    for result in results(Subject(found, 6, 5, {}, formula), quick):
        yield result.point, result.status, result.message, result.seconds


def cell_class(cell: str) -> Any:
    """The class of a cell that is named by its key, its file or as "package.module:ClassCell".

    Raises:
        RnnkitError: When there is none.
    """
    if ":" not in cell or ".py:" in cell:
        return cells.get_cell(cell)
    module, _, name = cell.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except RnnkitError:
        raise
    except Exception as error:  # a module that is there can raise what it likes
        said = f"{type(error).__name__}: {error}".rstrip(".")
        raise RnnkitError(f"{cell} cannot be imported: {said}. Expected package.module:ClassCell.") from error


def formulas(path: Path) -> Any:
    """A Python file, as a module.

    Raises:
        RnnkitError: When it is none.
    """
    spec = importlib.util.spec_from_file_location("reference", path)
    if spec is None or spec.loader is None or not os.path.isfile(path):
        raise RnnkitError(f"{path} is no Python file; expected one function a cell, such as tests/reference.py.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise RnnkitError(f"{path} cannot be run: {type(error).__name__}: {error}".rstrip(".") + ".") from error
    return module
