"""Sound files of unknown origin as samples of one channel at one rate; failures are one line."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.samples import samples_of
from rnnkit.codec.wav import SOUND_BYTES, require_sane
from rnnkit.data.sound_kinds import NEED, decode_sound
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import read_bytes
from rnnkit.installed import missing

#: Endings of the files that are read, with the kind that each names.
SUFFIXES = {".wav": "WAV", ".wave": "WAV", ".flac": "FLAC", ".ogg": "Ogg", ".oga": "Ogg", ".opus": "Ogg", ".mp3": "MP3"}
#: How long a sound may last, in seconds, where nothing else is said.
LONGEST = 600.0
_SILENT = 2 / 32768  # from the lowest sample to the highest
_FULL, _RUN = 0.998, 3  # how loud some samples in a row are, where a recording was too loud


@dataclass(frozen=True)
class Sound:
    """The samples of a file, and what it was.

    Attributes:
        samples: float32 `[time]`.
        rate: Samples a second.
        kind: The kind of file, such as "WAV, 16-bit".
        named: The kind that its name says, "" where it says none.
        file_rate: Samples a second in the file.
        channels: Channels in the file, which were mixed down to one.
        clipped: The share of samples in the file that are cut off at full scale, three or more in a row.
        peak: The loudest sample in the file.
    """

    samples: np.ndarray
    rate: int
    kind: str
    named: str
    file_rate: int
    channels: int
    clipped: float
    peak: float

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate


def open_sound(path: str | PathLike[str], rate: int, longest: float = LONGEST, silent: bool = False) -> Sound:
    """A sound file as samples of one channel at the wanted rate.

    The content decides what it is, not the suffix. Channels are averaged; another rate is resampled by soxr. What that
    changed is in the answer, and `rnnkit.data.sound_findings` turns it into lines. A file that is damaged or shorter
    than it says is refused, also where decoders would skip over the damage.

    Args:
        path: The file.
        rate: Samples a second that are wanted.
        longest: Seconds that it may last.
        silent: Whether it may be silent, which is not said of channels that cancel each other out.

    Raises:
        RnnkitError: It is no sound, is damaged, empty, silent or too long; or the package that reads it is not there.

    Example:

    >>> import tempfile, wave
    >>> file = Path(tempfile.mkdtemp(), "two.wav")
    >>> with wave.open(str(file), "wb") as made:
    ...     made.setparams((2, 2, 8000, 0, "NONE", ""))
    ...     made.writeframes(np.array([[8192, 0], [0, -16384]], "<i2").tobytes())
    >>> sound = open_sound(file, 8000)
    >>> sound.samples.tolist(), sound.channels, sound.kind
    ([0.125, -0.25], 2, 'WAV, 16-bit')
    """
    name = str(path)
    require_sane(rate, 1, "What is wanted")
    content = read_bytes(path, SOUND_BYTES)
    if not content:
        raise RnnkitError(f"{name} is empty; {NEED}.")
    values, file_rate, kind = decode_sound(content, name, longest)
    if not len(values):
        raise RnnkitError(f"{name} has no samples.")
    if not np.isfinite(values).all():
        raise RnnkitError(f"{name} has a sample that is no finite number; it is broken.")
    mixed = values[:, 0] if values.shape[1] == 1 else values.mean(axis=1)
    _require_heard(values, mixed, name, silent)
    facts = {"clipped": _clipped(values), "peak": float(np.abs(values).max())}
    named = SUFFIXES.get(Path(name).suffix.lower(), "")
    samples = resampled(mixed, file_rate, rate)
    return Sound(samples, rate, kind, named, file_rate, values.shape[1], **facts)


def sound_fault(path: str | PathLike[str], rate: int, longest: float = LONGEST, silent: bool = False) -> str | None:
    """Why a file cannot be read as a sound, in a line, or None. It is decoded whole, to be sure.

    Example:

    >>> sound_fault("no_such_file.wav", 8000)
    'no_such_file.wav cannot be read (No such file or directory).'
    """
    try:
        open_sound(path, rate, longest, silent)
    except RnnkitError as error:
        return str(error)
    return None


def samples_at(given: Any, wanted: int, place: str = "The sound") -> np.ndarray:
    """The samples of a sound in memory at the wanted rate, float32 `[time]`.

    Args:
        given: Samples at that rate, as for `samples_of`, or a pair of samples and their rate.
        wanted: Samples a second that they get.
        place: What messages call the sound.

    Raises:
        RnnkitError: It is no sound, or has a rate that no recording has.

    Example:

    >>> len(samples_at((np.zeros(44_100), 44_100), 16_000)), samples_at(np.array([16384], "int16"), 8000).tolist()
    (16000, [0.5])
    """
    samples, rate = given if isinstance(given, tuple) and len(given) == 2 else (given, wanted)
    is_number = isinstance(rate, int | float | np.integer | np.floating) and not isinstance(rate, bool)
    if not is_number:
        raise RnnkitError(f"{place} has the rate {rate!r:.40}; expected samples a second, such as {wanted}.")
    require_sane(rate, 1, place)
    return resampled(samples_of(samples, place), rate, wanted)


def resampled(samples: np.ndarray, rate: float, wanted: int) -> np.ndarray:
    """Samples at another rate, float32 `[time]`, by soxr in its high quality.

    Args:
        samples: float32 `[time]`.
        rate: Samples a second that they have.
        wanted: Samples a second that they get.

    Raises:
        RnnkitError: The rates differ, and soxr is not installed.

    Example:

    >>> len(resampled(np.zeros(44_100, "float32"), 44_100, 16_000))
    16000
    """
    if rate == wanted:
        return np.ascontiguousarray(samples, np.float32)
    try:
        import soxr
    except ImportError:
        raise missing("soxr", f"A sound of {rate:,} samples a second, where {wanted:,} are wanted,") from None
    return np.asarray(soxr.resample(np.asarray(samples, np.float32), rate, wanted, quality="HQ"), np.float32)


def _require_heard(values: np.ndarray, mixed: np.ndarray, name: str, silent: bool) -> None:
    if float(np.ptp(mixed)) > _SILENT:
        return
    if values.shape[1] > 1 and float(np.ptp(values, axis=0).max()) > _SILENT:
        raise RnnkitError(f"{name}: its {values.shape[1]} channels cancel each other out. Save one of them alone.")
    if not silent:
        raise RnnkitError(f"{name} is silent: all its {len(values):,} samples are about {float(mixed[0]):.4f}.")


def _clipped(values: np.ndarray) -> float:
    """The share of samples that are at full scale, `_RUN` or more in a row, on the same side."""
    full = (values >= _FULL).astype(np.int8) - (values <= -_FULL)
    if len(full) < _RUN or not full.any():
        return 0.0
    same = (full[:-2] == full[1:-1]) & (full[1:-1] == full[2:]) & (full[:-2] != 0)
    inside: Any = np.zeros(full.shape, bool)
    for shift in range(_RUN):
        inside[shift : len(full) - _RUN + 1 + shift] |= same
    return float(inside.mean())
