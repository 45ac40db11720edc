"""Reading of a checkpoint's arrays; each is compared with the expected one before unpacking."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.files.archives import BROKEN, opened_archive
from rnnkit.files.reading import JSON_BYTES, in_units
from rnnkit.noise import old_npy_headers

_SUFFIX = ".npy"


def read_arrays(path: Path, wanted: Mapping[str, np.ndarray], text: str) -> tuple[dict[str, np.ndarray], bytes]:
    """The arrays of an `.npz` file.

    Args:
        path: The file.
        wanted: For each name an array of the shape and dtype that the file's must have; it holds no others.
        text: The name of one array more, of bytes.

    Returns:
        The arrays by name, and the bytes of `text`.

    Raises:
        ValueError: It is no zip file, unpacks to far more than it is, or holds other arrays.
    """
    with opened_archive(path) as archive:
        try:
            members = {member.filename.removesuffix(_SUFFIX): member for member in archive.infolist()}
            if odd := sorted(set(members) ^ {*wanted, text}):
                raise ValueError(
                    f"it holds {len(members)} arrays, expected {len(wanted) + 1}; {odd[0][:60]!r} is the first odd one"
                )
            for name, member in members.items():
                _check(archive, member, name, wanted.get(name))
            arrays = {name: _array(archive, member) for name, member in members.items()}
        except (OSError, SyntaxError, *BROKEN) as error:
            raise ValueError(" ".join(str(error).split())[:300] or type(error).__name__) from None
    return arrays, arrays.pop(text).tobytes()


def _check(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, like: np.ndarray | None) -> None:
    """Refuse an array unlike the expected one, or, without one, unlike bytes."""
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        with old_npy_headers():
            shape, _, dtype = read(file)
    if like is None:
        fits, kind = dtype == np.uint8 and shape == (min(sum(shape), JSON_BYTES),), "some text"
    else:
        fits, kind = (shape, dtype) == (like.shape, like.dtype), f"{like.dtype} {list(like.shape)}"
    if not fits:
        raise ValueError(f"{name} is {dtype} {list(shape)!s:.80}, {in_units(member.file_size)}; expected {kind}")


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(member) as file:
        with old_npy_headers():
            array: Any = np.lib.format.read_array(file, allow_pickle=False)
    return np.asarray(array)
