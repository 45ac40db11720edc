"""A finished Run in the place of a new one: what it is, and whether it may be replaced."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.run.folder import BEGUN, CHECKPOINT, CONFIG, METRICS, SETTINGS, TRAINED, is_run, partial, read_json
from rnnkit.run.summary import describe

Identity = tuple[int, int, int] | None


def finished_run(to: Path, resume: bool = False) -> str:
    """Describe the finished Run that a new one in this folder would replace; "" where there is none.

    Args:
        to: The folder, or a link to one.
        resume: Whether a training is resumed: then it goes on with what it began, or finds the Run finished.

    Example:

    >>> finished_run(Path("no such folder"))
    ''
    """
    place = Path(os.path.realpath(to))
    if not is_run(place) or (resume and _goes_on(place)):
        return ""
    return f"{to} is a finished Run ({describe(place)})"


def refuse_finished(to: Path, resume: bool = False) -> None:
    """Refuse to replace a finished Run.

    Raises:
        RnnkitError: There is one, described by its task, date and key figure.
    """
    if not (found := finished_run(to, resume)):
        return
    place = Path(os.path.realpath(to))
    if resume and has_older_training(place):
        raise RnnkitError(
            f"{found}, and {partial(place)} an older training that broke off, which would replace it; nothing was "
            f"written. Keep both (rnnkit runs rename, then --resume), replace the Run with --overwrite (Python: "
            f"overwrite=True), or delete {partial(place)}."
        )
    begun = (partial(place) / CHECKPOINT).is_file()
    goes_on = ", or go on with its interrupted training by --resume" if begun else ""
    raise RnnkitError(
        f"{found}; nothing was written. Give another folder with --to, or replace it with --overwrite (Python: "
        f"overwrite=True){goes_on}."
    )


def occupied(run: Path | None, target: Path, name: str | None) -> str:
    """Describe what an export would write over in a folder that is not its Run's own; "" where there is nothing.

    Args:
        run: The Run that is exported; None for a task that is not saved.
        target: The folder.
        name: The name of the export in it, such as "lite"; None where an earlier one may be replaced.
    """
    if run is not None and os.path.realpath(run) == os.path.realpath(target):
        return ""
    if found := finished_run(target):
        return f"{found}, not the one exported"
    return f"{target / name} exists already" if name is not None and os.path.lexists(target / name) else ""


def identity_of(place: Path) -> Identity:
    """What tells a Run from another that takes its name: its `config.json`; None where there is no Run."""
    if not is_run(place):
        return None
    found = (place / CONFIG).stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def refuse_changed(place: Path, before: Identity) -> None:
    """Refuse to replace a Run that came to be in a folder since a look at it.

    Args:
        place: The folder.
        before: What `identity_of` gave then.

    Raises:
        RnnkitError: There is another one.
    """
    if identity_of(place) in (before, None):
        return
    kept = "Save again."
    if (partial(place) / CHECKPOINT).is_file():
        kept = f"What was trained here is kept in {partial(place)}: rename that Run, and go on with --resume."
    raise RnnkitError(f"{place} became a finished Run ({describe(place)}) meanwhile, and was left as it is. {kept}")


def has_older_training(place: Path) -> bool:
    """Whether a training that broke off lies beside a finished Run, and ended before that was trained.

    What is left of the Run's own training, killed after it was whole, is none.
    """
    if not _is_begun(place) or not (place / METRICS).is_file() or is_remainder(place):
        return False
    return not _is_later(place)


def is_remainder(place: Path) -> bool:
    """Whether the partial Run beside a finished one is of the very same settings and data, and not later."""
    if not _is_begun(place) or not (place / METRICS).is_file():
        return False
    begun, results = _content(partial(place) / SETTINGS), _content(place / METRICS)
    begun.pop(BEGUN, None)
    return begun == results.get("settings") and not _is_later(place)


def _is_begun(place: Path) -> bool:
    return (partial(place) / SETTINGS).is_file()


def _is_later(place: Path) -> bool:
    """Whether the partial Run was begun after the finished one was trained, by what both record.

    What earlier versions began records no date; then it counts which was written last.
    """
    dates = _content(partial(place) / SETTINGS).get(BEGUN), _content(place / METRICS).get(TRAINED)
    try:
        begun, trained = (datetime.fromisoformat(str(date)) for date in dates)
        return begun >= trained
    except (ValueError, TypeError):  # no dates, or one without a time zone
        pass
    files = [partial(place) / name for name in (SETTINGS, CHECKPOINT)]
    return max(file.stat().st_mtime for file in files if file.is_file()) > (place / METRICS).stat().st_mtime


def _content(path: Path) -> dict[str, Any]:
    """A JSON object in a file; empty where it is broken."""
    try:
        found = read_json(path, constant=float)
    except RnnkitError:
        return {}
    return dict(found) if isinstance(found, dict) else {}


def _goes_on(place: Path) -> bool:
    """Whether a training to resume goes on, or finds its Run finished."""
    if not (place / METRICS).is_file():
        return _is_begun(place)
    return not has_older_training(place)
