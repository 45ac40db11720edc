"""A program's three standard streams: open, lenient in writing, strict in reading."""

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from rnnkit.errors import RnnkitError

#: Characters that a line of standard input may have.
LONGEST_LINE = 10_000_000
_HANDLER = "rnnkit.nearest"
_ESCAPED = range(0xDC80, 0xDD00)  # bytes of a file's name that are no text, as Python keeps them
_NEAREST = {
    sign: plain
    for signs, plain in {
        "‘’‚′": "'",
        "“”„″«»": '"',
        "‐‑‒–—−": "-",
        "…·•": ".",
        "×✗": "x",
        "→›": ">",
        "←‹≤": "<",
        "≥": ">",
        "\xa0": " ",
        "✓": "+",
        "▁": ".",
        "▂": ":",
        "▃": "-",
        "▄": "=",
        "▅": "+",
        "▆": "*",
        "▇": "#",
        "█": "@",
        "─━╌╍═╴╸╶╺╼╾": "-",
        "│┃╎╏║╵╹╷╻╽╿": "|",
    }.items()
    for sign in signs
}


class OutputError(Exception):
    """Standard output cannot be written. No `OSError`, which would be taken for one of the file in hand.

    Args:
        cause: What the system said.
    """

    def __init__(self, cause: OSError) -> None:
        super().__init__(f"Standard output cannot be written ({cause.strerror or cause}).")
        self.reader_left = isinstance(cause, BrokenPipeError)


class _Output(io.TextIOWrapper):
    """Standard output, or standard error, whose own failures are silent."""

    quiet = False
    failure: OutputError | None = None

    def write(self, text: str) -> int:
        try:
            super().write(text)
            if self.write_through:
                super().flush()
        except OSError as error:
            self._fail(error)
        return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self.failure = self.failure or OutputError(error)
        with suppress(OSError), open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), self.fileno())  # what it still holds, and what follows, leads nowhere
        if not self.quiet:
            raise self.failure from None


class _Errors(_Output):
    quiet = True


_made: list[Any] = []  # kept: a stream that nobody holds any more closes what it writes to


def prepare() -> None:
    """Prepare the standard streams for a program. Replaced streams stay.

    - One that is closed leads nowhere, so that no file which is opened later can get its number.
    - Signs that standard output or error cannot write become the nearest of ASCII, or a question mark.
    - What cannot be written raises `OutputError`; on standard error it is dropped.
    - Standard input is UTF-8 where the locale knows ASCII alone, and refuses bytes that are no text.
    """
    codecs.register_error(_HANDLER, _nearest)
    _open_closed()
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)
    sys.stdout = _fit(sys.stdout, sys.__stdout__, 1, _Output)
    sys.stderr = _fit(sys.stderr, sys.__stderr__, 2, _Errors)
    if isinstance(sys.stdin, io.TextIOWrapper):
        with suppress(io.UnsupportedOperation):  # it has been read from
            ascii_alone = codecs.lookup(sys.stdin.encoding).name == "ascii"
            sys.stdin.reconfigure(encoding="utf-8" if ascii_alone else None, errors="strict")


def failure() -> OutputError | None:
    """Why standard output could not be written, all of it; None when it could."""
    try:
        sys.stdout.flush()
    except OutputError as error:
        return error
    return getattr(sys.stdout, "failure", None)


def _open_closed() -> None:
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            os.dup2(opened, number)  # for children too
            if opened != number:
                os.close(opened)


def _fit(stream: Any, first: Any, number: int, kind: type[_Output]) -> Any:
    """A prepared stream, given the current one and the original."""
    if stream is None:
        stream = open(number, "w", encoding="utf-8", errors=_HANDLER, closefd=False)
        _made.append(stream)
    elif stream is first and type(stream) is io.TextIOWrapper:
        stream.flush()
        lines, through = stream.line_buffering, stream.write_through
        stream = kind(stream.buffer, stream.encoding, _HANDLER, line_buffering=lines, write_through=through)
        _made.append(stream)
    elif isinstance(stream, io.TextIOWrapper) and stream.errors != _HANDLER:
        stream.reconfigure(errors=_HANDLER)
    return stream


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(map(_plain, signs)), error.end


def _plain(sign: str) -> str:
    """The nearest ASCII text, mostly of equal width."""
    if ord(sign) in _ESCAPED:
        return f"\\x{ord(sign) - 0xDC00:02x}"
    return _NEAREST.get(sign) or ("+" if "\u2500" <= sign <= "\u257f" else "?")  # corners and crossings of boxes


def visible(text: str) -> str:
    """A text without terminal control characters; line ends and tabs stay.

    Example:

    >>> visible("a label\\x1b[2J")
    'a label\\ufffd[2J'
    """
    if text.isprintable():
        return text
    return "".join(sign if sign in "\n\t" or not _steers(sign) else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _steers(sign: str) -> bool:
    return sign < " " or "\x7f" <= sign <= "\x9f"


def argument_text(argument: str) -> str:
    r"""An argument of the command line as text: UTF-8 whatever the locale; invalid bytes become U+FFFD.

    Example:

    >>> argument_text("caf\udcc3\udca9"), argument_text("caf\udce9")
    ('café', 'caf�')
    """
    if not any("\ud800" <= sign <= "\udfff" for sign in argument):
        return argument
    try:
        return os.fsencode(argument).decode("utf-8", "replace")
    except UnicodeEncodeError:  # surrogates that stand for no bytes
        return argument.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def file_name(line: str) -> str:
    """A line of text as a file's name, whatever the locale."""
    try:
        os.fsencode(line)
    except UnicodeEncodeError:
        return os.fsdecode(line.encode("utf-8", "replace"))
    return line


def input_lines() -> Iterator[str]:
    """The lines of standard input as they come, without their ends.

    Raises:
        RnnkitError: When it cannot be read, is no text, or has a line that is too long.
    """
    stream: Any = sys.stdin
    try:
        while line := stream.readline(LONGEST_LINE + 1):
            text = line.removesuffix("\n").removesuffix("\r")
            if len(text) > LONGEST_LINE:
                raise RnnkitError(f"A line of standard input has more than {LONGEST_LINE:,} signs; send shorter texts.")
            yield text
    except UnicodeDecodeError as error:
        broken = f"the byte 0x{error.object[error.start]:02x}, which is no {error.encoding} text"
        raise RnnkitError(f"Standard input has {broken}; send UTF-8 text.") from None
    except OSError as error:
        raise RnnkitError(f"Standard input cannot be read ({error.strerror or error}).") from None
