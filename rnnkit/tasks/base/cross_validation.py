"""Cross-validation: trained anew for each fold of the data, tested on that fold."""

import time
from contextlib import nullcontext
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnkit.data.folds import Divisible, folds_of, rare_labels
from rnnkit.errors import RnnkitError
from rnnkit.metrics.fold_summary import fold_summary
from rnnkit.quiet import load_keras
from rnnkit.run import folder as runs
from rnnkit.run.figures import figures_of, key_figure
from rnnkit.run.folds import PICTURE, claimed_folds, read_folds, write_folds
from rnnkit.tasks.base.scoring import opened

if TYPE_CHECKING:
    from rnnkit.tasks.base.task import Task

_MOST = 1000


def cross_validate(
    task: "Task",
    source: Any,
    targets: Any = None,
    *,
    folds: int = 5,
    repeats: int = 1,
    to: str | PathLike[str] | None = None,
    resume: bool = False,
    overwrite: bool = False,
    columns: dict[str, str | None] | None = None,
    run: Path | None = None,
) -> dict[str, Any]:
    """Train and test on every fold of the data: the figures of small data, and how much chance is in them.

    Each fold is tested by a training on the others, of which a part is held out for validation, as in `fit`. Folds are
    stratified by label where an example has one; equal examples are in one fold. The seed of repetition r is that of
    the options plus r, for the division and for the training.

    Args:
        task: A task with the options to train with; it stays untrained.
        source: As for `fit`. A given test part is left alone, a given validation part serves every fold.
        targets: Where `source` is a list of inputs, as many targets: `cross_validate(task, texts, labels)`.
        folds: Their number, 2 or more.
        repeats: How often everything is divided anew.
        to: A folder for `folds.json`, written after each fold, and a picture.
        resume: Whether to go on with the folds in that folder; finished ones are not trained again.
        overwrite: Whether to replace them instead.
        columns: As for `fit`.
        run: A Run whose own `folds.json` is gone on with where the folder has none.

    Returns:
        The content of `folds.json`: "settings", "results" (a fold each: its `figures`, counts, doubts and seconds) and
        "summary" (for each figure `mean`, `standard_deviation` and the 95 % `interval` of the mean:
        `rnnkit.metrics.fold_summary`).

    Raises:
        RnnkitError: There are fewer different examples than folds, the data cannot be used, or the folder holds folds
            of other settings.

    Example:

    >>> import rnnkit
    >>> rows = [(f"{word} film {i}", word) for i in range(15) for word in ("good", "bad")]
    >>> made = rnnkit.cross_validate(rnnkit.TextClassifier(units=4, epochs=1), rows, folds=3)  # doctest: +SKIP
    >>> len(made["results"]), sorted(made["summary"]["accuracy"])  # doctest: +SKIP
    (3, ['interval', 'mean', 'standard_deviation'])
    """
    _check("folds", folds, 2)
    _check("repeats", repeats, 1)
    load_keras()
    from rnnkit.tasks.base.fitting import CONTENT, require_same
    from rnnkit.training.progress import console, warn

    task.options.check_new()
    folder = None if to is None else Path(to)
    data = task.in_folds(opened(task, source, columns if targets is None else targets))
    divided = [folds_of(data, folds, task.options.seed + repeat) for repeat in range(repeats)]
    settings = {"options": task.options.to_dict(), "data": data.digest, "folds": folds, "repeats": repeats}
    settings |= {f"{CONTENT}{name}": digest for name, digest in task.preprocessing.pretrained_digests().items()}
    record: dict[str, Any] = {"task": task.key, "data": data.name, "examples": len(data.examples)}
    record |= {"settings": settings, "versions": runs.versions(), "results": [], "summary": {}}

    def keep() -> None:
        results = record["results"]
        tested_to_trained = sum(one["test"] / one["train"] for one in results) / max(len(results), 1)
        record["summary"] = fold_summary([one["figures"] for one in results], tested_to_trained)
        if folder is not None:
            write_folds(folder, record)

    with nullcontext() if folder is None else claimed_folds(folder, resume, overwrite):
        places = [place for place in (folder, run) if place is not None] if resume else []
        for place, before in [(place, found) for place in places if (found := read_folds(place))][:1]:
            require_same(task, place, before.get("settings"), settings)
            record["results"] = before["results"][: folds * repeats]
            keep()
        for line in rare_labels(data, folds):
            warn(line)
        for number in range(len(record["results"]), folds * repeats):
            repeat, fold = divmod(number, folds)
            name = f"fold {fold + 1} of {folds}" + (f", repetition {repeat + 1} of {repeats}" if repeats > 1 else "")
            found = _trained_fold(task, data, divided[repeat] == fold, repeat, name)
            record["results"].append({"repetition": repeat + 1, "fold": fold + 1, **found})
            keep()
            counts = ", ".join(f"{found[part]} {part}" for part in ("train", "validation", "test"))
            console.print(
                f"{name}: {key_figure(found['figures'])}  ({counts}; {found['seconds']:.0f} s)", soft_wrap=True
            )
            for doubt in found["doubts"]:
                warn(doubt)
        if folder is not None:
            _draw(record, folder)
    return record


def _trained_fold(task: "Task", data: Divisible, tested: np.ndarray, repeat: int, name: str) -> dict[str, Any]:
    """Train on all but a fold, test on it. Return counts, figures and seconds."""
    began = time.monotonic()
    options = {**task.options.to_dict(), "seed": (task.options.seed + repeat) % 2**31}
    fresh = type(task)(**options)
    fresh.reading = task.reading
    from rnnkit.training.progress import silenced

    rest, fold = ([data.examples[place] for place in np.flatnonzero(chosen)] for chosen in (~tested, tested))
    with silenced(name):
        try:
            fresh.fit(data.opened(rest), data.opened(fold, test=True))
        except RnnkitError as error:
            raise RnnkitError(f"{name}: {error}") from None
    test = fresh.results["test"]
    parts: Any = fresh.parts
    counts = {part: len(getattr(parts, part)) for part in ("train", "validation", "test")}
    figures = {figure.key: test[figure.key] for figure in figures_of(test)}
    best, seconds = fresh.results["best_epoch"], round(time.monotonic() - began, 1)
    return {**counts, "figures": figures, "doubts": list(fresh.doubts(best)), "best_epoch": best, "seconds": seconds}


def _draw(record: dict[str, Any], folder: Path) -> None:
    from rnnkit import plots

    means = {name: each["mean"] for name, each in record["summary"].items()}
    if (figure := key_figure(means)) is None:
        return
    values = [one["figures"][figure.key] for one in record["results"]]
    bounds = record["summary"][figure.key].get("interval")
    plots.fold_figure(values, figure.value, bounds, folder / PICTURE, figure.name, record["settings"]["folds"])


def _check(name: str, value: Any, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _MOST:
        raise RnnkitError(f"{name} is {value!r:.40}; expected a whole number from {least} to {_MOST}.")
