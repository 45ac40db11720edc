"""From raw data to a saved Run: the sequence of steps shared by all tasks."""

import dataclasses
import os
import time
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import numpy as np

from rnnkit.data.remembered import reading_of
from rnnkit.errors import RnnkitError
from rnnkit.files.disk import disk_errors
from rnnkit.files.writing import new_folder
from rnnkit.installed import missing
from rnnkit.layers.weights import copy_lasting_weights, lasting_weights
from rnnkit.run import folder as runs
from rnnkit.run import target as targets
from rnnkit.run.finished import Identity, identity_of, is_remainder
from rnnkit.tasks.base.build import Build
from rnnkit.tasks.base.describing import describe
from rnnkit.tasks.base.digest import digest_of
from rnnkit.tasks.base.examples import Splits
from rnnkit.tasks.base.finetuning import BEFORE, findings, said_of_change
from rnnkit.tasks.base.kept_parts import learnt
from rnnkit.tasks.base.learnt import require_savable
from rnnkit.tasks.base.replicated import replicas_for, trained_network, validating
from rnnkit.tasks.base.saving import write
from rnnkit.tasks.base.scoring import score
from rnnkit.tasks.base.task import Task
from rnnkit.training.bars import reading
from rnnkit.training.budget import MOST_EPOCHS
from rnnkit.training.checkpoint import Progress
from rnnkit.training.progress import console
from rnnkit.training.trainer import train
from rnnkit.wrapping import print_wrapped

#: In the settings, the prefix of an option that names a file; the value is a hash of its content.
CONTENT = "content of "
_ANEW = "Delete its folder, or train without --resume."


def fit(
    task: Task,
    source: Any,
    test: Any,
    *,
    to: Path | None,
    resume: bool,
    overwrite: bool,
    columns: dict[str, str | None] | None,
    callbacks: tuple[keras.callbacks.Callback, ...],
    parent: Task | None,
) -> None:
    """See `Task.fit`."""
    if parent is None:
        task.options.check_new()
    with nullcontext() if to is None else targets.claimed(to, True, overwrite=overwrite, resume=resume) as place:
        _fit(task, source, test, place, resume, columns, callbacks, parent)
    task.folder = to or task.folder


def _fit(
    task: Task,
    source: Any,
    test: Any,
    to: Path | None,
    resume: bool,
    columns: dict[str, str | None] | None,
    callbacks: tuple[keras.callbacks.Callback, ...],
    parent: Task | None,
) -> None:
    """`fit`, with the folder `to` held for it."""
    began, there = time.monotonic(), None if to is None else identity_of(to)
    replicas = replicas_for(task)
    if task.options.tensorboard and find_spec("tensorboard") is None:
        raise missing("tensorboard", "--tensorboard")
    keras.utils.set_random_seed(task.options.seed)
    with reading():
        rows = task.read(source, columns)
        task.reading = reading_of(rows)
        tested = None if test is None else task.read(test, columns)
        parts = learnt(task.preprocessing, rows, tested, None if parent is None else parent.preprocessing)
    require_savable(task.preprocessing)
    task.parts = parts
    training = task.batches(parts.train)
    fills_time = bool(task.options.minutes) and not task.options.epochs
    options = dataclasses.replace(task.options, epochs=MOST_EPOCHS if fills_time else task.epochs(training.steps))
    if "padding_waste" not in parts.report:
        parts.report["padding_waste"] = round(training.buckets.padding_waste(), 4)
    start = None if parent is None else str(parent.folder)
    settings = {"options": options.to_dict(), "data": parts.digest, "start": start}
    known = task.preprocessing.pretrained_digests() if parent is None else {"start": _digest(parent)}
    settings |= {f"{CONTENT}{name}": digest for name, digest in known.items()}
    replicas.require_same({**settings, "data": "", "resume": resume}, parts.digest)
    if replicas.from_chief(to is not None and resume and _finished(task, to, settings)):
        print_wrapped(console, f"{to or 'This'} is already trained with these settings and data.")
        task.results = replicas.from_chief(task.results)
        return
    describe(parts.report, task.example_noun, task.parts_noun)
    task.network = task.build(Build(training=True))
    if said := task.preprocessing.initialise_weights(task.network) if parent is None else task.copy_from(parent):
        print_wrapped(console, said)
    for warns, line in () if parent is None else findings(task, parent, parts.report, rows):
        print_wrapped(console, f"{'WARNING: ' * warns}{line}", "yellow" if warns else "")
    before = {} if parent is None else {BEFORE: score(task, parts.test, task.outputs(parts.test))}
    trained = trained_network(task, replicas, options.epochs * training.steps)
    with nullcontext() if to is None else disk_errors(runs.partial(to), kept=runs.partial(to) / runs.CHECKPOINT):
        folder = None if to is None else _open_partial(task, to, settings, resume)
        progress = train(
            trained,
            training,
            validating(task, replicas, trained, parts.validation),
            options,
            folder=folder,
            resume=resume,
            monitor=task.monitor,
            callbacks=callbacks,
            replicas=replicas,
            size=task.loss_size,
        )
        task.history = progress.history
        replicas.give_back(trained, task.network)
        if task.options.mixed_precision:  # only for training
            half, task.network = task.network, task.build()
            copy_lasting_weights(half, task.network)
        if not replicas.is_chief:
            task.results = replicas.from_chief(None)
            return
        tested = _score(task, parts, progress, settings, round(time.monotonic() - began, 1))
        for doubt in task.doubts(progress.best_epoch):
            print_wrapped(console, f"WARNING: {doubt}", "yellow")
        task.results |= before
        if parent is not None and (line := said_of_change(task, parent)):
            print_wrapped(console, line)
        if folder is not None and to is not None:
            _save(task, parts, tested, folder, to, there)
        replicas.from_chief(task.results)


def _finished(task: Task, to: Path, settings: dict[str, Any]) -> bool:
    """Whether `to` already is the Run of these settings; if so, the task is given its weights."""
    if not (to / runs.METRICS).is_file():
        return False
    if (runs.partial(to) / runs.SETTINGS).is_file() and not is_remainder(to):
        print_wrapped(console, f"{runs.partial(to)} goes on, and replaces the finished Run {to} once it is whole.")
        return False
    results = runs.read_json(to / runs.METRICS, constant=float)
    require_same(task, to, results.get("settings") if isinstance(results, dict) else None, settings)
    _remove_resume_files(to)
    targets.give_up(runs.partial(to))  # what is left of this very training
    loaded = type(task).load(to)
    task.reading = loaded.reading
    task.network, task.results, task.history, task.folder = loaded.network, results, loaded.history, to
    return True


def _open_partial(task: Task, to: Path, settings: dict[str, Any], resume: bool) -> Path:
    """The folder in which the Run is assembled; a resumed one must have the same settings."""
    folder = runs.partial(to)
    if resume and (folder / runs.SETTINGS).is_file():
        require_same(task, folder, runs.read_json(folder / runs.SETTINGS, advice=_ANEW), settings)
        return folder
    if (folder / runs.CHECKPOINT).is_file():
        print_wrapped(console, f"{folder} holds an interrupted training; without --resume it starts over.")
    return targets.begin(to, settings)


def require_same(task: Task, folder: Path, before: object, settings: dict[str, Any]) -> None:
    """Refuse to resume a training with other settings, naming one that differs.

    An option that did not exist at the time counts as having its current default.
    """
    old, new = (_flat(content) for content in (before, settings))
    old = {**task.options_class().to_dict(), **old}
    recorded = [name for name in {**new, **old} if name in old or not name.startswith(CONTENT)]  # earlier Runs lack it
    name = next((name for name in recorded if name not in old or old[name] != new.get(name)), None)
    if name is None:
        return
    was = "other data" if name == "data" else f"{name} {old.get(name)!r}, now it is {new.get(name)!r}"
    if name.startswith(CONTENT):
        was = f"other {name} {new.get(name.removeprefix(CONTENT))!r}"
    raise RnnkitError(
        f"{folder} was started with {was}. Resume with the same settings and data, or leave --resume out to start over."
    )


def _digest(parent: Task) -> str:
    """A digest of the trained weights, for recognising them later."""
    return digest_of(*(keras.ops.convert_to_numpy(weight.value) for weight in lasting_weights(parent.network)))


def _flat(settings: object) -> dict[str, Any]:
    """The options, followed by the other settings, in one dictionary."""
    content = dict(settings) if isinstance(settings, dict) else {}
    content.pop(runs.BEGUN, None)
    options = content.pop("options", None)
    return {**(options if isinstance(options, dict) else {}), **content}


def _remove_resume_files(folder: Path) -> None:
    """Remove what earlier versions left in a Run when they were killed just after it got its final name."""
    if (folder / runs.SETTINGS).is_file() and "options" in _plain_settings(folder):
        for name in (runs.CHECKPOINT, runs.SETTINGS):
            (folder / name).unlink(missing_ok=True)


def _plain_settings(folder: Path) -> dict[str, Any]:
    try:
        content = runs.read_json(folder / runs.SETTINGS)
    except RnnkitError:
        return {}
    return content if isinstance(content, dict) else {}


def _score(task: Task, parts: Splits, progress: Progress, settings: dict[str, Any], seconds: float) -> np.ndarray:
    """Calibrate on the validation part, then read the test part once. Return its outputs."""
    with console.status("scoring"):
        calibration = task.calibrate(parts.validation, task.outputs(parts.validation))
        validation = task.metrics(parts.validation, task.outputs(parts.validation))
        tested = task.outputs(parts.test)
    task.results = {
        "data": {**parts.report, "sha256": parts.digest},
        "validation": validation,
        "test": score(task, parts.test, tested),
        "calibration": calibration,
        "best_epoch": progress.best_epoch,
        "epochs": len(task.history),
        "steps": progress.steps,
        "milliseconds_a_step": round(1000 * progress.seconds / progress.steps, 3) if progress.steps else None,
        "seconds": seconds,
        "training_seconds": round(sum(row["seconds"] for row in task.history), 1),
        "parameters": int(task.network.count_params()),
        "settings": settings,
        "versions": runs.versions(),
        runs.TRAINED: runs.timestamp(),
    }
    return tested


def _save(task: Task, parts: Splits, tested: np.ndarray, folder: Path, to: Path, there: Identity) -> None:
    """Write the Run into a new folder, then rename it; if killed in between, the training can still be finished."""
    from rnnkit import plots
    from rnnkit.plots.naming import pictures_of

    with new_folder(folder / "run") as new, pictures_of(to.name):
        write(task, new)
        pictures = new / runs.PLOTS
        pictures.mkdir()
        monitored = task.monitor.removeprefix("val_")
        plots.learning_curves(task.history, pictures / "learning_curves.png", task.results["best_epoch"], monitored)
        task.plot(pictures, parts, tested)
        targets.finish(new, to, there)
    if (folder / runs.TENSORBOARD).is_dir():
        os.replace(folder / runs.TENSORBOARD, to / runs.TENSORBOARD)
    targets.give_up(folder)
