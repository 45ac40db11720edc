"""What a plan of forecasts holds, which may come from anyone, each entry of its kind and bounds; and what is static."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rnnkit.codec.calendar import WIDTHS
from rnnkit.codec.forecast_heads import HEADS
from rnnkit.codec.frequencies import Frequency
from rnnkit.errors import RnnkitError

SCALINGS = ("last", "standard", "mean", "none")
SPREADS = ("window", "series")
DECODINGS = ("direct", "stepwise")
_COUNTS = ("look_back", "horizon", "season", "paths")
_MOST, _MOST_SERIES = 100_000, 1_000_000


def is_sound(given: Mapping[str, Any]) -> bool:
    """Whether each entry is of its kind and within its bounds."""

    def texts(value: Any, most: int = _MOST) -> bool:
        return isinstance(value, list) and len(value) <= most and all(isinstance(each, str) for each in value)

    def numbers(value: Any) -> bool:
        return isinstance(value, list) and all(_finite(each) for each in value)

    whole = all(type(given[name]) is int and 1 <= given[name] <= _MOST for name in _COUNTS)
    whole = whole and type(given["week"]) is int and 0 <= given["week"] <= _MOST
    chosen = given["scaling"] in SCALINGS and given["spread"] in SPREADS and given["head"] in HEADS
    chosen = chosen and given["decoding"] in DECODINGS
    if not (whole and chosen and all(type(given[name]) is bool for name in ("missing", "numbered", "logarithm"))):
        return False
    if not (isinstance(given["frequency"], str) and texts(given["cycles"]) and set(given["cycles"]) <= set(WIDTHS)):
        return False
    known = [given[name] for name in ("known", "known_mean", "known_std")]
    if not (texts(known[0]) and all(map(numbers, known[1:])) and len({len(each) for each in known}) == 1):
        return False
    if any(each <= 0 for each in known[2]) or not all(isinstance(given[name], dict) for name in ("static", "series")):
        return False
    kinds = list(given["static"].values())
    scales = [each for each in kinds if numbers(each) and len(each) == 2 and each[1] > 0]
    if len(kinds) > _MOST or not all(each in scales or texts(each) for each in kinds):
        return False
    spreads = given["series"].values()
    try:
        Frequency.of(given["frequency"])
    except RnnkitError:
        return False
    return len(given["series"]) <= _MOST_SERIES and all(_finite(each) and each >= 0 for each in spreads)


def is_scale(kinds: Sequence[Any]) -> bool:
    """Whether a plan's static column is one of numbers, known by their mean and deviation, rather than of texts."""
    return len(kinds) == 2 and not any(isinstance(each, str) for each in kinds)


def static_features(name: str, text: str, kinds: Sequence[Any]) -> list[float]:
    """What a network is given of a static column.

    Args:
        name: The column.
        text: What a series has there.
        kinds: Its categories, or its mean and deviation, as a plan has them.

    Raises:
        RnnkitError: It is no number where these are numbers, or none of the categories.

    Example:

    >>> static_features("kind", "town", ["village", "town"]), static_features("size", "3", [1.0, 2.0])
    ([0.0, 1.0], [1.0])
    """
    if not is_scale(kinds):
        if text not in kinds:
            known = ", ".join(map(str, kinds))
            raise RnnkitError(
                f"{name!r:.40} is {text!r:.40}, which no training series has; expected {known:.200}. Train on series "
                "that have it."
            )
        return [float(text == each) for each in kinds]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise RnnkitError(f"{name!r:.40} is {text!r:.40}; expected a number.")
    return [(value - kinds[0]) / kinds[1]]


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
