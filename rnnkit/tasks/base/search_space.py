"""What `rnnkit tune` tries: the span or the choices of each option, as the task's options declare them."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.options import CheckedOptions, value_type


class Span(NamedTuple):
    """Numbers that an option may have.

    Attributes:
        low: The smallest.
        high: The largest.
        log: Whether ratios count rather than differences.
        whole: Whether they are whole numbers.
    """

    low: float
    high: float
    log: bool
    whole: bool


Space = dict[str, Span | tuple[str, ...]]


def space_of(options: CheckedOptions, over: Sequence[str] = (), fixed: Collection[str] = ()) -> Space:
    """The options to search, and what each may be.

    Args:
        options: Around whose values is searched.
        over: The options to search; none: all whose declaration says what to try.
        fixed: Those that keep their values.

    Raises:
        RnnkitError: An option to search is unknown, fixed as well, or has nothing to try; or none is left.

    Example:

    >>> from rnnkit.tasks.base.options import Options
    >>> space_of(Options(units=64), ["units", "learning_rate"])["units"]
    Span(low=16, high=256, log=True, whole=True)
    """
    specs = {spec.name: spec for spec in dataclasses.fields(options)}
    can = [name for name, spec in specs.items() if spec.metadata.get("search") is not None]
    for name in over:
        if name not in can:
            meant = did_you_mean(name, can)
            raise RnnkitError(f"{name!r:.60} cannot be searched.{meant} These can: {', '.join(can)}.")
        if name in fixed:
            raise RnnkitError(f"{name} is both given and to be searched; leave one of the two out.")
    names = list(over) or [name for name in can if name not in fixed]
    if not names:
        raise RnnkitError(f"Every option that can be searched is given ({', '.join(can)}); leave some out.")
    return {name: _tried(specs[name], getattr(options, name)) for name in names}


def _tried(spec: "dataclasses.Field[object]", value: object) -> Span | tuple[str, ...]:
    search, low, high = (spec.metadata.get(name) for name in ("search", "low", "high"))
    if search is True:
        return tuple(spec.metadata["choices"])
    whole = value_type(spec) is int
    assert isinstance(value, int | float) and search is not None
    if isinstance(search, tuple):
        return Span(min(search[0], value), max(search[1], value), log=False, whole=whole)
    least, most = value / search, value * search
    if whole:
        least, most = max(round(least), 1), max(round(most), 1)
    least, most = max(least, low or least), min(most, high or most)
    return Span(least, most, log=True, whole=whole)


def in_words(settings: Mapping[str, object]) -> str:
    """Settings as names and values.

    Example:

    >>> in_words({"units": 64, "learning_rate": 0.002, "pooling": "max"})
    'units 64 learning_rate 0.002 pooling max'
    """
    shown = {name: f"{value:.3g}" if isinstance(value, float) else str(value) for name, value in settings.items()}
    return " ".join(f"{name} {value}" for name, value in shown.items())
