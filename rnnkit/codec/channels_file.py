"""What is known of channels as the text of a file, in a Run and in a bundle."""

import json
import math
from dataclasses import asdict
from typing import Any

from rnnkit.codec.channels import MOST_STEPS, Channels
from rnnkit.errors import RnnkitError

_FIELDS = ("names", "mean", "std", "missing", "interval", "longest")
_LATER = {"regular": 0.0}  # which files of an earlier version lack
_MOST = 100_000  # channels


def channels_text(channels: Channels) -> str:
    """Channels as JSON.

    Example:

    >>> channels_of(json.loads(channels_text(Channels(("x",), (0.5,), (2.0,)))), "it").mean
    (0.5,)
    """
    return json.dumps(asdict(channels), ensure_ascii=False, indent=1) + "\n"


def channels_of(content: Any, where: str) -> Channels:
    """Channels from the parsed content of that file, which may come from anyone.

    Args:
        content: The content.
        where: What messages call the file.

    Raises:
        RnnkitError: It is not what `channels_text` writes.
    """
    found = {**_LATER, **content} if isinstance(content, dict) else {}
    if set(found) != {*_FIELDS, *_LATER} or not (_names(found["names"]) and _scales(found)):
        raise RnnkitError(
            f"{where} should have the names of channels, and for each a finite mean and a positive std. It is broken; "
            "copy it again."
        )
    mean, std = (tuple(map(float, found[name])) for name in ("mean", "std"))
    interval, regular = float(found["interval"]), float(found["regular"])
    return Channels(tuple(found["names"]), mean, std, found["missing"], interval, found["longest"], regular)


def _names(names: Any) -> bool:
    return isinstance(names, list) and 0 < len(names) <= _MOST and all(isinstance(each, str) and each for each in names)


def _scales(found: dict[str, Any]) -> bool:
    """Whether there is a mean and a spread for each name, and all else is of its kind."""
    count, tables = len(found["names"]), (found["mean"], found["std"])
    if not all(isinstance(table, list) and len(table) == count and all(map(_is_number, table)) for table in tables):
        return False
    longest, times = found["longest"], (found["interval"], found["regular"])
    sound = type(longest) is int and 0 < longest <= MOST_STEPS and all(_is_number(each) and each >= 0 for each in times)
    return sound and type(found["missing"]) is bool and all(spread > 0 for spread in found["std"])


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
