"""A disk cache of image features, so that no picture is encoded twice."""

import json
import re
import time
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.data.samples import cache_folder
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import open_regular, read_json
from rnnkit.files.writing import UNFINISHED, whole
from rnnkit.noise import old_npy_headers

_DTYPE = np.dtype("<f2")
_BLOCK = 1024  # pictures per file; at most this many are lost when the process is killed
#: The suffix of files being written.
_LEFT = re.compile(rf"[0-9a-f]{{24}}\.(npy|json)\.[0-9a-f]{{16}}{re.escape(UNFINISHED)}")
_STALE = 3600  # seconds after which an unfinished file is considered abandoned


class FeatureCache:
    """Features by picture, in float16 files of up to 1,024 pictures, read on demand.

    A file is written under a temporary name and renamed when complete, so that a process may be killed at any time, and
    several may write at once. A damaged file is skipped, and its pictures are encoded again. There is no pickle: a
    block contains only numbers, and its list of digests is JSON.

    Args:
        encoder: Name of the encoder, with its weights' digest where it was trained further.
        size: Height and width of the pictures in pixels.
        shape: Shape of one picture's features.
        folder: The folder for the features of all encoders; by default in rnnkit's cache. It may be deleted at any
            time.
        keep: Whether to keep features on disk; if not (`--no-cache`), they are held in memory.

    Raises:
        RnnkitError: The folder cannot be written.

    Example:

    >>> import tempfile
    >>> cache = FeatureCache("mean", 8, (2,), tempfile.mkdtemp())
    >>> cache.fill(["a", "b"], lambda digests: np.array([[1, 2]] * len(digests)))
    >>> again = FeatureCache("mean", 8, (2,), cache.folder.parent)
    >>> again.missing(["a", "b", "c"]), again.get(["b"]).tolist()
    (['c'], [[1.0, 2.0]])
    """

    def __init__(
        self,
        encoder: str,
        size: int,
        shape: Sequence[int],
        folder: str | PathLike[str] | None = None,
        keep: bool = True,
    ) -> None:
        self.shape = tuple(int(side) for side in shape)
        self.keep = keep
        about = {"encoder": encoder, "size": size, "shape": list(self.shape)}
        short = blake2b(json.dumps(about, sort_keys=True).encode(), digest_size=6).hexdigest()
        readable = "".join(letter if letter.isalnum() else "_" for letter in encoder)[:40]
        parent = Path(folder) if folder is not None else cache_folder() / "features"
        self.folder = parent / f"{readable}-{size}-{short}"
        self._blocks: list[np.ndarray] = []
        self._places: dict[str, tuple[int, int]] = {}  # digest to block and row
        if keep:
            self._open()

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, digest: str) -> bool:
        return digest in self._places

    @property
    def bytes_a_picture(self) -> int:
        """Bytes per picture."""
        return int(np.prod(self.shape)) * _DTYPE.itemsize

    def missing(self, digests: Iterable[str]) -> list[str]:
        """The digests that are not cached yet, each once, in order."""
        return [digest for digest in dict.fromkeys(digests) if digest not in self._places]

    def get(self, digests: Sequence[str]) -> np.ndarray:
        """The features of cached pictures.

        Args:
            digests: Digests of `rnnkit.codec.pictures.picture_digest`.

        Returns:
            float16 `[pictures, *shape]`, a copy.

        Raises:
            RnnkitError: One of them is not cached.
        """
        made = np.empty((len(digests), *self.shape), _DTYPE)
        for row, digest in enumerate(digests):
            if digest not in self._places:
                raise RnnkitError(f"The features of the picture {digest} are not in {self.folder}; encode it first.")
            block, place = self._places[digest]
            made[row] = self._blocks[block][place]
        return made

    def put(self, digests: Sequence[str], features: np.ndarray) -> None:
        """Cache the features of some pictures, in a file of their own.

        Args:
            digests: Digests of the pictures.
            features: `[pictures, *shape]`; numbers beyond float16's range are clipped.

        Raises:
            RnnkitError: They have another shape, or the disk is full.
        """
        values = np.asarray(features)
        if values.shape != (len(digests), *self.shape):
            raise RnnkitError(f"Features of {list(values.shape)}; expected {[len(digests), *self.shape]}.")
        if not len(digests):
            return
        largest = np.finfo(_DTYPE).max
        block = np.clip(values, -largest, largest).astype(_DTYPE)
        if self.keep:
            block = self._write(list(digests), block)
        self._add(list(digests), block)

    def fill(
        self,
        digests: Iterable[str],
        encode: Callable[[list[str]], np.ndarray],
        say: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """Encode and cache the missing pictures, 1,024 at a time.

        Args:
            digests: Digests of the pictures.
            encode: Maps digests to features.
            say: Called with the numbers of encoded and of initially missing pictures.
        """
        missing = self.missing(digests)
        for start in range(0, len(missing), _BLOCK):
            some = missing[start : start + _BLOCK]
            self.put(some, encode(some))
            say(start + len(some), len(missing))

    def _open(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lists = sorted(self.folder.glob("*.json"))
            for left in self.folder.glob(f"*{UNFINISHED}"):  # left by a killed process
                if _LEFT.fullmatch(left.name) and time.time() - left.stat().st_mtime > _STALE:
                    left.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from None
        for path in lists:
            try:
                digests = read_json(path)
                with open_regular(path.with_suffix(".npy")), old_npy_headers():
                    block = np.lib.format.open_memmap(path.with_suffix(".npy"), mode="r")
            except Exception:  # whatever the damage, its pictures are encoded again
                continue
            known = isinstance(digests, list) and all(isinstance(digest, str) for digest in digests)
            if known and block.shape == (len(digests), *self.shape) and block.dtype == _DTYPE:
                self._add(digests, block)

    def _add(self, digests: list[str], block: np.ndarray) -> None:
        for row, digest in enumerate(digests):
            self._places.setdefault(digest, (len(self._blocks), row))
        self._blocks.append(block)

    def _write(self, digests: list[str], block: np.ndarray) -> np.ndarray:
        """Write two files; the list of digests is renamed last, and without it the block is ignored."""
        name = blake2b("\n".join(digests).encode(), digest_size=12).hexdigest()
        target = self.folder / f"{name}.npy"
        try:
            self._whole(target, lambda file: np.save(file, block, allow_pickle=False))
            self._whole(target.with_suffix(".json"), lambda file: file.write(json.dumps(digests).encode("ascii")))
            return np.asarray(np.load(target, mmap_mode="r", allow_pickle=False))
        except OSError as error:
            raise self._unwritable(error) from None

    def _whole(self, target: Path, write: Callable[[Any], Any]) -> None:
        with whole(target) as file:
            write(file)

    def _unwritable(self, error: OSError) -> RnnkitError:
        return RnnkitError(
            f"Picture features cannot be cached in {self.folder} ({error.strerror or error}; a picture takes "
            f"{self.bytes_a_picture:,} bytes). Make room, set RNNKIT_CACHE to another folder, or use --no-cache."
        )
