"""The one exception a user is meant to read, and the spelling help behind its messages."""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from itertools import islice

_MOST, _LONGEST = 1_000, 200  # options and characters that are compared: a stranger's header may have any number
_LONGEST_LINE = 1000  # characters of a message: a file's cell of a megabyte is not said again whole
_BEGINNING = 3  # letters of a name that tell which is meant
_COLOURS = re.compile("\x1b\\[[0-9;]*m")  # which Keras puts into the messages of its errors
_BROKEN = ("Cc", "Cs", "Zl", "Zp")  # controls, halves of surrogate pairs, separators of lines and paragraphs
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # so that a line reads as another than it is


class RnnkitError(ValueError):
    """Something the user gave cannot be used. The message is one line: given, expected, how to mend it.

    The command line prints the message alone and exits with code 1; from Python it is a `ValueError`. A message quotes
    what stands in files, which may be anything: see `one_line`.
    """

    def __init__(self, message: object = "") -> None:
        super().__init__(one_line(str(message)))


class CannotFetchError(RnnkitError):
    """A download that is not available here."""


class LostWorkerError(RnnkitError):
    """Another worker of a training is gone; started anew, the training can go on."""


class DisagreementError(RnnkitError):
    """An exported file whose answers are not those of Keras."""


def one_line(message: str) -> str:
    """A message as one line that can be shown anywhere: colours of a terminal go, other control characters become
    U+FFFD or a blank, and the middle of a very long one is left out.

    Example:

    >>> one_line("a\\n  b\\x1b[2J"), len(one_line("9" * 5000))
    ('a   b\ufffd[2J', 1000)
    """
    line = message if message.isprintable() else "".join(map(_shown, _COLOURS.sub("", message)))
    half = (_LONGEST_LINE - 5) // 2
    return line if len(line) <= _LONGEST_LINE else f"{line[: half + 1]} ... {line[len(line) - half :]}"


def _shown(sign: str) -> str:
    if "\udc80" <= sign <= "\udcff":  # a byte of a file's name that is no text
        return f"\\x{ord(sign) - 0xDC00:02x}"
    if sign not in _TURNING and unicodedata.category(sign) not in _BROKEN:
        return sign
    return " " if sign.isspace() else "\N{REPLACEMENT CHARACTER}"


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """Return `" Did you mean 'lstm'?"` for the nearest of `options`, or `""` when none is near. One that begins with
    the word is near where it is the only one.

    Example:

    >>> did_you_mean("lsmt", ["gru", "lstm"]), did_you_mean("imdb", ["imdb_sentiment", "conll_ner"])
    (" Did you mean 'lstm'?", " Did you mean 'imdb_sentiment'?")
    """
    some = (str(option) for option in islice(options, _MOST))
    names = {option.lower(): option for option in some if len(option) <= _LONGEST}
    given = str(word)[:_LONGEST].lower()
    near = difflib.get_close_matches(given, names, n=1, cutoff=0.5)
    begun = [name for name in names if name.startswith(given)] if len(given) >= _BEGINNING else []
    near = near or (begun if len(begun) == 1 else [])
    return f" Did you mean {names[near[0]]!r}?" if near else ""
