"""The one exception a user is meant to read, and the spelling help behind its messages."""

import difflib
from collections.abc import Iterable
from itertools import islice

_MOST, _LONGEST = 1_000, 200  # options and characters that are compared: a stranger's header may have any number


class RnnkitError(ValueError):
    """Something the user gave cannot be used. The message is one line: given, expected, how to mend it.

    The command line prints the message alone and exits with code 1; from Python it is a `ValueError`.
    """


class CannotFetchError(RnnkitError):
    """Something that has to be downloaded cannot be had here."""


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """Returns `" Did you mean 'lstm'?"` for the nearest of `options`, or `""` when none is near.

    Example:

    >>> did_you_mean("lsmt", ["gru", "lstm"])
    " Did you mean 'lstm'?"
    """
    some = (str(option) for option in islice(options, _MOST))
    names = {option.lower(): option for option in some if len(option) <= _LONGEST}
    near = difflib.get_close_matches(str(word)[:_LONGEST].lower(), names, n=1, cutoff=0.5)
    return f" Did you mean {names[near[0]]!r}?" if near else ""
