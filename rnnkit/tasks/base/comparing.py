"""Cells compared on a user's own data: the same task, settings, data and budget, one cell after another."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnkit.errors import RnnkitError
from rnnkit.quiet import load_keras
from rnnkit.run.comparison import COMPARISON
from rnnkit.tasks.base.comparison import Comparison, naming
from rnnkit.tasks.base.scoring import opened
from rnnkit.tasks.base.stacks import stacks_of
from rnnkit.training.cluster import refuse_cluster

if TYPE_CHECKING:
    from rnnkit.tasks.base.task import Task

_MOST_SEEDS = 100


def compare(
    task: "Task",
    source: Any,
    targets: Any = None,
    *,
    cells: str | Sequence[str],
    to: str | PathLike[str],
    seeds: int = 1,
    keep_all: bool = False,
    resume: bool = False,
    overwrite: bool = False,
    columns: dict[str, str | None] | None = None,
) -> dict[str, Any]:
    """Train a task with one cell after another, and keep the Run with the best validation score.

    Settings, data, split and budget are the same for all: `minutes` of training steps, or `epochs`. A cell that cannot
    be trained, such as one whose loss explodes, is a row that says so.

    Args:
        task: A task with the options to train with, but for `cell`; it stays untrained.
        source: As for `fit`.
        targets: Where `source` is a list of inputs, as many targets.
        cells: As `rnnkit.tasks.base.stacks.stacks_of` takes them: "gru,lstm,min_gru:3".
        to: A folder for `comparison.json`, `comparison.csv`, `comparison.png`, and the Run that is kept.
        seeds: How many seeds, from the option `seed` on. Each divides the data anew, the same for all cells.
        keep_all: Whether the other Runs are kept as well.
        resume: Whether to go on with the comparison in that folder: finished cells are not trained again, an
            interrupted one goes on, those that failed are tried again. There may be further cells and seeds.
        overwrite: Whether to replace it instead, with its Runs.
        columns: As for `fit`.

    Returns:
        The content of `comparison.json`: "settings", "results" (for each cell and seed the figures of validation, the
        time, and the bytes and milliseconds of its TFLite file, or an `error`) and "kept" (the `run`, and its figures
        on the test part, which had no part in the choice).

    Raises:
        RnnkitError: For cells that are unknown or that the task cannot take, data that cannot be used, a folder that
            holds a comparison already or one of other settings, or where all cells failed.

    Example:

    >>> import rnnkit
    >>> rows = [(f"{word} film {i}", word) for i in range(15) for word in ("good", "bad")]
    >>> task = rnnkit.TextClassifier(units=4, epochs=1)
    >>> rnnkit.compare(task, rows, cells="gru,mgu", to="cells")["kept"]["run"]  # doctest: +SKIP
    'gru'
    """
    options = task.options.to_dict()
    stacks = stacks_of(cells, options.get("layers", 0))
    if type(seeds) is not int or not 1 <= seeds <= _MOST_SEEDS:
        raise RnnkitError(f"seeds is {seeds!r:.40}; expected a whole number from 1 to {_MOST_SEEDS}.")
    folder = Path(to)
    if "cell" not in options:
        raise RnnkitError(f"{task.key} has no option cell, so it has no cells to compare.")
    task.options.check_new()
    refuse_cluster("A comparison of cells")
    COMPARISON.refuse(folder, resume, overwrite)
    for stack in stacks:
        with naming(stack):
            type(task)(**{**options, **stack.options})
    load_keras()
    rows = opened(task, source, columns if targets is None else targets)
    with COMPARISON.claimed(folder, resume, overwrite):
        made = Comparison(task, rows, folder, seeds, keep_all, resume)
        stacks = made.possible(stacks)
        if not resume:
            COMPARISON.clear(folder)
        return made.of(stacks)
