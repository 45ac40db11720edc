"""A search of settings at work in its folder: what is finished, what is trained next, which Runs are kept."""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from rnnkit.errors import RnnkitError, one_line
from rnnkit.run import folder as runs
from rnnkit.run.collection import remove_runs
from rnnkit.run.figures import less_is_better, shown, usual_name
from rnnkit.run.tuning import FRONT_PICTURE, HISTORY_PICTURE, IMPORTANCE_PICTURE, RECORD, STUDY, TUNING
from rnnkit.tasks.base.comparison import exported
from rnnkit.tasks.base.describing import describe
from rnnkit.tasks.base.fitting import CONTENT, require_same
from rnnkit.tasks.base.search_space import Space, in_words
from rnnkit.tasks.base.study import Study
from rnnkit.training.progress import EpochStatus, console, silenced

if TYPE_CHECKING:
    from rnnkit.tasks.base.task import Task


class Pruned(Exception):
    """A training is given up, as others were better by then."""


class Search:
    """A search at work in its folder.

    Args:
        task: The task, untrained.
        rows: The opened data.
        folder: Where the record, the study and the Runs are.
        space: What is tried.
        goals: Of `GOALS`.
        resume: Whether it goes on with what the folder has.
    """

    def __init__(
        self, task: "Task", rows: Any, folder: Path, space: Space, goals: tuple[str, ...], resume: bool
    ) -> None:
        self.task, self.rows, self.folder, self.space, self.goals = task, rows, folder, space, goals
        self.options = task.options.to_dict()
        parts = type(task)(**self.options).preprocessing.learn(rows, None, None)
        settings = {"options": self.options, "data": parts.digest, "goals": list(goals)}
        settings["space"] = {name: list(tried) for name, tried in space.items()}
        settings |= {f"{CONTENT}{name}": digest for name, digest in task.preprocessing.pretrained_digests().items()}
        self.record: dict[str, Any] = {"task": task.key, "data": parts.report.get("name", ""), "settings": settings}
        self.record |= {"monitor": task.monitor.removeprefix("val_"), "versions": runs.versions(), "results": []}
        if resume and (folder / RECORD).is_file():
            before = TUNING.read(folder)
            require_same(task, folder, before.get("settings"), settings)
            self.record["results"] = before["results"]
        describe(parts.report, task.example_noun, task.parts_noun)
        folder.mkdir(parents=True, exist_ok=True)
        self.score_less = less_is_better(self.record["monitor"])
        self.less = [self.score_less if goal == "score" else True for goal in goals]
        self._write()
        self.study = Study(folder / STUDY, self.less, space, task.options.seed, goals == ("score",))
        self.study.follow(self.results)

    @property
    def results(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.record["results"]
        return found

    def of(self, trials: int, seconds: float) -> dict[str, Any]:
        """Train until there are so many trials, or so much time has gone by. Return the record."""
        self._write()
        while len(self.results) < trials and not (seconds and sum(one["seconds"] for one in self.results) >= seconds):
            self._train(trials)
            self._tidy()
        if not (best := self.best()):
            raise RnnkitError(f"None of {len(self.results)} trials came to its end: {self.results[-1].get('error')}")
        self.record["kept"] = [one["run"] for one in best]
        self.record["importance"] = self.study.importance()
        self._write()
        self._draw()
        return self.record

    def best(self) -> list[dict[str, Any]]:
        """The best trial, or with several goals those that no other beats in all of them, the best score first."""
        ended = [one for one in self.results if one.get("goals")]
        signs = [1 if less else -1 for less in self.less]
        signed = [[one["goals"][goal] * sign for goal, sign in zip(self.goals, signs, strict=True)] for one in ended]
        front = [
            place
            for place, mine in enumerate(signed)
            if not any(_beats(other, mine) or (other == mine and at < place) for at, other in enumerate(signed))
        ]
        return [ended[place] for place in sorted(front, key=lambda place: signed[place])]

    def _train(self, trials: int) -> None:
        number, began = len(self.results), time.monotonic()
        trial, suggested = self.study.ask(number, self.options)
        run, name = f"trial_{number + 1:03d}", f"trial {number + 1} of {trials}"
        remove_runs(self.folder, [run])  # what is left of one that was killed
        found: dict[str, Any] = {"run": run, "settings": suggested, "suggested": dict(trial.params), "pruned": False}
        watch = _Watch(self.record["monitor"], self.score_less, lambda *reached: self.study.is_poor(trial, *reached))
        fresh = type(self.task)(**{**self.options, **suggested})
        fresh.reading = self.task.reading
        try:
            with silenced(name) as show:
                fresh.fit(self.rows, to=self.folder / run, callbacks=(EpochStatus(show, name), watch))
                found["goals"] = self._reached(fresh, watch.best)
            found |= {each: fresh.results.get(each) for each in ("best_epoch", "epochs", "parameters")}
        except Pruned:
            found |= {"pruned": True, "goals": {}, "epochs": watch.epochs, "score": watch.best}
            remove_runs(self.folder, [run])
        except Exception as error:  # such as a loss that exploded: a result like another
            said = str(error) if isinstance(error, RnnkitError) else f"{type(error).__name__}: {error}"
            found["error"] = one_line(said)[:500]
            remove_runs(self.folder, [run])
        found["seconds"] = round(time.monotonic() - began, 1)
        goals = found.get("goals")
        found["reported"], found["values"] = watch.reported, [goals[goal] for goal in self.goals] if goals else None
        self.results.append(found)
        self._write()
        self.study.tell(trial, found["values"], found["pruned"])
        console.print(f"{name}: {self._in_words(found)}", soft_wrap=True)
        gc.collect()

    def _reached(self, task: "Task", score: float) -> dict[str, float]:
        """The goals of a trained task."""
        found = {"score": float(f"{score:.6g}")}
        if set(self.goals) - {"score"}:
            lite = exported(task)
            if "error" in lite:
                raise RnnkitError(lite["error"])
            found |= {goal: float(lite[goal]) for goal in ("bytes", "milliseconds")}
        return {goal: found[goal] for goal in self.goals}

    def _tidy(self) -> None:
        """Remove the Runs that are beaten."""
        kept = {one["run"] for one in self.best()}
        remove_runs(self.folder, [one["run"] for one in self.results if one["run"] not in kept])

    def _in_words(self, found: Mapping[str, Any]) -> str:
        changed = in_words(found["settings"])
        name = usual_name(self.record["monitor"])
        if "error" in found:
            return f"failed: {found['error']}  ({changed})"
        if found["pruned"]:
            return f"given up after epoch {found['epochs']}, {name} {shown(found['score'])}  ({changed})"
        said = ", ".join(
            f"{name if goal == 'score' else goal} {shown(value)}" for goal, value in found["goals"].items()
        )
        leads = len(self.goals) == 1 and self.best()[0]["run"] == found["run"]
        return f"{said}{', the best so far' * leads}  ({changed})"

    def _write(self) -> None:
        rows = [
            {
                "trial": one["run"],
                **one.get("goals", {}),
                "state": "failed" if "error" in one else "given up" if one["pruned"] else "ended",
                "seconds": one["seconds"],
                **one["settings"],
            }
            for one in self.results
        ]
        TUNING.write(self.folder, self.record, rows)

    def _draw(self) -> None:
        from rnnkit import plots

        monitor, kept = self.record["monitor"], self.record["kept"]
        scores = [{**one, **one.get("goals", {})}.get("score", float("nan")) for one in self.results]
        ended = [bool(one.get("goals")) for one in self.results]
        tried = [plots.Tried(place + 1, *each) for place, each in enumerate(zip(scores, ended, strict=True))]
        if "score" in self.goals:
            plots.search_history(tried, self.folder / HISTORY_PICTURE, monitor, self.score_less)
        if self.record["importance"]:
            plots.search_importance(self.record["importance"], self.folder / IMPORTANCE_PICTURE)
        if len(self.goals) > 1 and "score" in self.goals:
            other = next(goal for goal in self.goals if goal != "score")
            scale, cost = (1e3, "kilobytes") if other == "bytes" else (1, other)
            reached = [
                plots.Reached(number, one["goals"]["score"], one["goals"][other] / scale, one["run"] in kept)
                for number, one in enumerate(self.results, 1)
                if one.get("goals")
            ]
            plots.search_front(reached, self.folder / FRONT_PICTURE, monitor, self.score_less, cost)


class _Watch(keras.callbacks.Callback):
    """Follows the score of a trial, and gives it up where it is poor."""

    def __init__(self, monitor: str, less: bool, is_poor: Callable[[float, int], bool]) -> None:
        super().__init__()
        self.monitor, self.less, self.is_poor = f"val_{monitor}", less, is_poor
        self.best, self.epochs = float("inf") if less else float("-inf"), 0
        self.reported = list[float]()  # the best score up to each epoch

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        value, self.epochs = float((logs or {})[self.monitor]), epoch + 1
        self.best = min(self.best, value) if self.less else max(self.best, value)
        self.reported.append(self.best)
        if self.is_poor(self.best, epoch):
            raise Pruned


def _beats(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True)) and any(a < b for a, b in zip(one, other, strict=True))
