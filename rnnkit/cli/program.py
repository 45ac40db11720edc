"""The command line program: it runs commands and prints a user's mistake as one clear line."""

from typing import Any

import typer

from rnnkit.cli.lazy import Commands, TaskCommands
from rnnkit.cli.screen import complain, fail
from rnnkit.ending import INTERRUPTED, ended
from rnnkit.errors import did_you_mean

_GO_ON = "Interrupted. A training, or answers with --to, go on with the same command and --resume."
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
    "compare": "Compare cells on your own data, and keep the best Run.",
    "tune": "Search settings on your own data, and keep the best Run.",
}.items():
    app.add_typer(typer.Typer(cls=TaskCommands, help=_help, no_args_is_help=True), name=_name)


def run(program: Any) -> None:
    """Run a program and end the process: exit code 1 for an error, 2 for flags that it does not have."""
    raise SystemExit(ended(lambda: _code(program), complain, _GO_ON))


def _said(error: Any) -> str:
    """The line of an error of typer's: an unknown option with the nearest one alone, where typer lists several; where
    something is missing, the command that says what goes there."""
    if near := getattr(error, "possibilities", None):
        return f"No such option: {error.option_name}.{did_you_mean(error.option_name, near)}"
    said, context, words = str(error.format_message()), getattr(error, "ctx", None), ["--help"]
    while context is not None and context.parent is not None:
        context, words = context.parent, [context.info_name, *words]
    return f"{said} (rnnkit {' '.join(words)})" if said.startswith("Missing") else said


def _code(program: Any) -> int:
    try:
        code = program(standalone_mode=False)
    except typer.Abort as error:
        raise (error.__cause__ if isinstance(error.__cause__, EOFError) else KeyboardInterrupt()) from None
    except Exception as error:
        if not hasattr(error, "format_message"):  # what typer raises for flags it does not know, and the like
            raise
        if message := _said(error):  # nothing where the help screen has been shown instead
            fail(message, 2)
        raise SystemExit(2) from None
    if code == INTERRUPTED:  # typer has turned it into that
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0
