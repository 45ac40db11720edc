"""Runs the ten points of the cell contract and says which of them hold."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rnnkit.cells.base import RecurrentCell
from rnnkit.testing import arguments, documentation, gradients, padding, phones, precision, saving, sequences
from rnnkit.testing.require import ContractError
from rnnkit.testing.subject import Reference, Subject


@dataclass(frozen=True)
class Point:
    """One point of the contract: its title, its checks, and which of them start another process."""

    title: str
    checks: tuple[Callable[[Subject], None], ...]
    slow: tuple[Callable[[Subject], None], ...] = ()


POINTS: dict[int, Point] = {
    1: Point("every argument is kept, saved and obeyed", (arguments.kept, arguments.layer_kept, arguments.noise)),
    2: Point("steps == sequence", (sequences.by_steps, sequences.other_forms, sequences.deep)),
    3: Point("sequence == the NumPy reference", (sequences.reference,)),
    4: Point("padding changes nothing", (padding.changes_nothing, padding.of_whole_rows)),
    5: Point("gradients are finite, non-zero and right", (gradients.right,)),
    6: Point(".keras and SavedModel give the same numbers", (saving.here,), (saving.fresh_process, saving.saved_model)),
    7: Point("TFLite: builtin operators, same numbers", (), (phones.loop, phones.unroll)),
    8: Point("streaming TFLite == the sequence", (), (phones.streaming,)),
    9: Point("float16 and bfloat16 policies run", (precision.runs,)),
    10: Point("the docstring is whole and its example runs", (documentation.whole,)),
}


@dataclass(frozen=True)
class Result:
    """What became of one point: "passed", "failed" or "skipped", why, and in how many seconds."""

    point: int
    title: str
    status: str
    message: str = ""
    seconds: float = 0.0


@dataclass
class Report:
    """What became of a cell's points."""

    cell: str
    results: list[Result] = field(default_factory=list)

    @property
    def failed(self) -> list[Result]:
        """The points that do not hold."""
        return [result for result in self.results if result.status == "failed"]

    def __str__(self) -> str:
        lines = [f"{each.point:2} {each.status:7} {each.title} {each.message}".rstrip() for each in self.results]
        return "\n".join([self.cell, *lines])


def check_cell(
    cell_class: type[RecurrentCell],
    *,
    reference: Reference | None = None,
    quick: bool = False,
    units: int = 6,
    features: int = 5,
    arguments: Mapping[str, Any] | None = None,
    points: Iterable[int] = range(1, 11),
    on_result: Callable[[Result], None] | None = None,
) -> Report:
    """Runs the cell contract, for rnnkit's cells and for your own; needs no pytest.

    Args:
        cell_class: A subclass of `RecurrentCell`.
        reference: The cell's formula in NumPy, `(weights by name, inputs [time, batch, features], states) -> outputs
            [time, batch, units]`. Without one point 3 is skipped.
        quick: Leaves out what starts another process: TFLite, streaming, and loading in a fresh one.
        units: Width of the state.
        features: Width of the inputs; another number than `units`.
        arguments: What the constructor is given beside `units`, to check a cell in another of its modes.
        points: Which points to run; all by default.
        on_result: Called with each point's result as it comes, for progress.

    Returns:
        A report of the points that were run.

    Raises:
        ContractError: When a point does not hold. The message lists all such points with the numbers and the way
            out; `error.report` is the report.

    Example:

    >>> from rnnkit.cells import MinGRUCell
    >>> report = check_cell(MinGRUCell, quick=True)  # doctest: +SKIP
    >>> report.failed  # doctest: +SKIP
    []
    """
    if units == features:
        raise ValueError(f"units and features are both {units}; two different numbers show axes that are mixed up.")
    subject = Subject(cell_class, units, features, arguments or {}, reference)
    report = Report(cell_class.__name__)
    for number in sorted(points):
        result = _run(number, subject, quick)
        report.results.append(result)
        if on_result:
            on_result(result)
    if report.failed:
        lines = [f"point {result.point} ({result.title}): {result.message}" for result in report.failed]
        error = ContractError(f"{report.cell} breaks the cell contract.\n" + "\n".join(lines))
        error.report = report  # type: ignore[attr-defined]
        raise error
    return report


def _run(number: int, subject: Subject, quick: bool) -> Result:
    point = POINTS[number]
    checks = point.checks if quick else (*point.checks, *point.slow)
    start = time.perf_counter()
    if not checks:
        return Result(number, point.title, "skipped", "(quick)")
    if number == 3 and subject.reference is None:
        return Result(number, point.title, "skipped", "(no reference was given)")
    try:
        for check in checks:
            check(subject)
    except ContractError as error:
        return Result(number, point.title, "failed", str(error), time.perf_counter() - start)
    except Exception as error:  # a cell under test may raise anything, and the other points are still worth running
        message = f"{check.__name__} raised {type(error).__name__}: {' '.join(str(error).split())[:500]}"
        return Result(number, point.title, "failed", message, time.perf_counter() - start)
    return Result(number, point.title, "passed", "", time.perf_counter() - start)
