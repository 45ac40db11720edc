"""WAV files of unknown origin: what their header says, checked against what is there, and their samples."""

import struct
from dataclasses import dataclass
from os import PathLike

import numpy as np

from rnnkit.codec.samples import require_loudness
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import in_units, read_bytes
from rnnkit.installed import install_command

#: What a sound file may have at most, in bytes.
SOUND_BYTES = 512 * 2**20
#: The rates that are read, in samples a second, and the channels.
LEAST_RATE, MOST_RATE, MOST_CHANNELS = 1_000, 768_000, 64
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_CODECS = {2: "Microsoft ADPCM", 6: "A-law", 7: "µ-law", 0x11: "IMA ADPCM", 0x31: "GSM 6.10", 0x55: "MP3"}
_GUID_END = bytes.fromhex("000000001000800000aa00389b71")  # of a format that is also a number
_MOST_CHUNKS = 10_000
_UNKNOWN_SIZE = 0x7FFF0000  # from here up: written by a program that did not know yet how much was to come
_BIG = {b"RF64", b"BW64"}


@dataclass(frozen=True)
class WavHeader:
    """What a WAV file is.

    Attributes:
        codec: 1 for PCM, 3 for floats, others as Microsoft numbers them.
        bits: Of a sample.
        channels: How many there are.
        rate: Samples a second.
        start: The byte at which the samples begin.
        size: Bytes of samples.
    """

    codec: int
    bits: int
    channels: int
    rate: int
    start: int
    size: int

    @property
    def is_plain(self) -> bool:
        """Whether `decode_wav` reads it."""
        return (self.codec, self.bits) in {(_PCM, 8), (_PCM, 16), (_PCM, 24), (_PCM, 32), (_FLOAT, 32), (_FLOAT, 64)}

    @property
    def kind(self) -> str:
        """Its name for messages."""
        if self.codec in (_PCM, _FLOAT):
            return f"WAV, {self.bits}-bit{' float' * (self.codec == _FLOAT)}"
        return f"WAV, {_CODECS.get(self.codec, f'codec {self.codec:#06x}')}"


def is_wav(content: bytes) -> bool:
    """Whether a file begins as a WAV file does.

    Example:

    >>> is_wav(b"RIFF....WAVEfmt "), is_wav(b"fLaC")
    (True, False)
    """
    return content[:4] in {b"RIFF", *_BIG} and content[8:12] == b"WAVE"


def wav_header(content: bytes, name: str = "The sound") -> WavHeader:
    """The header of a WAV file, where it agrees with itself and with the file.

    Args:
        content: The whole file.
        name: What messages call it.

    Raises:
        RnnkitError: It is none, is cut short, or its numbers contradict each other; says which.
    """
    if not is_wav(content):
        raise RnnkitError(f"{name} is no WAV file.")
    form, large, at = None, None, 12
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(content):
            left = "no samples (no data chunk)" if form else "no description of its samples (no fmt chunk)"
            raise RnnkitError(f"{name} has {left}; it is broken or cut short.")
        mark, size = struct.unpack_from("<4sI", content, at)
        at += 8
        if mark == b"data":
            if form is None:
                raise RnnkitError(f"{name} has its samples before their description (fmt chunk); it is broken.")
            if size >= _UNKNOWN_SIZE and large is None and at + size > len(content):
                size = -1
            elif size == 0xFFFFFFFF and large is not None:
                size = large
            return _checked(form, at, size, len(content), name)
        if at + size > len(content):
            raise RnnkitError(f"{name} is cut short or broken: a chunk of {in_units(size)} ends beyond the file.")
        if mark == b"ds64" and size >= 28 and content[:4] in _BIG:
            large = struct.unpack_from("<Q", content, at + 8)[0]
        if mark == b"fmt ":
            form = _form(content[at : at + size], name)
        at += size + size % 2
    raise RnnkitError(f"{name} has more than {_MOST_CHUNKS:,} chunks before its samples; it is broken.")


def decode_wav(content: bytes, name: str = "The sound") -> tuple[np.ndarray, WavHeader]:
    """The samples of a WAV file of 8, 16, 24 or 32 bits or floats, float32 `[time, channels]`, and its header.

    Args:
        content: The whole file.
        name: What messages call it.

    Raises:
        RnnkitError: As `wav_header`; it has another codec, or samples that are no finite numbers or far beyond full
            scale.

    Example:

    >>> samples = np.array([0, 16384, -32768], "<i2").tobytes()
    >>> form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    >>> file = b"RIFF" + struct.pack("<I", 42) + b"WAVE" + form + struct.pack("<4sI", b"data", 6) + samples
    >>> decode_wav(file)[0].ravel().tolist()
    [0.0, 0.5, -1.0]
    """
    header = wav_header(content, name)
    if not header.is_plain:
        raise RnnkitError(f"{name} is a {header.kind}; expected PCM of 8, 16, 24 or 32 bits, or floats.")
    return _samples(content, header, name).reshape(-1, header.channels), header


def read_wav(path: str | PathLike[str], rate: int) -> np.ndarray:
    """The samples of a plain WAV file with one channel at this rate, float32 `[time]`.

    Where nothing but the runner is installed; `rnnkit.data.sounds.open_sound` reads more kinds, rates and channels.

    Args:
        path: The file.
        rate: Samples a second.

    Raises:
        RnnkitError: It is no such file; names what reads it.
    """
    content = read_bytes(path, SOUND_BYTES)
    more = f"Convert it, or read it with all of rnnkit: {install_command()}"
    if not is_wav(content):
        raise RnnkitError(f"{path} is no WAV file, the one kind that is read here. {more}")
    header = wav_header(content, str(path))
    if not header.is_plain or header.channels != 1 or header.rate != rate:
        raise RnnkitError(
            f"{path} is a {header.kind} (channels: {header.channels}) at {header.rate:,} Hz; "
            f"expected PCM or floats, 1 channel at {rate:,} Hz. {more}"
        )
    return _samples(content, header, str(path))


def _form(chunk: bytes, name: str) -> tuple[int, int, int, int, int]:
    """Codec, channels, rate, bytes of a sample of all channels, and bits."""
    if len(chunk) < 16:
        raise RnnkitError(f"{name} has a description of its samples (fmt chunk) of {len(chunk)} bytes; expected 16.")
    codec, channels, rate, _, block, bits = struct.unpack_from("<HHIIHH", chunk)
    if codec == _EXTENSIBLE:
        if len(chunk) < 40 or chunk[26:40] != _GUID_END:
            raise RnnkitError(f"{name} has an extensible WAV header without the format of its samples; it is broken.")
        codec = struct.unpack_from("<H", chunk, 24)[0]
    return codec, channels, rate, block, bits


def _checked(form: tuple[int, int, int, int, int], start: int, size: int, length: int, name: str) -> WavHeader:
    codec, channels, rate, block, bits = form
    require_sane(rate, channels, name)
    if codec in (_PCM, _FLOAT) and (bits % 8 or not bits or block != channels * bits // 8):
        raise RnnkitError(
            f"{name}: its header says {channels} channels of {bits} bits in {block} bytes, which contradict each other."
        )
    if not block:
        raise RnnkitError(f"{name}: its header says that a sample has 0 bytes.")
    there = length - start
    if size < 0:  # up to the end
        size = there - there % block
    if size > there:
        raise RnnkitError(
            f"{name} is cut short: its header says {size:,} bytes of samples, and there are {there:,}. Copy it again."
        )
    if size % block and codec in (_PCM, _FLOAT):
        raise RnnkitError(f"{name}: {size:,} bytes of samples are no whole number of {block} bytes; it is broken.")
    if not size:
        raise RnnkitError(f"{name} has no samples: its header says 0 bytes, and {there:,} follow.")
    return WavHeader(codec, bits, channels, rate, start, size)


def require_sane(rate: float, channels: int, name: str) -> None:
    """Refuse rates and channels that no recording has.

    Raises:
        RnnkitError: Names the number, and those that are read.
    """
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise RnnkitError(f"{name} has {rate:,} samples a second; expected {LEAST_RATE:,} to {MOST_RATE:,}.")
    if not 1 <= channels <= MOST_CHANNELS:
        raise RnnkitError(f"{name} has {channels:,} channels; expected 1 to {MOST_CHANNELS}.")


def _samples(content: bytes, header: WavHeader, name: str) -> np.ndarray:
    """float32 `[time * channels]`."""
    raw = memoryview(content)[header.start : header.start + header.size]
    if header.codec == _FLOAT:
        with np.errstate(over="ignore"):
            values = np.frombuffer(raw, f"<f{header.bits // 8}").astype(np.float32)
        if not (finite := np.isfinite(values)).all():
            at = int(np.argmin(finite)) // header.channels
            raise RnnkitError(f"{name}: sample {at + 1:,} is no finite number; the recording is broken.")
        require_loudness(values, name)
        return values
    if header.bits == 8:  # the one width without a sign
        return (np.frombuffer(raw, np.uint8).astype(np.float32) - 128) / 128
    if header.bits == 24:
        wide = np.zeros((header.size // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        return wide.view("<i4")[:, 0].astype(np.float32) / np.float32(2**31)
    return np.frombuffer(raw, f"<i{header.bits // 8}").astype(np.float32) / np.float32(2 ** (header.bits - 1))
