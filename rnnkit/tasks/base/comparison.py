"""A comparison of cells at work in its folder: what is finished, what is trained next, which Run is kept."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnkit.errors import RnnkitError, one_line
from rnnkit.run import comparison as kept
from rnnkit.run import folder as runs
from rnnkit.run.figures import INTERVALS, figures_of, interval_text, key_figure, shown, usual_name
from rnnkit.tasks.base.build import Build
from rnnkit.tasks.base.ranking import Row, ranked
from rnnkit.tasks.base.scoring import score
from rnnkit.tasks.base.stacks import Stack

if TYPE_CHECKING:
    from rnnkit.tasks.base.task import Task

_FROM_RUN = ("training_seconds", "milliseconds_a_step", "steps", "epochs", "best_epoch", "parameters")


@contextmanager
def naming(stack: Stack) -> Iterator[None]:
    """Name the cell in an error that says why a task cannot take it."""
    try:
        yield
    except RnnkitError as error:
        raise RnnkitError(f"The cell {stack.name} cannot be compared: {error}") from None


class Comparison:
    """A comparison at work in its folder.

    Args:
        task: The task, untrained.
        rows: The opened data.
        folder: Where the record and the Runs are.
        seeds: Seeds in all.
        keep_all: Whether every Run is kept.
        resume: Whether it goes on with what the folder has.
    """

    def __init__(self, task: "Task", rows: Any, folder: Path, seeds: int, keep_all: bool, resume: bool) -> None:
        from rnnkit.tasks.base.describing import describe
        from rnnkit.tasks.base.fitting import CONTENT, require_same

        self.task, self.rows, self.folder = task, rows, folder
        self.options = task.options.to_dict()
        self.seeds = [(task.options.seed + number) % 2**31 for number in range(seeds)]
        self.prepared = type(task)(**self.options)
        parts = self.prepared.preprocessing.learn(rows, None, None)
        same = {**self.options, "cell": type(task.options)().cell}
        settings = {"options": same, "data": parts.digest}
        settings |= {f"{CONTENT}{name}": digest for name, digest in task.preprocessing.pretrained_digests().items()}
        self.record: dict[str, Any] = {"task": task.key, "data": parts.report.get("name", ""), "settings": settings}
        self.record |= {"versions": runs.versions(), "keep_all": keep_all, "results": []}
        if resume and (folder / kept.RECORD).is_file():
            before = kept.COMPARISON.read(folder)
            require_same(task, folder, before.get("settings"), settings)
            self.record["results"] = [one for one in before["results"] if "error" not in one]
            self.record["keep_all"] = keep_all or bool(before.get("keep_all"))
        describe(parts.report, task.example_noun, task.parts_noun)

    @property
    def results(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.record["results"]
        return found

    def of(self, stacks: list[Stack]) -> dict[str, Any]:
        """Train what is not finished; keep the best. Return the record."""
        self._write()
        self._began, self._trained = time.monotonic(), 0
        for stack in stacks:
            for seed in self.seeds:
                if not self._is_done(stack, seed):
                    self._train(stack, seed, stacks)
            self._tidy()
        best = ranked(self.results)[0]
        if best.figure and not any(runs.is_run(self.folder / run) for run in best.runs):  # somebody removed it
            self.record["results"] = [one for one in self.results if one["run"] != best.runs[0]]
            return self.of([stack for stack in stacks if stack.name == best.name] or [_stack(best)])
        self._finish(best)
        return self.record

    def possible(self, stacks: list[Stack]) -> list[Stack]:
        """The cells that the task can be built with.

        Raises:
            RnnkitError: One that the user named is not among them.
        """
        from rnnkit.training.progress import warn

        possible = []
        for stack in stacks:
            probe = type(self.task)(**{**self.prepared.options.to_dict(), **stack.options})
            probe.preprocessing = self.prepared.preprocessing
            try:
                with naming(stack):
                    probe.build(Build(training=True))
            except RnnkitError as error:
                if stack.by_name:
                    raise
                warn(f"{error} It is left out.")
            else:
                possible.append(stack)
        return possible

    def _is_done(self, stack: Stack, seed: int) -> bool:
        return any((one["cell"], one["layers"], one["seed"]) == (*stack[:2], seed) for one in self.results)

    def _train(self, stack: Stack, seed: int, stacks: list[Stack]) -> None:
        """Train a cell with a seed, and record what was found."""
        from rnnkit.training.progress import console, warn

        run = stack.name.replace(":", "-") + ("" if seed == self.seeds[0] else f"-seed{seed}")
        name = f"{stack.name}, cell {stacks.index(stack) + 1} of {len(stacks)}"
        name += f", seed {seed}" if len(self.seeds) > 1 else ""
        found: dict[str, Any] = {"cell": stack.cell, "layers": stack.layers, "seed": seed, "run": run}
        try:
            fresh = type(self.task)(**{**self.options, **stack.options, "seed": seed})
            fresh.reading = self.task.reading
            found |= figures_of_training(fresh, self.rows, self.folder / run, name + self._left(stacks))
        except Exception as error:  # of one cell among many, which may be the user's own
            said = str(error) if isinstance(error, RnnkitError) else f"{type(error).__name__}: {error}"
            found["error"] = one_line(said)[:500]
            kept.remove_runs(self.folder, [run])
        gc.collect()
        self.results.append(found)
        self._trained += 1
        self._write()
        console.print(f"{name}: {_in_words(found)}", soft_wrap=True)
        for doubt in found.get("doubts", ()):
            warn(f"{stack.name}: {doubt}")

    def _left(self, stacks: list[Stack]) -> str:
        """The time that is left, by what trainings have taken so far."""
        if not self._trained:
            return ""
        left = sum(not self._is_done(stack, seed) for stack in stacks for seed in self.seeds)
        minutes = left * (time.monotonic() - self._began) / self._trained / 60
        return f", about {minutes:.0f} minutes left" if minutes >= 1 else ", less than a minute left"

    def _tidy(self) -> None:
        """Remove the Runs that are not the best so far."""
        if self.record["keep_all"]:
            return
        best = next((run for run in ranked(self.results)[0].runs if runs.is_run(self.folder / run)), None)
        kept.remove_runs(self.folder, [one["run"] for one in self.results if best and one["run"] != best])

    def _finish(self, best: Row) -> None:
        from rnnkit import plots
        from rnnkit.run.summary import summarise

        self.record.pop("kept", None)
        if not best.figure:
            self._write()
            raise RnnkitError(f"None of {len(self.results)} trainings came to its end; {best.name}: {best.error}")
        run = next(run for run in best.runs if runs.is_run(self.folder / run))
        self.record["kept"] = {"run": run, "test": summarise(self.folder / run).results.get("test", {})}
        self._write()
        timed = next((lite["timed"] for one in self.results if "timed" in (lite := one.get("tflite", {}))), "")
        points = [
            plots.Tradeoff(row.name, row.milliseconds, row.score, row.interval, row is best)
            for row in [best, *ranked(self.results)[1:]]
            if row.figure == best.figure and row.milliseconds
        ]
        if points:
            timed = f"{timed} on one thread of this machine"
            plots.tradeoff_figure(points, self.folder / kept.PICTURE, best.figure, timed)

    def _write(self) -> None:
        kept.COMPARISON.write(self.folder, self.record, [row.cells() for row in ranked(self.results)])


def _stack(row: Row) -> Stack:
    cell, _, layers = row.name.partition(":")
    return Stack(cell, int(layers or 0))


def _in_words(found: dict[str, Any]) -> str:
    """A training's result in a line."""
    if "error" in found:
        return f"failed: {found['error']}"
    figure = key_figure(found["validation"])
    said = "no figure" if figure is None else f"{usual_name(figure.key)} {shown(figure.value)}"
    bounds = interval_text(found["validation"], figure.key) if figure else ""
    return f"validation {said}{bounds}  ({found['training_seconds']:.0f} s)"


def figures_of_training(task: "Task", rows: Any, to: Path, name: str) -> dict[str, Any]:
    """Train and export a task in silence. Return its figures on the validation part, and what they cost.

    Args:
        task: The task, untrained.
        rows: The opened data.
        to: Its Run; an interrupted training for it goes on.
        name: What a terminal shows.
    """
    from rnnkit.training.progress import EpochStatus, silenced

    with silenced(name) as show:
        task.fit(rows, to=to, resume=True, callbacks=(EpochStatus(show, name),))
        show(f"{name}: exporting")
        parts: Any = task.parts
        scored = score(task, parts.validation, task.outputs(parts.validation))
        lite = exported(task)
    validation: dict[str, Any] = {figure.key: figure.value for figure in figures_of(scored)}
    validation[INTERVALS] = {figure: list(bounds) for figure, bounds in scored.get(INTERVALS, {}).items()}
    share = len(parts.validation) / max(len(parts.train), 1)
    found = {"validation": validation, "validation_to_train": share, "tflite": lite}
    found |= {each: task.results.get(each) for each in _FROM_RUN}
    return {**found, "doubts": list(task.doubts(task.results["best_epoch"]))}


def exported(task: "Task") -> dict[str, Any]:
    """Bytes and milliseconds of the TFLite file, or why there is none."""
    try:
        done = task.export(overwrite=True)
    except RnnkitError as error:
        return {"error": str(error)}
    timed = done.get("timed", task.exporter().timed)
    return {"bytes": done["bytes"], "milliseconds": done["milliseconds"], "timed": timed}
