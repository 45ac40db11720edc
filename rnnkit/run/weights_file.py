"""A Run's file of weights, checked before its network is built: only plain numbers, of known shapes."""

import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from rnnkit.errors import CannotFetchError, RnnkitError
from rnnkit.files.archives import BROKEN, opened_archive
from rnnkit.files.reading import in_units
from rnnkit.run import folder as runs
from rnnkit.run.weight_shapes import Shape, only_weights_of

_WEIGHTS = "model.weights.h5"
_MEMBERS = {_WEIGHTS, "metadata.json", "config.json"}
_MOST_OBJECTS = 100_000
_PLAIN = (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT)
_ADVICE = "The Run is broken; train or copy it again."


def network_of(task: Any, folder: Path) -> Any:
    """The network that a Run's `config.json` asks for, with the weights of its `model.keras`.

    Args:
        task: With the Run's options and preprocessing.
        folder: The Run.

    Raises:
        RnnkitError: The file is not as Keras writes it, does not hold the network's weights, or holds some that are not
            finite. The network is built only as far as its weights are there.
    """
    path, config = folder / runs.MODEL, folder / runs.CONFIG
    if not path.exists():
        raise RnnkitError(f"{path} is missing. The Run is incomplete; train or copy it again.")
    shapes = shapes_in(path)
    try:
        with only_weights_of(shapes):
            network = task.build()
        runs.load_weights(network, path)
    except CannotFetchError as error:
        raise RnnkitError(f"{folder}: {error}") from None
    except Exception as error:  # h5py, zipfile and Keras each raise their own
        reason = str(error).strip().split("\n")[0][:200].rstrip(":. ")
        raise RnnkitError(f"{path} does not fit {config} ({reason}).") from None
    for weight in network.weights:
        if not np.isfinite(keras.ops.convert_to_numpy(weight.value)).all():
            raise RnnkitError(f"{path} holds weights that are no finite numbers, in {weight.path[:80]}. {_ADVICE}")
    return network


def shapes_in(path: Path) -> Counter[Shape]:
    """Counts of the weight shapes in a `.keras` file; only headers are read.

    Raises:
        RnnkitError: The file is not as Keras writes it.
    """
    with opened_archive(path, advice=_ADVICE) as archive:
        odd = [name for name in archive.namelist() if name not in _MEMBERS]
        if odd or _WEIGHTS not in archive.namelist():
            reason = f"it has {odd[0][:60]!r} in it" if odd else f"it has no {_WEIGHTS}"
            raise RnnkitError(f"{path} is not as Keras writes it ({reason}). {_ADVICE}")
        member = archive.getinfo(_WEIGHTS)
        try:
            with _seekable(archive, member) as content, h5py.File(content, "r") as file:
                return _shapes(file, member.file_size)
        except (OSError, KeyError, TypeError, RecursionError, MemoryError, *BROKEN) as error:
            if isinstance(error, RnnkitError):
                raise
            reason = " ".join(str(error).split())[:200]
            raise RnnkitError(f"{path} is not as Keras writes it ({reason}). {_ADVICE}") from None


def _shapes(file: Any, size: int) -> Counter[Shape]:
    shapes: Counter[Shape] = Counter()
    stored = 0
    for name, dataset in _datasets(file):
        layout = dataset.id.get_create_plist()
        if dataset.dtype.kind not in "fiub" and dataset.attrs.get("dtype") != "bfloat16":
            raise ValueError(f"{name} holds no numbers")
        if dataset.is_virtual or layout.get_external_count():
            raise ValueError(f"{name} lies in another file")
        if layout.get_nfilters() or layout.get_layout() not in _PLAIN:
            raise ValueError(f"{name} of {in_units(dataset.nbytes)} is compressed or in parts")
        there = dataset.id.get_storage_size()
        if dataset.shape is None or there != dataset.nbytes:
            raise ValueError(f"{name} says that it has {in_units(dataset.nbytes)}, and there are {in_units(there)}")
        stored += there
        shapes[tuple(map(int, dataset.shape))] += 1
    if stored > size:
        raise ValueError(f"its weights have {in_units(stored)}, and the file has {in_units(size)}")
    return shapes


def _datasets(file: Any) -> Iterator[tuple[str, Any]]:
    """All of a file's tables of numbers, by name; each is there once, and none lies elsewhere."""
    seen: set[int] = set()
    groups = [file]
    while groups:
        group = groups.pop()
        for key in group:
            name = f"{group.name}/{key}"[-80:]
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                raise ValueError(f"{name} is a link")
            each = group[key]
            place = h5py.h5o.get_info(each.id).addr
            if place in seen or len(seen) > _MOST_OBJECTS:
                raise ValueError(f"{name} is there twice" if place in seen else "it holds too many parts")
            seen.add(place)
            if isinstance(each, h5py.Group):
                groups.append(each)
            elif isinstance(each, h5py.Dataset):
                yield name, each
            else:
                raise ValueError(f"{name} holds no numbers")


def _seekable(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Any:
    """The bytes of a member: where they are stored as they are, without a copy of them in memory."""
    if member.compress_type == zipfile.ZIP_STORED:
        return _Stored(archive, member)
    return io.BytesIO(archive.read(member))


class _Stored(io.RawIOBase):
    """A reader of a stored member at any offset; `ZipFile.open` restarts for each step back."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        super().__init__()
        archive.open(member).close()  # checks the member's own header
        file: Any = archive.fp
        file.seek(member.header_offset + 26)
        lengths = file.read(4)
        self._file = file
        self._first = member.header_offset + 30 + int.from_bytes(lengths[:2], "little")
        self._first += int.from_bytes(lengths[2:], "little")
        self._size, self._at = member.file_size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._first + self._at)
        content = self._file.read(max(min(len(buffer), self._size - self._at), 0))
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)
