"""What a user gives as the history of a time series to forecast: numbers, text, or these with their times and more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from rnnkit.codec.forecast_plan import ForecastPlan
from rnnkit.codec.number_cells import LARGEST, number_of
from rnnkit.errors import RnnkitError

_DAY = 86_400
_KEYS = ("values", "series", "start", "known", "static")


@dataclass
class History:
    """The history of a series.

    Attributes:
        values: float64 `[steps]`, NaN where one is missing.
        series: Its name; "" for none.
        start: The time of the first value; None where there are no times.
        known: What is known ahead, from the first value on, `[steps + horizon, columns]`.
        static: A text for each static column.
    """

    values: np.ndarray
    series: str = ""
    start: float | None = None
    known: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    static: tuple[str, ...] = ()


def histories_in(given: Any) -> list[Any]:
    """The histories that a user gives, one or several.

    Example:

    >>> histories_in([1, 2, 3]), histories_in([[1, 2], [3]])
    ([[1, 2, 3]], [[1, 2], [3]])
    """
    return [given] if is_one_history(given) or not hasattr(given, "__iter__") else list(given)


def is_one_history(given: Any) -> bool:
    """Whether this is the history of one series rather than a list of several.

    Example:

    >>> is_one_history([1, 2, 3]), is_one_history([[1, 2], [3]]), is_one_history("1 2"), is_one_history({"values": [1]})
    (True, False, True, True)
    """
    if isinstance(given, str | Mapping):
        return True
    if isinstance(given, np.ndarray):
        return given.ndim == 1 and given.dtype != object
    return isinstance(given, list | tuple) and bool(given) and _is_number(given[0])


def _is_number(value: Any) -> bool:
    return value is None or isinstance(value, int | float | np.integer | np.floating)


def history_of(given: Any, plan: ForecastPlan, what: str) -> History:
    """A history as a user gives it.

    Args:
        given: Numbers as a list, an array or text ("1 2 3"); or a dictionary of these as `values`, and where the
            forecaster needs or has them: the name of the `series`, the time of the first value (`start`), what is
            `known` ahead (`[steps + horizon, columns]`, or a list for each column by name) and what is `static`.
        plan: That of the forecaster.
        what: What messages call it.

    Raises:
        RnnkitError: It is something else, has no values, or lacks what the forecaster needs.

    Example:

    >>> history_of("1 2 NA", ForecastPlan(missing=True), "It").values.tolist()
    [1.0, 2.0, nan]
    """
    entries: Mapping[str, Any] = given if isinstance(given, Mapping) else {"values": given}
    if unknown := [str(key) for key in entries if key not in _KEYS]:
        raise RnnkitError(f"{what} has the key {unknown[0]!r:.40}; expected {', '.join(_KEYS)}.")
    name = "" if entries.get("series") is None else str(entries["series"])
    what = f"{what} ({name:.40})" if name else what
    values = _values(entries.get("values"), what)
    if not plan.missing and len(values) < plan.look_back:
        raise RnnkitError(
            f"{what} has {len(values):,} values; this forecaster reads the last {plan.look_back:,}, and its training "
            "series were never shorter."
        )
    if not plan.missing and np.isnan(values[-plan.look_back :]).any():
        step = len(values) - int(np.argmax(np.isnan(values[::-1])))
        raise RnnkitError(f"{what}: value {step:,} is missing, and no training series lacked one. Fill it.")
    if plan.logarithm and (values <= 0).any():
        raise RnnkitError(f"{what} has {float(np.nanmin(values)):.12g}; this forecaster reads values above 0.")
    start = _start(entries.get("start"), plan, what)
    if plan.cycles and start is None:
        raise RnnkitError(
            f"{what} has no times, and the forecaster reads the calendar. Give a table with times, or "
            '{"values": [...], "start": "2024-01-31 00:00:00"}.'
        )
    static = entries.get("static") or {}
    if plan.static and not (isinstance(static, Mapping) and set(plan.static) <= set(map(str, static))):
        raise RnnkitError(f"{what} lacks what is static; expected {', '.join(plan.static)}.")
    texts = tuple(str(static[name]) for name in plan.static)
    known = _known(entries.get("known"), plan, len(values), what)
    return History(values, name, start, known, texts)


def _values(given: Any, what: str) -> np.ndarray:
    if isinstance(given, str) and any("," in cell[:-1] for cell in given.split()) and len(given.split()) > 1:
        raise RnnkitError(
            f"{what} is {' '.join(given.split()):.60}; a comma may stand before decimals or between values. Write "
            "1.5 2 2.5."
        )
    try:
        if isinstance(given, str):
            values = np.array([number_of(cell) for cell in given.replace(",", " ").split()], np.float64)
        else:
            values = np.array([np.nan if each is None else each for each in given], np.float64)
    except (TypeError, ValueError):
        values = np.zeros((0, 0))
    if values.ndim != 1 or (np.abs(values) > LARGEST).any() or not len(values) or np.isnan(values).all():
        shown = " ".join((given if isinstance(given, str) else repr(given)).split())
        raise RnnkitError(f"{what} is {shown:.60}; expected the values of a series, such as 1.5 2 2.5.")
    return values


def _start(given: Any, plan: ForecastPlan, what: str) -> float | None:
    if given is None or (_is_number(given) and np.isfinite(given)):
        return None if given is None else float(given)
    try:
        moment = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
    except ValueError:
        raise RnnkitError(f"{what} starts at {given!r:.40}; expected a time such as 2024-01-31 00:00:00.") from None
    by_day = plan.steps.unit != "seconds" or plan.steps.count % _DAY == 0  # days are those of their place
    return (moment.replace(tzinfo=UTC) if by_day or not moment.tzinfo else moment).timestamp()


def _known(given: Any, plan: ForecastPlan, steps: int, what: str) -> np.ndarray:
    """What is known ahead, of all values and the horizon."""
    needed = steps + plan.horizon
    if not plan.known:
        return np.zeros((needed, 0))
    columns: Sequence[Any]
    if isinstance(given, Mapping):
        lacking = [name for name in plan.known if name not in given]
        columns = [given[name] for name in plan.known] if not lacking else []
        try:
            table = np.array(columns, np.float64).T
        except (TypeError, ValueError):
            table = np.zeros((0, 0))
    else:
        try:
            table = np.zeros((0, 0)) if given is None else np.array(given, np.float64)
        except (TypeError, ValueError):
            table = np.zeros((0, 0))
    names = ", ".join(plan.known)
    if table.ndim != 2 or table.shape[1] != len(plan.known):
        raise RnnkitError(f"{what} lacks what is known ahead; expected {names} of each step and {plan.horizon} ahead.")
    if len(table) < needed or not np.isfinite(table[:needed]).all():
        there = int(np.isfinite(table).all(axis=1).sum())
        raise RnnkitError(
            f"{what}: {names} is known of {max(there - steps, 0)} of the {plan.horizon} steps ahead. Add rows with "
            "their times and what is known, without a value."
        )
    return table[:needed]
