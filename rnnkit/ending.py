"""The end of a program: a user's mistake is one line, and so is an unexpected error."""

import os
import sys
import traceback
from collections.abc import Callable

from rnnkit import errors, streams
from rnnkit.errors import RnnkitError
from rnnkit.installed import declared, missing

#: How the line begins that says an error which nobody thought of; the tests fail wherever it turns up.
UNKNOWN = "rnnkit met an error it does not know:"
#: Exit codes as shells have them: 128 and the number of the signal.
INTERRUPTED, READER_LEFT = 130, 141
_LONGEST = 500  # characters of what an error that nobody thought of says
_DEBUG = "RNNKIT_DEBUG"


def complain(message: str) -> None:
    """Print one line on standard error."""
    print(one_line(message), file=sys.stderr)


def one_line(message: str) -> str:
    """A message as one line for the screen, with one blank where there are several (`rnnkit.errors.one_line`).

    Example:

    >>> one_line("a\\n  b"), len(one_line("9" * 5000))
    ('a b', 1000)
    """
    return errors.one_line(" ".join(message.split()))


def ended(
    work: Callable[[], int | None], say: Callable[[str], None] = complain, interrupted: str = "Interrupted."
) -> int:
    """Run a program and return its exit code; the standard streams are prepared first.

    Args:
        work: The program, which gives its exit code; None is 0.
        say: Says a line on standard error.
        interrupted: What is said after Ctrl-C.

    Returns:
        What `work` gave. 1 for an error, 130 after Ctrl-C, 141 when the reader of standard output left.

    Raises:
        SystemExit: When `work` ends the program itself.
    """
    streams.prepare()
    try:
        code = _code(work, say, interrupted)
    except SystemExit as end:
        if isinstance(end.code, str):
            say(end.code)
        raise SystemExit(_written(end.code if isinstance(end.code, int) else int(end.code is not None), say)) from None
    return _written(code, say)


def _code(work: Callable[[], int | None], say: Callable[[str], None], interrupted: str) -> int:
    try:
        return work() or 0
    except RnnkitError as error:
        say(str(error))
    except KeyboardInterrupt:
        say(interrupted)
        return INTERRUPTED
    except MemoryError:
        say("Out of memory. Lower --batch-size, --max-length or --vocabulary-size.")
    except RecursionError as error:
        _show(error)
        say("What was given is nested too deeply to be read.")
    except streams.OutputError:
        pass  # `_written` says it
    except ModuleNotFoundError as error:
        if not declared(absent := (error.name or "").partition(".")[0]):
            unknown(error, say)
        else:
            _show(error)
            say(str(missing(absent, "This")))
    except Exception as error:
        unknown(error, say)
    return 1


def unknown(error: Exception, say: Callable[[str], None]) -> None:
    """Print the line for an unexpected error, after its traceback if RNNKIT_DEBUG is set."""
    _show(error)
    what = f"{type(error).__name__}: {error}"[:_LONGEST].strip().rstrip(".:")
    say(f"{UNKNOWN} {what}. Set {_DEBUG}=1 to see where; please report it with the file that caused it.")


def _show(error: Exception) -> None:
    if os.environ.get(_DEBUG, "") not in ("", "0"):
        traceback.print_exception(error)


def _written(code: int, say: Callable[[str], None]) -> int:
    """The exit code, once what was printed has been written."""
    failure = streams.failure()
    if failure is None:
        return code
    if failure.reader_left:
        return READER_LEFT
    say(str(failure))
    return code or 1
