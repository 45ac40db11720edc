"""Prepared data of large files, kept in rnnkit's cache: what was learnt from them and their encoded examples.

A training that begins again on the same files with the same settings maps them, instead of reading the files anew. The
folder may be deleted at any time.
"""

import json
import shutil
import unicodedata
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from rnnkit import __version__
from rnnkit.data.bucketing import Ragged
from rnnkit.data.growing import let_go
from rnnkit.data.known_files import LARGE, content_digest
from rnnkit.data.samples import cache_folder
from rnnkit.data.shards import Shards
from rnnkit.data.tables import Table
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import read_json
from rnnkit.files.writing import new_folder
from rnnkit.noise import old_npy_headers
from rnnkit.run.folder import write_json
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.base.keeping import KeepsParts
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.training.progress import console

_FORMAT = 1
_DAMAGED = (RnnkitError, OSError, ValueError, KeyError, TypeError, EOFError, IndexError)
_META, _LEARNT, _PARTS = "parts.json", "learnt", ("train", "validation", "test")
_MOST = 4  # sets of data that are kept
_CODE = ("codec", "data", "tasks/base", "tasks/shared", "tasks/text_classifier")


def learnt(preprocessing: Preprocessing, source: Any, test: Any, parent: Preprocessing | None) -> Splits:
    """What `Preprocessing.learn` gives, from the cache where the same was learnt before.

    Args:
        preprocessing: New; afterwards it is as if it had learnt.
        source: Opened training rows.
        test: Opened test rows, or None.
        parent: The preprocessing of a fine-tuned task, or None.

    Raises:
        RnnkitError: As `learn`.
    """
    files = _files(source), _files(test) if test is not None else []
    size = sum(path.stat().st_size for path in (*files[0], *files[1]))
    pretrained = getattr(preprocessing.options, "pretrained_from", "")
    ours = isinstance(preprocessing, KeepsParts) and type(preprocessing).__module__.startswith("rnnkit.")
    of_files = bool(files[0]) and (test is None or bool(files[1]))
    if not ours or parent or pretrained or not of_files or size < LARGE:
        return preprocessing.learn(source, test, parent)
    folder = cache_folder() / "encoded" / _key(preprocessing, source, test, files)
    if (folder / _META).is_file():
        with suppress(
            RnnkitError, OSError, ValueError, KeyError, TypeError, EOFError, IndexError
        ):  # a damaged one is made again
            found = _load(preprocessing, folder)
            console.print(f"data as encoded before, from {folder}", soft_wrap=True)
            return found
    before = preprocessing.options.to_dict()
    parts = preprocessing.learn(source, test)
    try:
        _keep(preprocessing, parts, before, folder)
        console.print(f"encoded data kept in {folder}", soft_wrap=True)
    except OSError as error:
        why = f"the encoded data cannot be kept in {folder} ({error.strerror or error}), so the next training reads"
        console.print(f"{why} them anew. Make room, or name another folder with RNNKIT_CACHE.", soft_wrap=True)
    return parts


def _files(source: Any) -> list[Path]:
    if isinstance(source, Shards):
        return source.files
    return [source.path] if type(source) is Table else []


def _key(preprocessing: Any, source: Any, test: Any, files: tuple[list[Path], list[Path]]) -> str:
    options = {name: getattr(preprocessing.options, name) for name in preprocessing.of_the_data}
    read = [[one.columns, one.encoding, one.delimiter] for one in (source, test) if one is not None]
    content = [_FORMAT, __version__, _code(), type(preprocessing).__qualname__, options, read]
    content += [[content_digest(path) for path in some] for some in files]
    return blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=12).hexdigest()


@cache
def _code() -> str:
    """A digest of the code that data go through: another version of it may encode them otherwise."""
    digest = blake2b(unicodedata.unidata_version.encode(), digest_size=12)
    for path in sorted(path for folder in _CODE for path in (Path(__file__).parents[2] / folder).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _keep(preprocessing: Any, parts: Splits, before: dict[str, Any], folder: Path) -> None:
    changed = {name: value for name, value in preprocessing.options.to_dict().items() if before[name] != value}
    with new_folder(folder) as new:
        (new / _LEARNT).mkdir()
        preprocessing.save(new / _LEARNT)
        for name in _PARTS:
            part = getattr(parts, name)
            for kind, array in (
                ("flat", part.inputs.flat),
                ("offsets", part.inputs.offsets),
                ("targets", part.targets),
            ):
                _write(new / f"{name}_{kind}.npy", array)
        for name, array in preprocessing.beside_parts().items():
            _write(new / f"beside_{name}.npy", array)
        write_json(new / _META, {"options": changed, "digest": parts.digest, "report": parts.report})
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)
    kept = sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime)
    for path in kept[:-_MOST]:
        shutil.rmtree(path, ignore_errors=True)


def _write(path: Path, array: np.ndarray) -> None:
    """Write an array block by block, since NumPy's own writing of files does not say why it fails."""
    with open(path, "wb") as file:
        written: Any = SimpleNamespace(write=file.write)
        np.save(written, array, allow_pickle=False)
    let_go(array)


def _load(preprocessing: Any, folder: Path) -> Splits:
    meta = read_json(folder / _META)
    options = type(preprocessing.options).from_dict({**preprocessing.options.to_dict(), **meta["options"]})
    parts: dict[str, Any] = {}
    for name in _PARTS:
        flat, offsets, targets = (_mapped(folder / f"{name}_{kind}.npy") for kind in ("flat", "offsets", "targets"))
        if offsets[0] != 0 or offsets[-1] != len(flat) or len(targets) != len(offsets) - 1:
            raise ValueError
        parts[name] = Encoded(Ragged(flat, np.array(offsets)), np.array(targets))
    beside = {path.stem.removeprefix("beside_"): np.array(_mapped(path)) for path in folder.glob("beside_*.npy")}
    for name in meta["options"]:
        setattr(preprocessing.options, name, getattr(options, name))
    preprocessing.load(folder / _LEARNT)
    found = Splits(**parts, digest=str(meta["digest"]), report=dict(meta["report"]))
    preprocessing.restore(found, beside)
    return found


def _mapped(path: Path) -> np.ndarray:
    with old_npy_headers():
        found: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    return found
