"""Read `bundle.json`, the description of an exported model, and check it: a bundle may come from a stranger."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.files.reading import MODEL_BYTES, WORDS_BYTES, inside, read_bytes, read_json

FILE_NAME = "bundle.json"
FORMAT = "rnnkit-bundle"
FORMAT_VERSION = 1
_MODEL = ".tflite"
#: How many states or memories a model has at most.
MOST_STATES = 10_000
_ADVICE = "Export it again."
#: Steps that every input is padded to, at most; the options allow a tenth of it.
LONGEST = 1_000_000
_ANY_LENGTH = 2**31 - 1

_KINDS = {str: "a text", int: "a whole number", bool: "true or false", dict: "an object", list: "a list"}


@dataclass(frozen=True)
class Bundle:
    """An exported model and its preprocessing.

    Args:
        folder: where the files are.
        task: what it does, such as "text_classifier".
        strategy: how time became a graph: "padded", "loop", "unroll" or "fused".
        quantize: "none", "float16", "dynamic" or "int8".
        max_length: the most steps the model takes.
        fixed_length: the model takes exactly `max_length` steps; if not, as many as the input has.
        resets_state: the model keeps its state between calls, so it must be reset before each.
        settings: all of `bundle.json`, for what only some tasks have.
    """

    folder: Path
    task: str
    strategy: str
    quantize: str
    max_length: int
    fixed_length: bool
    resets_state: bool
    settings: Mapping[str, Any]

    def setting(self, name: str, kind: type) -> Any:
        """The value of `name` in `bundle.json`.

        Raises:
            RnnkitError: it is missing or of another kind.
        """
        return _setting(self.settings, name, kind, self.folder / FILE_NAME)

    def number(self, name: str, low: int, high: int) -> int:
        """The whole number that `bundle.json` has under `name`.

        Raises:
            RnnkitError: it is missing, of another kind, or below `low` or above `high`.
        """
        value = self.setting(name, int)
        if not low <= value <= high:
            raise RnnkitError(
                f"{self.folder / FILE_NAME} says {name}: {value}; expected {low} to {high}. Export it again."
            )
        return int(value)

    def read(self, name: str) -> bytes:
        """The contents of the file that `bundle.json` has under `name`, such as "model" or "labels".

        Raises:
            RnnkitError: the file is missing, no regular file or too large, lies outside the folder, or has another
                SHA-256 than the one on record.
        """
        file = self.setting(name, str)
        content = self._checked(file)
        if self.setting("sha256", dict).get(file) is None and (name == "model" or file.endswith(_MODEL)):
            raise RnnkitError(f"{self.folder / FILE_NAME} records no SHA-256 of {file}. Export it again.")
        return content

    def check_texts(self) -> None:
        """Compare the words, labels and the like with the SHA-256 that `bundle.json` records; models are when read.

        Raises:
            RnnkitError: as `read`.
        """
        for file in self.setting("sha256", dict):
            if not file.endswith(_MODEL):
                self._checked(file)

    def _checked(self, file: str) -> bytes:
        path = _inside(self.folder, file)
        most = MODEL_BYTES if path.suffix == _MODEL else WORDS_BYTES
        content = read_bytes(path, most, "The bundle's file", _ADVICE)
        recorded = self.setting("sha256", dict).get(path.name)
        if recorded is not None and recorded != hashlib.sha256(content).hexdigest():
            raise RnnkitError(
                f"{path} is not the file the bundle was written with: its SHA-256 differs. Copy it again."
            )
        return content

    def read_lines(self, name: str) -> list[str]:
        """The lines of the UTF-8 text file that `bundle.json` has under `name`.

        Raises:
            RnnkitError: as `read`, or the file is not UTF-8.
        """
        try:
            text = self.read(name).decode("utf-8")
        except UnicodeDecodeError as error:
            raise RnnkitError(
                f"{self.folder / self.settings[name]} is not UTF-8 at byte {error.start}. Export it again."
            ) from None
        return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


def read_bundle(folder: str | PathLike[str]) -> Bundle:
    """Read and check the `bundle.json` of `folder`; the other files are read when they are needed.

    Args:
        folder: what `rnnkit export` wrote.

    Raises:
        RnnkitError: there is no such folder or file, it is no bundle, or it is of a version this rnnkit cannot read.

    Example:

    >>> read_bundle("saved_models/imdb_sentiment/lite").task  # doctest: +SKIP
    'text_classifier'
    """
    folder = Path(folder)
    path = folder / FILE_NAME
    settings = _read_json(path)
    if stray := [each for each in sorted(folder.iterdir()) if not inside(folder, each)]:
        raise RnnkitError(f"{stray[0]} is a link; expected a file inside the bundle's own folder. Copy it there.")
    if settings.get("format") != FORMAT:
        raise RnnkitError(f"{path} says format {settings.get('format')!r:.80}; expected {FORMAT!r}.")
    if settings.get("format_version") != FORMAT_VERSION:
        raise RnnkitError(
            f"{path} is of format version {settings.get('format_version')!r:.80}; this rnnkit reads {FORMAT_VERSION}."
            " Export it again, or install the rnnkit it was written with."
        )
    kinds: dict[str, Any] = {
        field.name: field.type for field in fields(Bundle) if field.name not in ("folder", "settings")
    }
    values: dict[str, Any] = {name: _setting(settings, name, kind, path) for name, kind in kinds.items()}
    bundle = Bundle(folder=folder, settings=settings, **values)
    bundle.number("max_length", 1, LONGEST if bundle.fixed_length else _ANY_LENGTH)
    return bundle


def _read_json(path: Path) -> dict[str, Any]:
    if not path.exists():
        inner = path.parent / "lite" / FILE_NAME
        hint = f"Did you mean {inner.parent}?" if inner.is_file() else "`rnnkit export RUN` writes one."
        missing = FILE_NAME if path.parent.is_dir() else "such folder"
        raise RnnkitError(f"{path.parent} is no exported bundle: there is no {missing}. {hint}")
    settings = read_json(_inside(path.parent, path.name), advice=_ADVICE)
    if not isinstance(settings, dict):
        raise RnnkitError(f"{path} holds a {type(settings).__name__}; expected a JSON object. Export it again.")
    return settings


def _setting(settings: Mapping[str, Any], name: str, kind: type, path: Path) -> Any:
    if name not in settings:
        raise RnnkitError(f"{path} has no {name!r}; expected {_KINDS[kind]}. Export it again.")
    value = settings[name]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise RnnkitError(f"{path} says {name}: {value!r:.80}; expected {_KINDS[kind]}. Export it again.")
    return value


def _inside(folder: Path, name: str) -> Path:
    """Files of a bundle lie side by side: a name with a folder in it, or a link out of the folder, is refused."""
    plain = name not in ("", ".", "..") and PurePosixPath(name).name == name and PureWindowsPath(name).name == name
    if not plain or "\0" in name or not inside(folder, folder / name):
        raise RnnkitError(
            f"{folder / FILE_NAME} names the file {name!r:.80}; expected one inside the bundle's own folder."
        )
    return folder / name
