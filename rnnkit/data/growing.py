"""Arrays of a length that is not known before: in memory while they are small, then in a file that is mapped."""

import mmap
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnkit.data.samples import cache_folder
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import in_units


class Growing:
    """Bytes that are added one after another, and then seen as an array.

    Up to `LIMIT` they are in memory. Beyond that they go into a file that has no name, so that nothing is left of it
    however the process ends, and the array is a view of it that can be read alone: the system keeps in memory of it
    what is used, and as much as there is room for.

    Example:

    >>> rows = Growing()
    >>> rows.add(np.array([1, 2], np.int32).tobytes())
    >>> rows.add(np.array([3], np.int32).tobytes())
    >>> rows.array(np.dtype(np.int32))
    array([1, 2, 3], dtype=int32)
    """

    #: Bytes held in memory.
    LIMIT: ClassVar[int] = 2**27

    def __init__(self) -> None:
        self._held = bytearray()
        self._file: Any = None
        self._written = 0

    def __len__(self) -> int:
        return self._written + len(self._held)

    def add(self, more: bytes) -> None:
        """Append bytes.

        Raises:
            RnnkitError: There is no room left on the disk.
        """
        self._held += more
        if len(self._held) > (self.LIMIT if self._file is None else self.LIMIT // 16):
            self._flush()

    def array(self, dtype: np.dtype[Any], shape: tuple[int, ...] = (-1,)) -> np.ndarray:
        """All bytes as an array; nothing can be added any more.

        Args:
            dtype: Of its numbers.
            shape: Its sides, of which one may be -1.

        Raises:
            RnnkitError: As `add`.
        """
        if self._file is None:
            return np.frombuffer(self._held, dtype).reshape(shape)
        self._flush()
        mapped = mmap.mmap(self._file.fileno(), self._written, access=mmap.ACCESS_READ)
        self._file.close()  # the mapping stays
        return np.frombuffer(mapped, dtype).reshape(shape)

    def _flush(self) -> None:
        folder = scratch_folder()
        try:
            if self._file is None:
                folder.mkdir(parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  (closed once it is mapped)
            self._file.write(self._held)
            self._file.flush()
        except OSError as error:
            raise RnnkitError(
                f"{folder} cannot hold {in_units(len(self))} of data ({error.strerror or error}). Make room, or "
                "name another folder with RNNKIT_CACHE."
            ) from None
        self._written += len(self._held)
        self._held = bytearray()


def scratch_folder() -> Path:
    """The folder of data that do not fit into memory, in rnnkit's cache."""
    return cache_folder() / "scratch"


def is_mapped(array: np.ndarray) -> bool:
    """Whether an array is a view of a file.

    Example:

    >>> is_mapped(np.zeros(3))
    False
    """
    return _mapping(array) is not None


def let_go(array: np.ndarray) -> None:
    """Take what was read of a mapped array out of this process's memory; it is mapped again where it is read again.

    The system would do so by itself only once memory is scarce, and until then the process looks as large as the file.
    """
    mapping = _mapping(array)
    if mapping is not None and hasattr(mapping, "madvise") and hasattr(mmap, "MADV_DONTNEED"):
        mapping.madvise(mmap.MADV_DONTNEED)


def _mapping(array: np.ndarray) -> Any:
    base: Any = array
    while isinstance(base, np.ndarray) and base.base is not None:
        base = base.base
    base = base.obj if isinstance(base, memoryview) else base
    return base if isinstance(base, mmap.mmap) else None
