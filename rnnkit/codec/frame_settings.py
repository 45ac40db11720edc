"""What the settings of every front end have: deltas beside frames, the scales of features, and their file."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import cached_property
from typing import Any, ClassVar, TypeVar

import numpy as np

from rnnkit.codec.filterbank import delta_filters
from rnnkit.errors import RnnkitError

NORMALISE = ("none", "utterance", "corpus", "running")


class FrameSettings:
    """The part of a front end's settings that comes behind its frames; a frozen dataclass extends it with its fields.

    Attributes:
        static: Features of a frame without its deltas.
        deltas: As for `rnnkit.codec.spectrogram_settings.SpectrogramSettings`; likewise the others.
        LATER: Settings that files of earlier versions lack, and what they stand for then.
    """

    LATER: ClassVar[Mapping[str, Any]] = {}
    static: Any  # a field or a property
    deltas: int
    delta_width: int
    normalise: str
    memory: int
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def require_ranges(self, ranges: Mapping[str, tuple[float, float]]) -> None:
        """Refuse settings out of their ranges, of which those from a whole number on are whole, and unknown words.

        Raises:
            RnnkitError: There is one.
        """
        for name, (low, high) in ranges.items():
            given = getattr(self, name)
            kind = (int, np.integer) if isinstance(low, int) else (int, float, np.integer, np.floating)
            if isinstance(given, bool) or not isinstance(given, kind) or not low <= given <= high:
                number = "a whole number" if isinstance(low, int) else "a number"
                raise RnnkitError(f"{name} is {given!r:.40}; expected {number} from {low:g} to {high:g}.")
        if self.normalise not in NORMALISE:
            raise RnnkitError(f"normalise is {self.normalise!r:.40}; expected one of {', '.join(NORMALISE)}.")

    def require_scales(self) -> None:
        """Refuse means and deviations that do not fit the features.

        Raises:
            RnnkitError: They are not as many, or one is no finite number, or a deviation not above 0.
        """
        scales = np.array([*self.mean, *self.std], np.float64)
        if {len(self.mean), len(self.std)} - {0, self.features} or len(self.mean) != len(self.std):
            raise RnnkitError(
                f"There are {len(self.mean)} means and {len(self.std)} standard deviations; expected {self.features} "
                "of each, or none."
            )
        if not np.isfinite(scales).all() or any(each <= 0 for each in self.std):
            raise RnnkitError("A mean or standard deviation is no finite number, or a deviation is not above 0.")

    @property
    def features(self) -> int:
        """Features of a frame with its deltas."""
        return int(self.static) * (self.deltas + 1)

    @property
    def tail_frames(self) -> int:
        """Frames that reach into silence behind a sound, at most."""
        return 0

    @property
    def context(self) -> int:
        """Frames on each side that deltas are taken over, by which a stream's frames come late."""
        return self.deltas * self.delta_width

    @cached_property
    def slopes(self) -> np.ndarray:
        """The weights of deltas, float64 `[deltas + 1, 2 * context + 1]`."""
        return delta_filters(self.deltas, self.delta_width)

    def scales(self) -> tuple[np.ndarray, np.ndarray]:
        """The mean and variance of each feature before anything is heard, float64 `[features]` each.

        Raises:
            RnnkitError: They are not learnt yet, and are needed.
        """
        if self.normalise in ("none", "utterance"):
            return np.zeros(self.features), np.ones(self.features)
        if not self.mean:
            raise RnnkitError(
                f'normalise is "{self.normalise}", and no mean is known; learn it from sounds: learnt(...)'
            )
        return np.array(self.mean), np.square(self.std)


Settings = TypeVar("Settings", bound=FrameSettings)


def settings_text(settings: Any) -> str:
    """Settings as the text of a file, in a Run and in a bundle: JSON.

    Example:

    >>> from rnnkit.codec.spectrogram import Spectrogram
    >>> settings_of(Spectrogram, json.loads(settings_text(Spectrogram(rate=8000))), "it").rate
    8000
    """
    return json.dumps(asdict(settings), indent=1) + "\n"


def settings_of(kind: type[Settings], content: Any, where: str) -> Settings:
    """Settings from the parsed content of that file, which may come from anyone.

    Args:
        kind: `Spectrogram` or `ReadyFrames`.
        content: The content.
        where: What messages call the file.

    Raises:
        RnnkitError: It is not what `settings_text` writes; says which setting is wrong.
    """
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    if not isinstance(content, dict) or {*content, *kind.LATER} != set(known):
        raise RnnkitError(f"{where} should have the settings {', '.join(known)}. It is broken; copy it again.")
    found = {**kind.LATER, **content}
    for name in ("mean", "std"):
        if not isinstance(found[name], list) or not all(_is_number(each) for each in found[name]):
            raise RnnkitError(f"{where}: {name} is no list of numbers. It is broken; copy it again.")
        found[name] = tuple(map(float, found[name]))
    if not isinstance(found["normalise"], str):
        raise RnnkitError(f"{where}: normalise is no text. It is broken; copy it again.")
    try:
        return kind(**found)
    except RnnkitError as error:
        raise RnnkitError(f"{where}: {error}") from None


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
