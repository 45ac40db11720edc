"""Runs the ten points of the task contract and says which of them hold."""

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.testing.require import ContractError, gather
from rnnkit.testing.result import TASK_TITLES, Report, Result
from rnnkit.testing.shared import shared_subprocess
from rnnkit.testing.tasks import data, exporting, refusing, training
from rnnkit.testing.tasks.subject import Skipped, TaskSubject


@dataclass(frozen=True)
class Point:
    """The check of a point; `slow` ones are left out of the quick form."""

    check: Callable[[TaskSubject], None]
    slow: bool = False


POINTS: dict[int, Point] = {
    1: Point(data.options),
    2: Point(data.digest),
    3: Point(data.numbers),
    4: Point(training.padding),
    5: Point(training.seed),
    6: Point(training.saved),
    7: Point(training.resumed, slow=True),
    8: Point(training.finetuned, slow=True),
    9: Point(refusing.refusals),
    10: Point(exporting.exported, slow=True),
}


def check_task(
    task_class: Any,
    rows: Sequence[Any],
    *,
    inputs: Sequence[Any] | None = None,
    options: Mapping[str, Any] | None = None,
    quick: bool = False,
    points: Iterable[int] = tuple(TASK_TITLES),
    on_result: Callable[[Result], None] | None = None,
) -> Report:
    """Runs the task contract, for rnnkit's tasks and for your own; needs no pytest.

    Args:
        task_class: A subclass of `rnnkit.tasks.base.task.Task`.
        rows: Labelled raw rows as `fit` takes them, about 40, of different lengths.
        inputs: Raw inputs as `predict` takes them, one short and one long among them; by default the first of each
            row.
        options: Small ones, so that a training takes seconds: units=8, epochs=2.
        quick: Leaves out what takes long: resuming, fine-tuning, exporting.
        points: Which points to run; all by default.
        on_result: Called with each point's result as it comes, for progress.

    Returns:
        A report of the points that were run.

    Raises:
        ContractError: A point does not hold. The message lists all such points with what was seen, what was expected
            and where to look; `error.report` is the report.

    Example:

    >>> from rnnkit.tasks.text_classifier.task import TextClassifier
    >>> rows = [(f"{'good ' * (1 + i % 7)} film {i}", "yes") for i in range(20)]
    >>> rows += [(f"{'bad ' * (1 + i % 7)} film {i}", "no") for i in range(20)]
    >>> report = check_task(TextClassifier, rows, options={"units": 4, "epochs": 1}, points=[1, 2, 3])
    >>> report.failed
    []
    """
    report = Report(task_class.__name__, kind="task")
    with tempfile.TemporaryDirectory(prefix="rnnkit_check_task_") as folder, shared_subprocess():
        subject = TaskSubject(task_class, list(rows), inputs, dict(options or {}), Path(folder))
        return gather(report, (_run(number, subject, quick) for number in sorted(points)), on_result)


def _run(number: int, subject: TaskSubject, quick: bool) -> Result:
    point = POINTS[number]
    if quick and point.slow:
        return Result(number, "skipped", "(quick)", titles=TASK_TITLES)
    start = time.perf_counter()
    status, message = "passed", ""
    try:
        point.check(subject)
    except Skipped as reason:
        status, message = "skipped", f"({reason})"
    except ContractError as error:
        status, message = "failed", str(error)
    except RnnkitError as error:
        status, message = "failed", f"{point.check.__name__} was refused: {error}"
    except Exception as error:  # a task under test may raise anything, and the other points are still worth running
        raised = f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
        status, message = "failed", f"{point.check.__name__} raised {raised}{_place(error)}"
    return Result(number, status, message, time.perf_counter() - start, titles=TASK_TITLES)


def _place(error: BaseException) -> str:
    """The last line of a traceback, where to look."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f" ({trace.tb_frame.f_code.co_filename}, line {trace.tb_lineno})"
