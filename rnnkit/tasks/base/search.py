"""A search of settings at work in its folder: what is finished, what is trained next, which Runs are kept."""

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnkit.errors import RnnkitError
from rnnkit.run import folder as runs
from rnnkit.run.collection import remove_runs
from rnnkit.run.figures import less_is_better, shown, usual_name
from rnnkit.run.tuning import FRONT_PICTURE, HISTORY_PICTURE, IMPORTANCE_PICTURE, RECORD, STUDY, TUNING
from rnnkit.tasks.base.describing import describe
from rnnkit.tasks.base.fitting import CONTENT, require_same
from rnnkit.tasks.base.ray_trials import Cluster, RayTrials
from rnnkit.tasks.base.search_space import Space, in_words
from rnnkit.tasks.base.study import Study
from rnnkit.tasks.base.trial import Shared, trained
from rnnkit.training.progress import EpochStatus, console, silenced

if TYPE_CHECKING:
    from rnnkit.tasks.base.task import Task

_PREFIX = "trial_"


@dataclass
class Begun:
    """A trial under way.

    Args:
        run: The name of its Run.
        trial: Of the study.
        settings: The options that it tries, of three digits.
    """

    run: str
    trial: Any
    settings: dict[str, Any]


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
        self.shared = Shared(
            type(task), self.options, task.reading, folder, self.record["monitor"], self.score_less, goals
        )
        self._write()
        self.study = Study(folder / STUDY, self.less, space, task.options.seed, goals == ("score",))
        self.study.follow(self.results)

    @property
    def results(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.record["results"]
        return found

    def of(self, trials: int, seconds: float, cluster: Cluster | None = None) -> dict[str, Any]:
        """Train until there are so many trials, or so much time has gone by. Return the record.

        Args:
            trials: How many.
            seconds: 0: no limit.
            cluster: Where to train; None: in this process.
        """
        self._write()
        if cluster is not None:
            with console.status("") as status:
                RayTrials(self, cluster).run(trials, seconds, status.update)
        else:
            while len(self.results) < trials and not (seconds and self._seconds() >= seconds):
                self._train(trials)
        if not (best := self.best()):
            raise RnnkitError(f"None of {len(self.results)} trials came to its end: {self.results[-1].get('error')}")
        self.record["kept"] = [one["run"] for one in best]
        self.record["importance"] = self.study.importance()
        self._write()
        self._draw()
        return self.record

    def _seconds(self) -> float:
        return float(sum(one["seconds"] for one in self.results))

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

    def begin(self, running: Sequence[str] = ()) -> Begun:
        """The next trial.

        Args:
            running: The Runs that are being trained.
        """
        taken = {one["run"] for one in self.results} | set(running)
        number = next(number for number in count() if _run_name(number) not in taken)
        trial, settings = self.study.ask(number, self.options)
        return Begun(_run_name(number), trial, settings)

    def forget(self, begun: Begun) -> None:
        """Let a trial not have been."""
        self.study.tell(begun.trial, None)

    def end(self, begun: Begun, found: dict[str, Any], trials: int) -> None:
        """Take down what a trial reached.

        Args:
            begun: The trial.
            found: As `trained` gives it.
            trials: How many there are to be.
        """
        found = {**found, "suggested": dict(begun.trial.params)}
        self.results.append(found)
        self.results.sort(key=lambda one: (len(one["run"]), one["run"]))
        self._write()
        self.study.tell(begun.trial, found["values"], found["pruned"])
        name = begun.run.removeprefix(_PREFIX).lstrip("0")
        console.print(f"trial {name} of {trials}: {self._in_words(found)}", soft_wrap=True)
        self._tidy()

    def _train(self, trials: int) -> None:
        begun = self.begin()
        name = f"trial {len(self.results) + 1} of {trials}"

        def is_poor(score: float, epoch: int) -> bool:
            return self.study.is_poor(begun.trial, score, epoch)

        with silenced(name) as show:
            found = trained(self.shared, self.rows, begun.run, begun.settings, is_poor, (EpochStatus(show, name),))
        self.end(begun, found, trials)
        gc.collect()

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


def _run_name(number: int) -> str:
    return f"{_PREFIX}{number + 1:03d}"


def _beats(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True)) and any(a < b for a, b in zip(one, other, strict=True))
