"""What a reader must not do, and what its one line must be."""

import re
import traceback
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rnnkit

PACKAGE = str(Path(rnnkit.__file__).parent)
LONGEST_LINE = 1000


class Fault(AssertionError):
    """What a reader must not do.

    Args:
        kind: In a word, for counting: "traceback", "line", "answer", "seconds", "memory", "files", "process" ...
        message: What it did.
        where: The place in rnnkit, as "file.py:12 function", where that is known: the same fault has the same place.
    """

    def __init__(self, kind: str, message: str, where: str = "") -> None:
        super().__init__(f"{kind}: {message}" + (f" (at {where})" if where else ""))
        self.kind, self.where = kind, where

    @property
    def signature(self) -> tuple[str, str]:
        """The same for faults that are probably the same."""
        return self.kind, self.where.partition(":")[0] + self.where.partition(" ")[2] or shape(str(self)[:80])

    @property
    def slow(self) -> bool:
        """Whether it takes too long to look for a smaller input with the same fault."""
        return self.kind in ("seconds", "memory", "process")


def check_line(said: str) -> None:
    if len(said.splitlines()) != 1 or len(said) > LONGEST_LINE or not said.strip():
        raise Fault("line", f"{len(said)} characters in {len(said.splitlines())} lines: {said[:400]!r}", shape(said))
    if strange := [sign for sign in said if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") or _turns(sign)]:
        raise Fault("line", f"the line has {strange[:5]!r}: {said[:300]!r}", shape(said))


def _turns(sign: str) -> bool:
    """Whether it turns the direction of what follows, and so may show another line than is there."""
    return sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def shape(said: str) -> str:
    """A line without what it quotes, to tell it from others."""
    return re.sub(r"'[^']*'|\"[^\"]*\"|[^A-Za-z ]+", "_", said)[-60:]


def place(trace: Any) -> str:
    """The innermost line of rnnkit in a traceback."""
    frames = [frame for frame in traceback.extract_tb(trace) if frame.filename.startswith(PACKAGE)]
    if not frames:
        return ""
    last = frames[-1]
    return f"{Path(last.filename).relative_to(PACKAGE)}:{last.lineno} {last.name}"


def is_sound(sound: Callable[[Any], bool], answer: Any) -> bool:
    """Whether an answer can be one; what makes the question itself fail cannot."""
    try:
        return sound(answer)
    except Exception:
        return False
