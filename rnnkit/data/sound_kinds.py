"""The kinds of sound files that are read, WAV, FLAC, Ogg and MP3: each is checked to be whole, then decoded."""

import hashlib
import io
import math
from collections.abc import Callable

import numpy as np

from rnnkit.codec.wav import decode_wav, is_wav, require_sane, wav_header
from rnnkit.data.mp3_frames import is_mp3, require_whole_mp3
from rnnkit.data.ogg_pages import require_whole_ogg
from rnnkit.errors import RnnkitError, one_line
from rnnkit.installed import missing
from rnnkit.noise import without_noise

NEED = "expected a WAV, FLAC, Ogg (Vorbis, Opus) or MP3 file"
_BLOCK = 65_536
#: Others' first bytes, and where they stand.
_OTHERS = (
    (b"FORM", 0, "an AIFF file"), (b".snd", 0, "an AU file"), (b"NIST_1A", 0, "a SPHERE file"),
    (b"ftyp", 4, "an MP4 file (M4A, AAC)"), (b"\x1aE\xdf\xa3", 0, "a WebM or Matroska file"),
    (b"#!AMR", 0, "an AMR file"), (b"caff", 0, "a CAF file"), (b"riff.\x91\xcf\x11", 0, "a Wave64 file"),
    (b"RIFX", 0, "a big-endian WAV file (RIFX)"), (b"0&\xb2u", 0, "a WMA file"), (b"MThd", 0, "a MIDI file, notes"),
    (b"RIFF", 0, "a RIFF file without sound"), (b"PK\x03\x04", 0, "a zip file"), (b"\x1f\x8b", 0, "a gzip file"),
    (b"%PDF", 0, "a PDF file"), (b"\x89PNG", 0, "a picture"), (b"\xff\xd8\xff", 0, "a picture"),
)  # fmt: skip
#: How the lines begin that the decoder of MP3 writes to the screen.
_MPG123 = ("[src/libmpg123/", "Warning: Xing")
#: Samples `[time, channels]`, their rate, and the kind of file.
_Decoded = tuple[np.ndarray, int, str]


def decode_sound(content: bytes, name: str, longest: float) -> _Decoded:
    """The samples of a sound file, float32 `[time, channels]`, how many there are a second, and the kind of the file.

    Args:
        content: The whole file.
        name: What messages call it.
        longest: Seconds that it may last.

    Raises:
        RnnkitError: It is no sound, is damaged, cut short or too long; or the package that reads it is not there.
    """
    values, rate, kind = _decoder(content, name)(content, name, longest)
    _require_length(len(values) / rate, longest, name)
    return values, rate, kind


def _decoder(content: bytes, name: str) -> Callable[[bytes, str, float], _Decoded]:
    """What reads a file that begins so."""
    if is_wav(content):
        return _wav
    if content.startswith(b"fLaC"):
        return _flac
    if content.startswith(b"OggS"):
        return _ogg
    if is_mp3(content):
        return _mp3
    for mark, place, what in _OTHERS:
        if content.startswith(mark, place):
            raise RnnkitError(f"{name} is {what}; {NEED}.")
    try:
        what = "text" if content[:4096].decode("utf-8").isprintable() or content[:64].isascii() else "no sound"
    except UnicodeDecodeError:
        what = "no sound"
    raise RnnkitError(f"{name} is {what}; {NEED}.")


def _wav(content: bytes, name: str, longest: float) -> _Decoded:
    header = wav_header(content, name)
    if not header.is_plain:
        return _by_library(content, name, longest, header.kind)
    _require_length(header.size / (header.channels * header.bits // 8) / header.rate, longest, name)
    return decode_wav(content, name)[0], header.rate, header.kind


def _flac(content: bytes, name: str, longest: float) -> _Decoded:
    return _by_library(content, name, longest, "FLAC", digest=content[26:42] if content[4] & 127 == 0 else b"")


def _ogg(content: bytes, name: str, longest: float) -> _Decoded:
    require_whole_ogg(content, name)
    return _by_library(content, name, longest, "Ogg")


def _mp3(content: bytes, name: str, longest: float) -> _Decoded:
    _require_length(require_whole_mp3(content, name), longest, name)
    with without_noise(_MPG123) as said:
        decoded = _by_library(content, name, longest, "MP3")
    if wrong := next((line.partition(" error: ")[2] for line in said if " error: " in line), ""):
        raise RnnkitError(f"{name} is damaged ({one_line(wrong)[:80]}). Copy it again.")
    return decoded


def _by_library(content: bytes, name: str, longest: float, kind: str, digest: bytes = b"") -> _Decoded:
    """The samples that libsndfile reads, where they are as many as the file says."""
    try:
        import soundfile
    except (ImportError, OSError):  # the package, or the library that it brings on most platforms
        raise missing("soundfile", f"Reading {name} ({kind})") from None
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            require_sane(file.samplerate, file.channels, name)
            bits = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}.get(file.subtype, 0)
            if file.frames < 2**40:  # otherwise it does not know
                _require_length(file.frames / file.samplerate, longest, name)
            whole = digest.strip(b"\0") and bits
            blocks, total, most = [], 0, math.ceil(longest * file.samplerate) + 1
            while total < most and len(
                block := file.read(_BLOCK, dtype="int32" if whole else "float32", always_2d=True)
            ):
                blocks.append(block)
                total += len(block)
            said, rate, channels = file.frames, file.samplerate, file.channels
    except soundfile.LibsndfileError as error:
        reason = one_line(str(getattr(error, "error_string", "")).strip(" .\0")) or "no reason is given"
        raise RnnkitError(f"{name} is damaged, cut short, or of a kind that is not read ({reason}).") from None
    except MemoryError:
        raise RnnkitError(f"{name} needs more memory than there is.") from None
    if total < min(said, most):
        raise RnnkitError(f"{name} is cut short: it says {said:,} samples, and there are {total:,}. Copy it again.")
    values = np.concatenate(blocks) if blocks else np.zeros((0, channels), np.float32)
    if whole and total < most:
        if hashlib.md5(_packed(values, bits), usedforsecurity=False).digest() != digest:
            raise RnnkitError(f"{name} is damaged: its samples do not have the digest that it names. Copy it again.")
    return values.astype(np.float32) / np.float32(2**31) if whole else values, rate, kind


def _packed(values: np.ndarray, bits: int) -> bytes:
    """Samples of the highest bits of int32 as FLAC counts them: little-endian, in as few bytes as they fit in."""
    raw = np.ascontiguousarray(values, "<i4").view(np.uint8).reshape(-1, 4)
    return raw[:, 4 - bits // 8 :].tobytes()


def _require_length(seconds: float, longest: float, name: str) -> None:
    if seconds > longest:
        raise RnnkitError(
            f"{name} lasts {seconds:,.1f} seconds; sounds of up to {longest:,.1f} are read. Cut it into shorter ones."
        )
