"""How long the longest training sound is, and how long sounds a padded file takes."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.lite.bundle import LONGEST
from rnnkit.run import folder as runs

#: Its file in a Run and in a bundle.
LENGTHS_FILE = "seconds.json"
_MOST_SECONDS = 3_600.0
_ROOM = 2  # of a file of a fixed length, in the longest training sounds


def write_longest(folder: Path, seconds: float) -> None:
    """Write how long the longest training sound is."""
    (folder / LENGTHS_FILE).write_text(json.dumps({"longest": seconds}) + "\n", encoding="utf-8")


def read_longest(folder: Path) -> float:
    """Read what `write_longest` wrote, in seconds.

    Raises:
        RnnkitError: The file is missing or damaged.
    """
    found = runs.read_json(folder / LENGTHS_FILE)
    longest = found.get("longest") if isinstance(found, dict) else None
    if not isinstance(longest, float) or not 0 < longest <= _MOST_SECONDS:
        raise RnnkitError(
            f"{folder / LENGTHS_FILE} should have the number longest, the seconds of a sound. The Run is broken."
        )
    return longest


def padded_length(seconds: float, longest: float, per_second: float) -> int:
    """Samples or frames of a padded file: those of twice the longest training sound, `longest` seconds at most.

    Args:
        seconds: How long the longest training sound is; 0 where that is not known.
        longest: The option of this name.
        per_second: Samples or frames in a second.

    Example:

    >>> padded_length(2.5, 35.0, 8000), padded_length(30.0, 35.0, 8000), padded_length(0.0, 35.0, 100)
    (40000, 280000, 3500)
    """
    return min(round(min(_ROOM * seconds or longest, longest) * per_second), LONGEST)


def up_to_length(examples: Any, lengths: np.ndarray, most: int, noun: str) -> Any:
    """Examples that a padded file takes.

    Args:
        examples: Encoded sounds.
        lengths: Of each, in `noun`.
        most: Those that the file takes.
        noun: "samples" or "frames".

    Raises:
        RnnkitError: There are none.
    """
    if not len(fits := np.flatnonzero(lengths <= most)):
        raise RnnkitError(
            f"The file would take {most:,} {noun}, and the shortest sound to compare it on has {lengths.min():,}. Give "
            "--length as many or more, or --strategy loop."
        )
    return examples if len(fits) == len(examples) else examples.take(fits)
