"""A disk cache of the frames of recordings, so that none is read and transformed twice."""

import json
from collections.abc import Sequence
from hashlib import blake2b
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.data.samples import cache_folder
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import open_regular, read_json
from rnnkit.files.writing import whole
from rnnkit.noise import old_npy_headers


class FrameCache:
    """Frames by the digest of their recording, in float32 files of many recordings each, read on demand.

    A file is renamed when complete, and its list of digests last, so that a process may be killed at any time and
    several may write at once; a damaged file is skipped. The folder may be deleted at any time.

    Args:
        settings: What the frames depend on beside the recording, as JSON takes it.
        folder: The folder for all settings; by default in rnnkit's cache.
        keep: Whether to keep frames on disk (`--no-cache`: not).

    Raises:
        RnnkitError: The folder cannot be written.

    Example:

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> FrameCache({"rate": 8000}, folder).put(["a", "b"], [np.ones((2, 3), "f"), np.zeros((1, 3), "f")])
    >>> FrameCache({"rate": 8000}, folder).get("a").shape, FrameCache({"rate": 16000}, folder).get("a")
    ((2, 3), None)
    """

    def __init__(self, settings: Any, folder: str | PathLike[str] | None = None, keep: bool = True) -> None:
        short = blake2b(json.dumps(settings, sort_keys=True).encode(), digest_size=8).hexdigest()
        self.folder = (Path(folder) if folder is not None else cache_folder() / "frames") / short
        self.keep = keep
        self._blocks: list[np.ndarray] = []
        self._places: dict[str, tuple[int, int, int]] = {}  # digest to block, first frame and the one behind the last
        if keep:
            self._open()

    def get(self, digest: str) -> np.ndarray | None:
        """The frames of a recording, float32 `[frames, features]`, or None."""
        if digest not in self._places:
            return None
        block, first, end = self._places[digest]
        return np.array(self._blocks[block][first:end])

    def put(self, digests: Sequence[str], frames: Sequence[np.ndarray]) -> None:
        """Keep the frames of some recordings, in a file of their own; nothing where nothing is to be kept.

        Raises:
            RnnkitError: The disk is full.
        """
        if not self.keep or not len(digests):
            return
        block, lengths = np.concatenate(frames).astype("<f4"), [len(each) for each in frames]
        content = {"digests": list(digests), "lengths": lengths}
        target = self.folder / f"{blake2b(json.dumps(content).encode(), digest_size=12).hexdigest()}.npy"
        try:
            with whole(target) as file:
                np.save(file, block, allow_pickle=False)
            with whole(target.with_suffix(".json")) as file:
                file.write(json.dumps(content).encode("ascii"))
        except OSError as error:
            raise self._unwritable(error) from None
        self._add(content, block)

    def _open(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lists = sorted(self.folder.glob("*.json"))
        except OSError as error:
            raise self._unwritable(error) from None
        for path in lists:
            try:
                content = read_json(path)
                with open_regular(path.with_suffix(".npy")), old_npy_headers():
                    block = np.lib.format.open_memmap(path.with_suffix(".npy"), mode="r")
                fits = len(content["digests"]) == len(content["lengths"]) and sum(content["lengths"]) == len(block)
                if fits and block.ndim == 2 and block.dtype == np.dtype("<f4"):
                    self._add(content, block)
            except Exception:  # whatever the damage, its recordings are read again
                continue

    def _add(self, content: Any, block: np.ndarray) -> None:
        end = 0
        for digest, length in zip(content["digests"], content["lengths"], strict=True):
            self._places.setdefault(str(digest), (len(self._blocks), end, end := end + int(length)))
        self._blocks.append(block)

    def _unwritable(self, error: OSError) -> RnnkitError:
        return RnnkitError(
            f"Frames cannot be kept in {self.folder} ({error.strerror or error}). Make room, set RNNKIT_CACHE to "
            "another folder, or use --no-cache."
        )
