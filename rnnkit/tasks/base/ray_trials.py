"""The trainings of a search on the workers of a Ray cluster, several at a time; the study stays in this process."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnkit.errors import RnnkitError
from rnnkit.options import with_absolute_files
from rnnkit.own_files import written_in
from rnnkit.run.collection import remove_runs
from rnnkit.tasks.base.on_ray import LOSSES, connected, room_for, said_by

if TYPE_CHECKING:
    from rnnkit.tasks.base.search import Begun, Search


@dataclass
class Cluster:
    """Where trials are trained.

    Args:
        address: As for `connected`.
        workers: How many trials at once; None for as many as the cluster has GPUs, or else CPUs.
    """

    address: str
    workers: int | None = None


class Questions:
    """The scores of running trials on their way to the study, and whether to give a trial up; an actor of Ray."""

    def __init__(self) -> None:
        self._asked: asyncio.Queue[tuple[str, float, int]] = asyncio.Queue()
        self._answers = dict[str, asyncio.Future[bool]]()

    async def ask(self, trial: str, score: float, epoch: int) -> bool:
        """Whether to give up; asked by a trial after each epoch."""
        self._answers[trial] = asyncio.get_running_loop().create_future()
        await self._asked.put((trial, score, epoch))
        return await self._answers[trial]

    async def next(self) -> tuple[str, float, int]:
        """The next question, once there is one."""
        return await self._asked.get()

    async def answer(self, trial: str, is_poor: bool) -> None:
        """Answer a trial's question."""
        self._answers.pop(trial).set_result(is_poor)


class RayTrials:
    """Trains a search on a cluster.

    Args:
        search: The search.
        cluster: Where.

    Raises:
        RnnkitError: There is no cluster, or it has fewer CPUs or GPUs than workers are wanted.
    """

    def __init__(self, search: "Search", cluster: Cluster) -> None:
        self.search, self.ray = search, connected(cluster.address, "")
        self.workers, gpu = room_for(self.ray, cluster.workers, "workers", "a trial")
        self._questions = self.ray.remote(num_cpus=0)(Questions).remote()
        self._train = self.ray.remote(num_cpus=1, num_gpus=int(gpu), max_retries=0, max_calls=1)(_train)
        self._given = self.ray.put(_portable(search))
        self._running = dict[Any, tuple[str, "Begun"]]()
        self._losses = dict[str, int]()  # of each Run

    def run(self, trials: int, seconds: float, show: Callable[[str], None]) -> None:
        """Train until there are so many trials, or so much time has gone by.

        Args:
            trials: How many.
            seconds: 0: no limit.
            show: Shows what is under way.

        Raises:
            RnnkitError: The cluster is gone, or a worker cannot train at all.
        """
        search, began = self.search, time.monotonic()
        before = sum(one["seconds"] for one in search.results) / self.workers
        question = self._questions.next.remote()
        try:
            while True:
                in_time = not seconds or before + time.monotonic() - began < seconds
                while in_time and len(self._running) < min(self.workers, trials - len(search.results)):
                    self._begin(search.begin([begun.run for _, begun in self._running.values()]))
                if not self._running:
                    return
                names = ", ".join(begun.run for _, begun in self._running.values())
                show(f"{len(search.results)} of {trials} trials; under way: {names}")
                for one in self.ray.wait([question, *self._running])[0]:
                    if one == question:
                        self._answer(*self.ray.get(question))
                        question = self._questions.next.remote()
                    else:
                        self._end(one, trials)
        except self.ray.exceptions.RayError as error:
            raise said_by(error, "The search on Ray failed") from None
        finally:
            for one in self._running:
                self.ray.cancel(one, force=True)

    def _begin(self, begun: "Begun") -> None:
        name = f"{begun.run}.{self._losses.get(begun.run, 0)}"  # another after a loss, whose questions count no more
        started = self._train.remote(self._given, self._questions, name, begun.run, begun.settings)
        self._running[started] = name, begun

    def _answer(self, name: str, score: float, epoch: int) -> None:
        trial = next((begun.trial for running, begun in self._running.values() if running == name), None)
        poor = trial is not None and self.search.study.is_poor(trial, score, epoch)
        self._questions.answer.remote(name, poor)

    def _end(self, ended: Any, trials: int) -> None:
        _, begun = self._running[ended]
        try:
            found = self.ray.get(ended)
        except self.ray.exceptions.RayTaskError:
            raise
        except self.ray.exceptions.RayError:  # the worker was lost
            self._losses[begun.run] = self._losses.get(begun.run, 0) + 1
            remove_runs(self.search.folder, [begun.run])
            if self._losses[begun.run] <= LOSSES:
                del self._running[ended]
                self.search.forget(begun)  # and it is begun again, as after a kill of the search
                return
            found = {"run": begun.run, "settings": begun.settings, "pruned": False, "seconds": 0.0, "reported": []}
            found |= {"values": None, "error": f"Its worker was lost {self._losses[begun.run]} times."}
        del self._running[ended]
        self.search.end(begun, found, trials)


def _portable(search: "Search") -> tuple[str, bytes]:
    """The file of a task of one's own, or "", and what the trials share, with the data."""
    from ray import cloudpickle

    kind = search.shared.kind
    own = written_in(kind)
    is_own = not kind.__module__.startswith("rnnkit.") and Path(own).is_file() and kind.__module__ != "__main__"
    options = with_absolute_files(search.task.options, search.shared.options)
    shared = replace(
        search.shared,
        folder=search.folder.absolute(),
        options=options,
        kind=kind.key if is_own else kind,  # type: ignore[arg-type]
    )
    try:
        return f"{own}:{kind.__name__}" if is_own else "", cloudpickle.dumps((shared, search.rows))
    except Exception as error:  # of whatever the data hold
        raise RnnkitError(
            f"These data cannot be sent to the workers of Ray ({error!s:.120}). Give the file's name, or leave ray out."
        ) from None


def _train(given: tuple[str, bytes], questions: Any, name: str, run: str, settings: dict[str, Any]) -> dict[str, Any]:
    """What a worker does: one trial."""
    import pickle

    import ray

    from rnnkit import tasks
    from rnnkit.quiet import load_keras

    load_keras()
    from rnnkit.tasks.base.trial import trained

    own = tasks.get(given[0]) if given[0] else None
    shared, rows = pickle.loads(given[1])
    shared = replace(shared, kind=own or shared.kind)
    return trained(
        shared, rows, run, settings, lambda score, epoch: bool(ray.get(questions.ask.remote(name, score, epoch)))
    )
