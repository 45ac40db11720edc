"""`rnnkit train --folds`: cross-validation before, or instead of, the training of a Run."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from rnnkit.cli.screen import named_lines, say
from rnnkit.errors import RnnkitError
from rnnkit.run.figures import figures_of, interval_text, shown, usual_name

Folds = Annotated[
    str | None,
    typer.Option("--folds", metavar="K", help="first cross-validate with K folds, such as 5; 5x3 repeats that 3 times"),
]
FoldsOnly = Annotated[bool, typer.Option("--folds-only", help="with --folds: train no Run after them")]


class Plan(NamedTuple):
    """How often to divide the data, into how many folds; 0 folds for not at all."""

    folds: int = 0
    repeats: int = 1


def plan_of(folds: str | None, only: bool) -> Plan:
    """What `--folds` asks for.

    Raises:
        RnnkitError: It is no number of folds, or `--folds-only` is alone.

    Example:

    >>> plan_of("5x3", False), plan_of(None, False)
    (Plan(folds=5, repeats=3), Plan(folds=0, repeats=1))
    """
    if folds is None:
        if only:
            raise RnnkitError("--folds-only needs the number of folds: --folds 5 --folds-only.")
        return Plan()
    found = re.fullmatch(r"([0-9]{1,4})(?:x([0-9]{1,4}))?", folds.strip().lower())
    plan = Plan(int(found[1]), int(found[2] or 1)) if found else Plan()
    if not (2 <= plan.folds <= 1000 and 1 <= plan.repeats <= 1000):
        raise RnnkitError(
            f"--folds is {folds!r:.40}; expected a number from 2 to 1000, such as 5, or 5x3 for 3 times 5."
        )
    return plan


def cross_validated(task: Any, rows: Any, plan: Plan, to: Path, resume: bool, overwrite: bool) -> Path:
    """Train and test on each fold, and print what was found.

    Args:
        task: A task that is not trained.
        rows: The opened data.
        plan: How to divide them.
        to: The Run's folder.
        resume: Whether finished folds are kept.
        overwrite: Whether they are replaced.

    Returns:
        The folder of the folds.
    """
    from rnnkit.run.folds import folds_beside
    from rnnkit.tasks.base.cross_validation import cross_validate

    folder = folds_beside(to)
    record = cross_validate(
        task, rows, folds=plan.folds, repeats=plan.repeats, to=folder, resume=resume, overwrite=overwrite, run=to
    )
    say(f"{title_of(record)}: mean ± standard deviation (95 % interval of the mean)", "bold")
    named_lines(summary_lines(record))
    return folder


def title_of(record: Mapping[str, Any]) -> str:
    """ "5 folds", or "5 folds, 3 times", of a cross-validation's record."""
    counts = record.get("settings")
    found = {figure.key: figure.value for figure in figures_of(counts)}
    times = f", {shown(found['repeats'])} times" if found.get("repeats", 1) > 1 else ""
    return f"{shown(found.get('folds', 0))} folds{times}"


def summary_lines(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A line for each figure of a cross-validation: name, mean ± standard deviation (interval)."""
    summary = record.get("summary")
    lines = []
    for name, each in summary.items() if isinstance(summary, Mapping) else ():
        found = {figure.key: figure.value for figure in figures_of(each)}
        if "mean" in found:
            deviation = f" ± {shown(found['standard_deviation'])}" if "standard_deviation" in found else ""
            bounds = interval_text({"confidence_intervals": {"mean": each.get("interval")}}, "mean")
            lines.append((usual_name(str(name)), f"{shown(found['mean'])}{deviation}{bounds}"))
    return lines
