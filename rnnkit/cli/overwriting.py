"""What is there already is kept: a command that would replace it asks first, or refuses."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from rnnkit.errors import RnnkitError
from rnnkit.files.disk import refuse_existing

Overwrite = Annotated[bool, typer.Option("--overwrite", help="replace what is there without asking")]


def may_replace_run(to: Path, overwrite: bool, resume: bool = False) -> bool:
    """Ask whether a finished Run may be replaced, before anything is read or trained.

    Args:
        to: The folder that is to hold the new Run.
        overwrite: Whether `--overwrite` was given.
        resume: Whether `--resume` was given.

    Returns:
        Whether the new Run may replace one: the argument `overwrite` of `fit`.

    Raises:
        RnnkitError: The folder holds a finished Run, and the user said no or could not be asked.
    """
    from rnnkit.run.finished import finished_run, refuse_finished
    from rnnkit.training.cluster import writes_runs

    if overwrite or not writes_runs():
        return overwrite
    found = finished_run(to, resume)
    if found and not confirmed(f"{found}. Replace it?"):
        refuse_finished(to, resume)
    return bool(found)


def may_replace_file(path: Path, overwrite: bool, flag: str = "--to") -> None:
    """Ask whether a file may be replaced, before any work.

    Args:
        path: The file to write.
        overwrite: Whether `--overwrite` was given.
        flag: The flag that names the file.

    Raises:
        RnnkitError: It exists, and the user said no or could not be asked.
    """
    if overwrite or not os.path.lexists(path) or path.is_dir():  # a folder is refused later, by its own line
        return
    if not confirmed(f"{path} exists already. Replace it?"):
        refuse_existing(path, flag=flag)


def may_replace_files(folder: Path, names: Iterable[str], overwrite: bool) -> None:
    """Ask, once for all, whether files in a folder may be replaced.

    Args:
        folder: The folder to write into.
        names: The files' paths in it.
        overwrite: Whether `--overwrite` was given.

    Raises:
        RnnkitError: Some exist, and the user said no or could not be asked.
    """
    found = [] if overwrite else [str(folder / name) for name in names if os.path.lexists(folder / name)]
    if not found:
        return
    listed = f"{found[0]} exists" if len(found) == 1 else f"{found[0]} and {len(found) - 1} more of its files exist"
    if not confirmed(f"{listed} already. Replace {'it' if len(found) == 1 else 'them'}?"):
        raise RnnkitError(f"{listed} already; nothing was written. Give another --to, or --overwrite to replace.")


def may_replace_export(run: Path, target: Path, name: str, overwrite: bool, chosen: bool) -> None:
    """Ask whether an export may go into a folder that holds another Run, or an export that was put there before.

    The export in the Run's own folder is made anew each time: it follows from that Run.

    Args:
        run: The Run that is exported.
        target: The folder.
        name: The name of the export in it, such as "lite".
        overwrite: Whether `--overwrite` was given.
        chosen: Whether the user chose the folder, by `--to`.

    Raises:
        RnnkitError: Something is there, and the user said no or could not be asked.
    """
    from rnnkit.run.finished import finished_run, occupied

    found = "" if overwrite else occupied(run, target, name if chosen else None)
    if found and not confirmed(f"{found}. {'Write into it?' if finished_run(target) else 'Replace it?'}"):
        raise RnnkitError(
            f"{found}; nothing was written. Give another folder with --to, or replace what is there with --overwrite."
        )


def may_replace_site(folder: Path, overwrite: bool) -> None:
    """Ask whether an earlier site may be replaced, before any work.

    Args:
        folder: The folder to write.
        overwrite: Whether `--overwrite` was given.

    Raises:
        RnnkitError: It holds something else, or the user said no or could not be asked.
    """
    from rnnkit.page.site import is_site, refuse_occupied

    if overwrite or not is_site(folder) or not confirmed(f"{folder} holds a site already. Replace it?"):
        refuse_occupied(folder, overwrite)


def asked(question: str) -> bool | None:
    """The answer to a question that is no by default; None where nobody can be asked, outside a terminal.

    Args:
        question: A line, printed on standard error.
    """
    if not (_is_terminal(sys.stdin) and _is_terminal(sys.stderr)):
        return None
    from rnnkit.cli.screen import screen
    from rnnkit.errors import one_line

    line = f"{one_line(question)} [y/N] "
    if len(line) > screen().width and ". " in line:
        line = ".\n".join(line.rsplit(". ", 1))
    sys.stderr.write(line)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def confirmed(question: str) -> bool:
    """Whether the user said yes; no where nobody can be asked. See `asked`."""
    return bool(asked(question))


def _is_terminal(stream: object) -> bool:
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]
    except (AttributeError, ValueError):  # closed
        return False


def may_draw(path: Path | None, flag: str, overwrite: bool) -> None:
    """Refuse, before any work, a page or a picture that cannot be written, or whose place is taken.

    Args:
        path: The file; None for none.
        flag: The flag that names it.
        overwrite: Whether one that is there may be replaced.

    Raises:
        RnnkitError: It cannot be written, or is there.
    """
    from rnnkit.files.disk import check_writable

    if path:
        check_writable(path, f"Give {flag} another file.")
        may_replace_file(path, overwrite, flag)
