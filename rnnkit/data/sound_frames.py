"""Frames that others made of sounds: Sphinx's `.mfc` files, and NumPy's `.npy` and `.npz`."""

import io
import math
import zipfile
from os import PathLike
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError, one_line
from rnnkit.files.archives import BROKEN, opened_archive
from rnnkit.files.reading import in_units, read_bytes
from rnnkit.noise import old_npy_headers

#: What a file of frames may have at most, in bytes, and an archive of them unpacked.
FRAMES_BYTES = 512 * 2**20
#: Features of a Sphinx frame where nothing else is said.
CEPSTRA = 13
_FARTHEST = 1e6  # no feature of a sound lies beyond it; numbers read in the wrong order of bytes soon do
_SWAPPED = "Sphinx files are big-endian; numpy.fromfile(FILE, '<f4').byteswap().tofile(FILE) turns one round."


def read_mfc(path: str | PathLike[str], features: int = CEPSTRA) -> np.ndarray:
    """The frames of a Sphinx file: a count as big-endian int32, then so many big-endian float32.

    Args:
        path: The file.
        features: The numbers of a frame.

    Returns:
        float32 `[frames, features]`.

    Raises:
        RnnkitError: Its count does not fit its size, it is little-endian, is no whole number of frames, or has numbers
            that no frame has.

    Example:

    >>> import struct, tempfile
    >>> file = Path(tempfile.mkdtemp(), "one.mfc")
    >>> _ = file.write_bytes(struct.pack(">i4f", 4, 0.5, 1, 2, 3))
    >>> read_mfc(file, features=2).tolist()
    [[0.5, 1.0], [2.0, 3.0]]
    """
    name = str(path)
    content = read_bytes(path, FRAMES_BYTES)
    count, rest = int.from_bytes(content[:4], "big", signed=True), len(content) - 4
    if rest < 0:
        raise RnnkitError(f"{name} has {in_units(len(content))}; expected a count of 4 bytes, then float32 numbers.")
    if count * 4 != rest:
        if int.from_bytes(content[:4], "little", signed=True) * 4 == rest:
            raise RnnkitError(f"{name} is little-endian. {_SWAPPED}")
        raise RnnkitError(
            f"{name} is cut short or no Sphinx file: it says that it has {count:,} numbers of 4 bytes, and {rest:,} "
            "bytes follow."
        )
    if not count or count % features:
        raise RnnkitError(f"{name} has {count:,} numbers; expected a whole number of frames of {features:,}.")
    frames = np.frombuffer(content, ">f4", offset=4).astype(np.float32)
    return _checked(frames.reshape(-1, features), name, _SWAPPED)


def read_frames(path: str | PathLike[str], features: int | None = None) -> np.ndarray:
    """The frames of one sound, float32 `[frames, features]`, of an `.mfc`, `.npy` or `.npz` file with one array.

    Args:
        path: The file.
        features: The numbers that a frame has to have; None: 13 in an `.mfc` file, any number in others.

    Raises:
        RnnkitError: As `read_mfc`; or the file is none of these, or has another array.
    """
    ending = Path(path).suffix.lower()
    if ending == ".mfc":
        return read_mfc(path, features or CEPSTRA)
    if ending == ".npz":
        found = read_frame_archive(path)
        if len(found) != 1:
            raise RnnkitError(f"{path} has {len(found):,} arrays; expected one, the frames of a sound.")
        frames = next(iter(found.values()))
    elif ending == ".npy":
        frames = _array(read_bytes(path, FRAMES_BYTES), str(path))
    else:
        raise RnnkitError(f"{path} is no file of frames; expected .mfc, .npy or .npz.")
    if features is not None and frames.shape[1] != features:
        raise RnnkitError(f"{path} has frames of {frames.shape[1]:,} features; expected {features:,}.")
    return frames


def read_frame_archive(path: str | PathLike[str]) -> dict[str, np.ndarray]:
    """The frames of many sounds, float32 `[frames, features]` each, by the names that `numpy.savez` was given.

    Args:
        path: An `.npz` file.

    Raises:
        RnnkitError: It is no such file, unpacks to too much, holds Python objects, or an array is not of frames.
    """
    name, found = str(path), dict[str, np.ndarray]()
    with opened_archive(path) as archive:
        if (size := sum(member.file_size for member in archive.infolist())) > FRAMES_BYTES:
            raise RnnkitError(f"{name} unpacks to {in_units(size)}; expected at most {in_units(FRAMES_BYTES)}.")
        for member in archive.infolist():
            try:
                content = archive.read(member)
            except (OSError, *BROKEN, zipfile.LargeZipFile) as error:
                raise RnnkitError(
                    f"{name}: {member.filename!r:.60} is damaged ({one_line(str(error))[:80]})."
                ) from None
            found[member.filename.removesuffix(".npy")] = _array(content, f"{name}: {member.filename!r:.60}")
    if not found:
        raise RnnkitError(f"{name} has no array; expected the frames of sounds, [frames, features] each.")
    return found


def _array(content: bytes, name: str) -> np.ndarray:
    """The frames of an `.npy` file, whose header is believed only where it fits the file."""
    file = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(file)
        read: Any = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        with old_npy_headers():
            shape, fortran, dtype = read(file)
    except (ValueError, KeyError, EOFError, SyntaxError, TypeError, MemoryError, RecursionError, TokenError) as error:
        raise RnnkitError(
            f"{name} cannot be read as .npy ({one_line(str(error))[:80]}). numpy.save writes one."
        ) from None
    if dtype.kind != "f" or len(shape) != 2 or not all(isinstance(side, int) and side > 0 for side in shape):
        objects = "; Python objects are never loaded" if dtype.hasobject else ""
        raise RnnkitError(f"{name} is {dtype} {list(shape)}; expected floats [frames, features]{objects}.")
    raw = memoryview(content)[file.tell() :]
    if len(raw) != math.prod(shape) * dtype.itemsize:
        raise RnnkitError(f"{name} is cut short or broken: {list(shape)} {dtype} are not {len(raw):,} bytes.")
    with np.errstate(over="ignore"):
        values = np.frombuffer(raw, dtype).reshape(shape, order="F" if fortran else "C").astype(np.float32)
    return _checked(np.ascontiguousarray(values), name, "")


def _checked(frames: np.ndarray, name: str, advice: str) -> np.ndarray:
    if not (finite := np.isfinite(frames)).all():
        frame, feature = np.argwhere(~finite)[0]
        raise RnnkitError(
            f"{name}: feature {feature + 1} of frame {frame + 1:,} is no finite number. {advice}".rstrip()
        )
    if (farthest := float(np.abs(frames).max())) > _FARTHEST:
        raise RnnkitError(f"{name} has a number of {farthest:.3g}, which no frame of a sound has. {advice}".rstrip())
    return frames
