"""Export targets: refusal of foreign files, and replacement of earlier exports."""

import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rnnkit.errors import RnnkitError
from rnnkit.lite.bundle import FILE_NAME, FORMAT
from rnnkit.run.finished import occupied
from rnnkit.run.folder import LITE, MICRO, MODEL, SAVED_MODEL, is_run, read_json
from rnnkit.run.target import held_folder

#: The name of an export in its folder, by format.
NAMES = {"tflite": LITE, "saved_model": SAVED_MODEL, "keras": MODEL, MICRO: MICRO}
#: TensorFlow's entries in a SavedModel; "assets.extra" is meant for foreign files, and holds our mark.
_SAVED = ("saved_model.pb", "fingerprint.pb", "keras_metadata.pb", "variables", "assets", "assets.extra")
MARK = Path("assets.extra", "rnnkit.json")
_MOST = 2**24  # bytes of a network's description


@contextmanager
def held(folder: Path, format: str, run: Path | None = None, overwrite: bool = True) -> Iterator[None]:
    """Lock the target folder of an export; one created for it is removed again when the export fails.

    Args:
        folder: The Run's folder, or another one.
        format: As for `export`, or "micro".
        run: The Run that is exported, whose own export is made anew each time.
        overwrite: Whether an earlier export may be replaced elsewhere too, or written into another Run.

    Raises:
        RnnkitError: It cannot be written, another process writes to it, or something has the export's name.
    """
    name = NAMES[format]
    with held_folder(folder, *(() if format == "keras" else (name,))) as place:
        if os.path.lexists(place / name) and not _is_ours(place, format):
            raise RnnkitError(
                f"{folder / name} exists and is not an export of rnnkit; nothing was written. Move it away, or give "
                "another folder with --to."
            )
        if not overwrite and (found := occupied(run, place, name)):
            raise RnnkitError(f"{found}; nothing was written. Give another folder, or replace it with overwrite=True.")
        was_there = place.exists()
        place.mkdir(exist_ok=True)
        try:
            yield
        finally:
            if not was_there and not any(place.iterdir()):
                place.rmdir()


def known_names(target: Path) -> frozenset[str]:
    """The files that an earlier export wrote into this folder, as far as can be determined."""
    if target.name == SAVED_MODEL:
        return frozenset(_SAVED)
    return frozenset((FILE_NAME, *_bundle(target).get("sha256", {})))


def _is_ours(place: Path, format: str) -> bool:
    path = place / NAMES[format]
    if format == "keras":
        return path.is_symlink() or (path.is_file() and (is_run(place) or _describes_ours(path)))
    if not path.is_dir():
        return False
    if not any(path.iterdir()):
        return True
    if format in ("tflite", MICRO):
        return _bundle(path).get("format") == FORMAT
    return (path / MARK).is_file() or (is_run(place) and (path / "saved_model.pb").is_file())


def _bundle(path: Path) -> dict:
    """The content of `bundle.json`; empty where it cannot be read."""
    if not (path / FILE_NAME).is_file():
        return {}
    try:
        content = read_json(path / FILE_NAME)
    except RnnkitError:
        return {}
    whole = isinstance(content, dict) and isinstance(content.get("sha256", {}), dict)
    return content if whole else {}


def _describes_ours(path: Path) -> bool:
    """Whether a `.keras` file holds a network with rnnkit's layers."""
    try:
        with zipfile.ZipFile(path) as file, file.open("config.json") as described:
            return "rnnkit" in json.dumps(json.loads(described.read(_MOST)))
    except (OSError, KeyError, ValueError, RecursionError, NotImplementedError, RuntimeError, zipfile.BadZipFile):
        return False
