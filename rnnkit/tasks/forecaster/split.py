"""The windows of training, validation and test: each series is divided in time, what is tested comes last."""

from dataclasses import dataclass

import numpy as np

from rnnkit.data.times import times_of
from rnnkit.errors import RnnkitError
from rnnkit.tasks.forecaster.series import Series, SeriesSet

_TESTED = 0.3  # the largest share of a series that is tested, where nothing else is said
_STRIDES = 8  # validation windows in a horizon


@dataclass(frozen=True)
class Borders:
    """Where the parts of a series begin.

    Attributes:
        validation: The first step to validate on.
        test: The first step to test on.
        stride: Steps from one tested window to the next.
    """

    validation: int
    test: int
    stride: int


def shortest_context(look_back: int, horizon: int) -> int:
    """The fewest values of a series from which it is forecast.

    Example:

    >>> shortest_context(96, 24), shortest_context(4, 24)
    (12, 4)
    """
    return max(2, min(look_back, horizon // 2))


def borders_of(source: SeriesSet, options: object, tested: list[int] | None) -> list[Borders]:
    """Where the parts of each series begin.

    Args:
        source: The series, those to be tested joined to them.
        options: `horizon`, `backtests`, `validation_start` and `test_start` are read.
        tested: For each, where the part that was given to be tested begins; None where none was given.

    Raises:
        RnnkitError: A border is no step of the series, or they are not in order.
    """
    return [_borders(source, each, options, None if tested is None else tested[place])
            for place, each in enumerate(source.series)]  # fmt: skip


def _borders(source: SeriesSet, series: Series, options: object, tested: int | None) -> Borders:
    horizon, backtests = options.horizon, options.backtests  # type: ignore[attr-defined]
    first, last = (_step(source, series, getattr(options, name), name) for name in ("validation_start", "test_start"))
    blocks = int(np.clip(int(_TESTED * len(series)) // horizon, 1, backtests))
    stride = horizon
    if tested is not None:
        test = tested
    elif last is not None:
        test, stride = last, 1
    else:
        test = len(series) - blocks * horizon
    validation = first if first is not None else test - blocks * horizon
    if validation >= test:
        raise RnnkitError(
            f"{source.name}: validation would begin at step {validation + 1} of {series.id!r:.40}, and the test at "
            f"step {test + 1}; expected the validation first."
        )
    return Borders(validation, test, stride)


def _step(source: SeriesSet, series: Series, text: str, option: str) -> int | None:
    """The step that an option names, from 0."""
    if not text:
        return None
    flag = "--" + option.replace("_", "-")
    if text.isascii() and text.isdigit():
        return int(text) - 1
    if not source.frequency.is_calendar:
        raise RnnkitError(f"{flag} is {text!r:.40}; {source.name} has no dates, so expected the number of a step.")
    try:
        times, _ = times_of([text], [""], "", "")
    except RnnkitError:
        raise RnnkitError(f"{flag} is {text!r:.40}; expected a time, such as 2024-01-31, or a step's number.") from None
    return int(np.ceil(source.frequency.places(times, series.start)[0] - 1e-9))


def windows_of(
    lengths: np.ndarray, borders: list[Borders], look_back: int, horizon: int
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The series and the origins of the windows of each part.

    No step that is forecast in one part is forecast in another, and none lies before what an earlier part forecasts.

    Args:
        lengths: Values of each series.
        borders: Where its parts begin.
        look_back: Steps that are read.
        horizon: Steps that are forecast.

    Example:

    >>> found = windows_of(np.array([12]), [Borders(8, 10, 2)], 4, 2)
    >>> {part: origins.tolist() for part, (series, origins) in found.items()}
    {'train': [4, 5, 6], 'validation': [8], 'test': [10]}
    """
    least = shortest_context(look_back, horizon)
    found: dict[str, list[tuple[int, np.ndarray]]] = {"train": [], "validation": [], "test": []}
    for place, (length, border) in enumerate(zip(lengths.tolist(), borders, strict=True)):
        last = min(border.validation, length) - horizon  # a series may end before the borders of all
        first = look_back if last >= look_back else least
        found["train"].append((place, np.arange(first, last + 1)))
        every = 1 if border.stride == 1 else max(1, horizon // _STRIDES)
        stop = min(border.test, length) - horizon + 1
        found["validation"].append((place, np.arange(max(border.validation, least), stop, every)))
        ends = np.arange(border.test, length - horizon + 1, border.stride)
        found["test"].append((place, ends[ends >= least]))
    return {part: _joined(each) for part, each in found.items()}


def _joined(found: list[tuple[int, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    series = np.concatenate([np.full(len(origins), place) for place, origins in found] or [np.zeros(0)])
    origins = np.concatenate([origins for _, origins in found] or [np.zeros(0)])
    return series.astype(np.int64), origins.astype(np.int64)
