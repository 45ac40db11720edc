"""`python -m rnnkit` is `rnnkit`: the command line, or a line that says how to install it."""

import sys

from rnnkit.ending import complain, ended


def main() -> None:
    """Entry point of `rnnkit`. Where the runner alone is installed, it ends with one line and the exit code 1."""
    try:
        from rnnkit.cli import main as command_line
    except ModuleNotFoundError as error:
        absent = (error.name or "").partition(".")[0]
        if absent in ("", "rnnkit"):
            raise
        sys.exit(ended(lambda: _refuse(absent), lambda line: complain(f"error: {line}")))
    command_line()


def _refuse(module: str) -> int:
    from rnnkit.installed import missing

    raise missing(module, "The command line")


if __name__ == "__main__":
    main()
