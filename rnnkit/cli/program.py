"""The program that the commands are added to, and how a program is run: a user's mistake is one clear line."""

import sys
from typing import Any

import typer

from rnnkit.cli.lazy import Commands, TaskCommands
from rnnkit.cli.screen import fail
from rnnkit.errors import RnnkitError

_INTERRUPTED = 130
_GO_ON = "Interrupted. A training goes on with the same command and --resume."
app = typer.Typer(
    cls=Commands,
    help="Recurrent networks from raw data to a checked model on a phone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for _name, _help in {
    "check": "Look your data over before training.",
    "train": "Train a task on your own data.",
}.items():
    app.add_typer(typer.Typer(cls=TaskCommands, help=_help, no_args_is_help=True), name=_name)


def run(program: Any) -> None:
    """Runs a program and ends the process: exit code 1 for a user's mistake, 2 for flags it does not have."""
    try:
        code = program(standalone_mode=False)
    except RnnkitError as error:
        fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        fail(_GO_ON, _INTERRUPTED)
    except MemoryError:
        fail("Out of memory. Lower --batch-size, --max-length or --vocabulary-size.")
    except BrokenPipeError:
        sys.stderr.close()
    except Exception as error:
        if not hasattr(error, "format_message"):  # what typer raises for flags it does not know, and the like
            raise
        if message := error.format_message():  # none where the help screen has been shown instead
            fail(message, 2)
        raise SystemExit(2) from None
    else:
        if code == _INTERRUPTED:  # typer has turned it into that
            fail(_GO_ON, _INTERRUPTED)
        raise SystemExit(code if isinstance(code, int) else 0)
