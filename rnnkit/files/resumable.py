"""A long file written part by part: beside its name until it is whole, and gone on with where it broke off."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from rnnkit.errors import RnnkitError
from rnnkit.files.disk import refuse_existing
from rnnkit.files.locks import lock
from rnnkit.files.reading import open_regular, read_json
from rnnkit.files.writing import write_text

_KIND = "rnnkit resumable file"


class Parts:
    """What `resumable` gives: `done` counts what is written, and `add` adds to it; `counts` are those last added."""

    def __init__(self, file: IO[bytes], state: Path, identity: Mapping[str, Any], done: int, counts: dict[str, int]):
        self._file, self._state, self._identity, self.done, self.counts = file, state, identity, done, counts

    def add(self, content: bytes, count: int, **counts: int) -> None:
        """Write a part, on disk when this returns.

        Args:
            content: The bytes.
            count: How many rows or the like they hold.
            **counts: Further counts of all that is written so far, known again when it is gone on with.

        Raises:
            OSError: They cannot be written.
        """
        self._file.write(content)
        self._file.flush()
        os.fsync(self._file.fileno())
        self.done, self.counts = self.done + count, counts
        _note(self._state, self._identity, self.done, self._file.tell(), counts)


@contextmanager
def resumable(
    path: Path, identity: Mapping[str, str], resume: bool = False, overwrite: bool = False
) -> Iterator[Parts]:
    """A file to write part by part. It takes its name once it is whole; broken off, what is written stays beside it.

    `PATH.partial` holds the parts and `PATH.partial.json` how many there are, and of what. A part that was not whole
    when the process was killed is written again.

    Args:
        path: The file.
        identity: What it is made of, as text by name. Only a file of the same identity is gone on with.
        resume: Whether to go on with one that broke off; without, it begins anew.
        overwrite: Whether it may replace a file of its name.

    Raises:
        RnnkitError: What is there is of another identity, whose name is said, or is no such file. Or another process
            is writing it.
        OSError: It cannot be written.

    Example:

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "numbers.txt")
    >>> with suppress(ZeroDivisionError), resumable(path, {"of": "a"}) as parts:
    ...     parts.add(b"1 2", 2)
    ...     1 / 0
    >>> path.exists()
    False
    >>> with resumable(path, {"of": "a"}, resume=True) as parts:
    ...     print(parts.done)
    ...     parts.add(b" 3", 1)
    2
    >>> path.read_text(), [each.name for each in path.parent.iterdir()]
    ('1 2 3', ['numbers.txt'])
    """
    partial, state = partial_of(path), partial_of(path, ".json")
    with lock(path, "give another file with --to"):
        done, size, counts = _known(path, partial, state, identity) if resume else (0, 0, {})
        if not done:
            size, counts = 0, {}
            _discard_partial(partial, state)
            _note(state, identity, 0, 0)
        flags = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        flags |= 0 if done else os.O_CREAT | os.O_EXCL
        with open(os.open(partial, flags, 0o666), "r+b") as file:
            file.truncate(size)
            file.seek(size)
            yield Parts(file, state, identity, done, counts)
        refuse_existing(path, overwrite)
        os.replace(partial, path)
        state.unlink(missing_ok=True)


def partial_of(path: Path, more: str = "") -> Path:
    """The name of what is not whole yet.

    Example:

    >>> partial_of(Path("a.csv")).name
    'a.csv.partial'
    """
    return path.with_name(f"{path.name}.partial{more}")


def is_partial(path: Path) -> bool:
    """Whether a file was begun and not finished.

    Raises:
        RnnkitError: Something else has the name of its parts.
    """
    partial, state = partial_of(path), partial_of(path, ".json")
    if not os.path.lexists(state) and not os.path.lexists(partial):
        return False
    _state(partial, state)
    return os.path.lexists(partial)


def _note(
    state: Path, identity: Mapping[str, str], done: int, size: int, counts: Mapping[str, int] | None = None
) -> None:
    content = {"kind": _KIND, "identity": identity, "done": done, "bytes": size, "counts": counts or {}}
    write_text(state, json.dumps(content, indent=2) + "\n")


def _known(path: Path, partial: Path, state: Path, identity: Mapping[str, str]) -> tuple[int, int, dict[str, int]]:
    """How much of a file is done, its bytes, and the further counts."""
    if not is_partial(path):
        return 0, 0, {}
    found = _state(partial, state)
    before = found["identity"]
    for name, value in identity.items():
        if before.get(name) != value:
            was = f" ({before.get(name)}; now {value})" if len(f"{before.get(name)}{value}") <= 60 else ""
            raise RnnkitError(
                f"{partial} was begun with another {name}{was}. Give the same, or leave --resume out to start over."
            )
    with open_regular(partial) as file:
        if os.fstat(file.fileno()).st_size < found["bytes"]:
            raise RnnkitError(f"{partial} is shorter than it was. Leave --resume out to start over.")
    return found["done"], found["bytes"], found.get("counts", {})


def _state(partial: Path, state: Path) -> dict[str, Any]:
    found: Any = None
    with suppress(RnnkitError):
        found = read_json(state)
    sound = isinstance(found, dict) and found.get("kind") == _KIND and isinstance(found.get("identity"), dict)
    counts = found.get("counts", {}) if sound else {}  # those of earlier versions have none
    numbers = [found.get("done"), found.get("bytes"), *counts.values()] if isinstance(counts, dict) and sound else [-1]
    if not all(type(number) is int and number >= 0 for number in numbers):
        there = partial if os.path.lexists(partial) else state
        raise RnnkitError(f"{there} is in the way, and is not of rnnkit. Move it away, or give another file with --to.")
    return found


def _discard_partial(partial: Path, state: Path) -> None:
    """Remove what broke off, and nothing else."""
    if os.path.lexists(partial) or os.path.lexists(state):
        _state(partial, state)
    for path in (partial, state):
        path.unlink(missing_ok=True)
