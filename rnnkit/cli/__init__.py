"""The command line. Tasks and Keras are imported inside commands, so that `rnnkit --help` is instant."""

from typing import Any

import typer

from rnnkit.cli import (  # noqa: F401  (each adds its commands)
    answering,
    comparing,
    diagnosing,
    evaluating,
    examples,
    exporting,
    generating,
    lists,
    playing,
    pretraining,
    runs,
    training,
    trying,
    tuning,
)
from rnnkit.cli.program import app, run

__all__ = ["main", "run", "run_app"]


def main() -> None:
    """Entry point of `rnnkit`."""
    run(app)


def run_app(command: Any) -> None:
    """Run a script's function as a command line, the way `rnnkit` itself runs."""
    script = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    script.command()(command)
    run(script)
