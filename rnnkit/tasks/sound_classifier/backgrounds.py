"""Recordings without anything to be told: long ones are cut into windows, and training mixes them into words."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from rnnkit.data.sounds import open_sound, samples_at
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.silent_labels import BACKGROUND
from rnnkit.tasks.shared.recordings import Recording, Recordings

_SECONDS = 1.0  # of a window
_LONG = 2.0  # seconds, from which a recording is cut
_TENTHS = 10  # parts of a recording, each of which stays together when data are divided


def is_background(label: str | None) -> bool:
    """Whether a label is that of recordings without anything to be told.

    Example:

    >>> is_background("_background_noise_"), is_background("Silence"), is_background("yes"), is_background(None)
    (True, True, False, False)
    """
    return label is not None and label.lower().strip("_ ") in BACKGROUND


def with_windows(found: Recordings, rate: int) -> Recordings:
    """The same, with background recordings of more than two seconds as windows of one: about as many as another label
    has sounds, evenly over the recordings. Windows of a tenth of a recording stay together when data are divided.

    Args:
        found: The recordings; those that cannot be read are left as they are.
        rate: Samples a second that windows get.

    Example:

    >>> rows = [Recording(np.ones(800), "yes", str(n)) for n in range(6)]
    >>> rows += [Recording(np.random.default_rng(0).normal(size=80_000), "background", "street")]
    >>> made = with_windows(Recordings(rows, "it"), 8000)
    >>> len(made), made.rows[-1].name
    (12, 'street at 9.0 s')
    """
    counts = Counter(row.target for row in found if not is_background(row.target))
    wanted = max(round(sum(counts.values()) / max(len(counts), 1)), 1)
    long = {place: samples for place, row in enumerate(found.rows)
            if is_background(row.target) and len(samples := _samples(row, rate)) > _LONG * rate}  # fmt: skip
    if not long:
        return found
    size = round(_SECONDS * rate)
    slots = [(place, first) for place, each in long.items() for first in range(0, len(each) - size + 1, size)]
    chosen = np.unique(np.linspace(0, len(slots) - 1, min(wanted, len(slots))).astype(int))
    rows = [row for place, row in enumerate(found.rows) if place not in long]
    grouped, parts = any(row.group for row in rows), [part for part in ("train", "validation", "test")
                                                      if any(row.part == part for row in rows)]  # fmt: skip
    for place, first in (slots[each] for each in chosen):
        row, samples = found.rows[place], long[place]
        tenth = _TENTHS * first // len(samples)
        group = row.group or (f"{row.name} part {tenth + 1}" if grouped else "")
        part = row.part or _part(tenth, parts)
        window = samples[first : first + size]
        rows.append(Recording(window, row.target, f"{row.name} at {first / rate:.1f} s", group, part))
    return replace(found, rows=rows)


def _part(tenth: int, parts: list[str]) -> str:
    """The part of a tenth of a recording, where the other recordings are in these parts."""
    behind = parts[1:] if parts else []
    place = _TENTHS - 1 - tenth
    return (behind[::-1][place] if place < len(behind) else parts[0]) if parts else ""


def _samples(row: Recording, rate: int) -> np.ndarray:
    try:
        if isinstance(row.given, Path):
            return open_sound(row.given, rate, silent=True).samples
        return samples_at(row.given, rate, row.name)
    except RnnkitError:  # it is told with the others, once all are read
        return np.zeros(0, np.float32)
