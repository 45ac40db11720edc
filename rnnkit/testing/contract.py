"""Run the ten points of the cell contract and report which hold."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import keras

from rnnkit.layers.cell import RecurrentCell
from rnnkit.testing import arguments, documentation, gradients, padding, phones, precision, saving, sequences
from rnnkit.testing.require import ContractError, gather
from rnnkit.testing.result import TITLES, Report, Result
from rnnkit.testing.shared import shared_subprocess
from rnnkit.testing.subject import Reference, Subject

Check = Callable[[Subject], None]


@dataclass(frozen=True)
class Point:
    """The checks of a point, and those that the quick form leaves out.

    `compiled` is for JAX, which compiles each loop over time anew, in half a second: points where nothing depends on
    that run one operation after another there. `tensorflow` is for points that have no meaning elsewhere.
    """

    checks: tuple[Check, ...] = ()
    slow: tuple[Check, ...] = ()
    compiled: bool = False
    tensorflow: bool = False


POINTS: dict[int, Point] = {
    1: Point((arguments.kept, arguments.layer_kept, arguments.noise)),
    2: Point((sequences.by_steps, sequences.other_forms, sequences.deep), compiled=True),
    3: Point((sequences.reference,), compiled=True),
    4: Point((padding.changes_nothing, padding.of_whole_rows), slow=(padding.changes_nothing_at_large,)),
    5: Point((gradients.right,), compiled=True),
    6: Point((saving.here,), slow=(saving.fresh_process, saving.saved_model), compiled=True),
    7: Point(slow=(phones.loop, phones.unroll), tensorflow=True),
    8: Point(slow=(phones.streaming,), tensorflow=True),
    9: Point((precision.runs,)),
    10: Point((documentation.whole,)),
}


def check_cell(
    cell_class: type[RecurrentCell],
    *,
    reference: Reference | None = None,
    quick: bool = False,
    units: int = 6,
    features: int = 5,
    arguments: Mapping[str, Any] | None = None,
    points: Iterable[int] = tuple(TITLES),
    on_result: Callable[[Result], None] | None = None,
) -> Report:
    """Run the cell contract, for rnnkit's cells and for your own; needs no pytest.

    Args:
        cell_class: A subclass of `RecurrentCell`.
        reference: The cell's formula in NumPy, `(weights by name, inputs [time, batch, features], states) -> outputs
            [time, batch, units]`. Without one point 3 is skipped.
        quick: Leaves out what takes long: TFLite, streaming, loading in a fresh process, large stacks.
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
    report = Report(cell_class.__name__)
    subject = Subject(cell_class, units, features, arguments or {}, reference)
    with shared_subprocess():
        return gather(report, results(subject, quick, points), on_result)


def results(subject: Subject, quick: bool, points: Iterable[int] = tuple(TITLES)) -> Iterator[Result]:
    """Run points of the contract one after another and yield their results.

    Args:
        subject: What is tested.
        quick: As for `check_cell`.
        points: Which points to run.
    """
    for number in sorted(points):
        yield _run(number, subject, quick)


def _run(number: int, subject: Subject, quick: bool) -> Result:
    point = POINTS[number]
    checks = point.checks if quick else (*point.checks, *point.slow)
    start = time.perf_counter()
    keras.utils.set_random_seed(1)  # the same weights each time
    if point.tensorflow and keras.backend.backend() != "tensorflow":
        return Result(number, "skipped", f"(not on {keras.backend.backend()})")
    if not checks:
        return Result(number, "skipped", "(quick)")
    if number == 3 and subject.reference is None:
        return Result(number, "skipped", "(no reference was given)")
    try:
        with nullcontext() if point.compiled else _operation_by_operation():
            for check in checks:
                check(subject)
    except ContractError as error:
        return Result(number, "failed", str(error), time.perf_counter() - start)
    except Exception as error:  # a cell under test may raise anything, and the other points are still worth running
        message = f"{check.__name__} raised {type(error).__name__}: {' '.join(str(error).split())[:500]}"
        return Result(number, "failed", message, time.perf_counter() - start)
    return Result(number, "passed", "", time.perf_counter() - start)


def _operation_by_operation() -> AbstractContextManager[Any]:
    """A context in which JAX compiles no loops."""
    if keras.backend.backend() != "jax":
        return nullcontext()
    import jax

    return jax.disable_jit()
