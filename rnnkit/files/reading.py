"""Open what may come from a stranger: regular files alone, no larger than they may be, and strict JSON."""

import json
import os
import re
import stat
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

from rnnkit.errors import RnnkitError

_MIB = 1 << 20
#: What a Run's or a bundle's JSON may be at most, in bytes: figures and settings.
JSON_BYTES = 4 * _MIB
#: What JSON with lists of units or headers may be at most, in bytes.
UNITS_BYTES = 16 * _MIB
#: What a list of words, pieces or labels may be at most, in bytes.
WORDS_BYTES = 64 * _MIB
#: What a Run's `history.csv` may be at most, in bytes: a line an epoch.
HISTORY_BYTES = 4 * _MIB
#: What an exported model may be at most, in bytes: a flatbuffer's offsets end there.
MODEL_BYTES = 2048 * _MIB
_DEEPEST = 64
_WHOLE_NUMBERS = range(-(1 << 63), 1 << 63)
# All but brackets. Each alternative ends wherever it began, closed or not, so the search is linear.
_NO_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[^"\[\]{}]++', re.DOTALL)
_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def open_regular(path: str | PathLike[str], what: str = "", advice: str = "") -> BinaryIO:
    """Open a regular file to read its bytes; anything else is never read or waited for.

    Args:
        path: The file; links are followed.
        what: Words before the path in the error, such as "The vocabulary".
        advice: A sentence after it: how to mend it.

    Raises:
        RnnkitError: There is no such file, it may not be read, or it is a folder, a pipe, a socket or a device.

    Example:

    >>> with open_regular(__file__) as file:
    ...     file.read(3)
    b'\"\"\"'
    """
    try:
        _refuse_irregular(os.stat(path).st_mode, path, what, advice)  # first, for opening a device may do something
        flags = ("O_RDONLY", "O_NONBLOCK", "O_NOCTTY", "O_BINARY", "O_CLOEXEC")  # not every system has them all
        handle = os.open(path, sum(getattr(os, flag, 0) for flag in flags))
        try:
            _refuse_irregular(os.fstat(handle).st_mode, path, what, advice)
            return os.fdopen(handle, "rb")
        except BaseException:
            os.close(handle)
            raise
    except OSError as error:
        raise _refusal(what, path, f"cannot be read ({error.strerror}).", advice) from None
    except ValueError as error:
        if isinstance(error, RnnkitError):
            raise
        raise _refusal(what, repr(str(path)[:80]), "is no name of a file.", advice) from None  # with a NUL in it


def read_bytes(path: str | PathLike[str], most: int, what: str = "", advice: str = "") -> bytes:
    """The bytes of a regular file.

    Args:
        path: The file.
        most: How many bytes it may have.
        what: As for `open_regular`.
        advice: As for `open_regular`.

    Raises:
        RnnkitError: As for `open_regular`, or the file is larger; then nothing of it is read.
    """
    try:
        with open_regular(path, what, advice) as file:
            size = os.fstat(file.fileno()).st_size
            content = file.read(size + 1) if size <= most else b""  # which sets aside as much memory as it is asked for
            if size < len(content) <= most:  # it has grown meanwhile
                content += file.read(most + 1 - len(content))
    except OSError as error:
        raise _refusal(what, path, f"cannot be read ({error.strerror}).", advice) from None
    size = max(size, len(content))
    if size > most:
        raise _refusal(what, path, f"has {in_units(size)}; expected at most {in_units(most)}.", advice)
    return content


def read_text(path: str | PathLike[str], most: int, what: str = "", advice: str = "") -> str:
    """The text of a regular UTF-8 file, with its line ends as they are; see `read_bytes`.

    Raises:
        RnnkitError: As for `read_bytes`, or the file is not UTF-8.
    """
    try:
        return read_bytes(path, most, what, advice).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refusal(what, path, f"is not UTF-8 at byte {error.start}.", advice) from None


def read_json(
    path: str | PathLike[str],
    most: int = JSON_BYTES,
    what: str = "",
    advice: str = "",
    constant: Callable[[str], Any] | None = None,
) -> Any:
    """The content of a regular file of strict JSON; see `read_bytes` and `parse_json`."""
    return parse_json(read_bytes(path, most, what, advice), f"{what} {path}".lstrip(), advice, constant)


def parse_json(content: str | bytes, where: str, advice: str = "", constant: Callable[[str], Any] | None = None) -> Any:
    """The value of strict JSON in UTF-8.

    Args:
        content: The JSON.
        where: What it is, as the error begins.
        advice: A sentence at the error's end: how to mend it.
        constant: Makes a value of NaN, Infinity and -Infinity, which JSON does not have; without it they are refused.

    Raises:
        RnnkitError: It is no JSON, nested more than 64 deep, has a key twice, a number that is not finite or does not
            fit in 64 bits, or half of a surrogate pair.

    Example:

    >>> parse_json('{"units": 64}', "config.json")
    {'units': 64}
    >>> parse_json('{"units": 64, "units": 128}', "config.json")
    Traceback (most recent call last):
    ...
    rnnkit.errors.RnnkitError: config.json is no strict JSON (the key 'units' is there twice).
    """

    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        if _deep(text):
            raise ValueError(f"nested more than {_DEEPEST} deep")
        hooks: dict[str, Any] = {"parse_int": _integer, "parse_float": _float}
        hooks["parse_constant"] = constant or _no_number
        value = json.loads(text, object_pairs_hook=_object, **hooks)
        if "\\u" in text or isinstance(content, str):
            json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"not UTF-8 at byte {error.start}"
    except UnicodeEncodeError as error:
        reason = f"half of a surrogate pair, \\u{ord(error.object[error.start]):x}"
    except ValueError as error:
        reason = str(error)
    else:
        return value
    raise RnnkitError(f"{where} is no strict JSON ({reason}). {advice}".rstrip())


def inside(folder: str | PathLike[str], path: str | PathLike[str]) -> bool:
    """Whether a file, all links followed, lies in a folder or under it; the folder itself may be reached by a link."""
    try:
        real = Path(os.path.realpath(path))
        return real.is_relative_to(os.path.realpath(folder))
    except (OSError, ValueError):
        return False


def in_units(size: int) -> str:
    """A human-readable number of bytes.

    Example:

    >>> in_units(6 << 30), in_units(1234), in_units(7)
    ('6.0 GiB', '1.2 KiB', '7 bytes')
    """
    for shift, unit in ((40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size >= 1 << shift:
            return f"{size / (1 << shift):.1f} {unit}" if size < 1 << 60 else f"over {1 << 20} TiB"
    return f"{size} byte{'' if size == 1 else 's'}"


def _refuse_irregular(mode: int, path: str | PathLike[str], what: str, advice: str) -> None:
    if not stat.S_ISREG(mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "no regular file")
        raise _refusal(what, path, f"is {kind}; expected a regular file.", advice)


def _refusal(what: str, path: object, said: str, advice: str) -> RnnkitError:
    name = str(path)
    name = name if len(name) <= 300 else f"{name[:100]}...{name[-100:]}"
    return RnnkitError(f"{what} {name} {said} {advice}".strip())


def _deep(text: str) -> bool:
    """Whether brackets, closed or not, are nested more than `_DEEPEST` deep."""
    if text.count("[") + text.count("{") <= _DEEPEST:
        return False
    brackets = _NO_BRACKET.sub("", text).replace("{", "[").replace("}", "]")  # which is which, the parser sees
    for _ in range(_DEEPEST):  # each turn takes the innermost away
        before, brackets = brackets, brackets.replace("[]", "")
        if len(brackets) == len(before):
            break
    return brackets.count("[") > _DEEPEST or "[]" in brackets


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice[:60]!r} is there twice")
    return result


def _integer(digits: str) -> int:
    if len(digits) > 20 or int(digits) not in _WHOLE_NUMBERS:
        raise ValueError(f"the number {digits[:20]}... has more than 64 bits")
    return int(digits)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _float(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"the number {digits[:20]} is too large")
    return value
