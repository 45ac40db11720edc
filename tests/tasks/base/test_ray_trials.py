"""The trials of a cluster without one: questions find their trials, lost workers are replaced, poor trials given up."""

import asyncio
from itertools import count
from types import SimpleNamespace

import pytest
from tasks import tiny

import rnnkit
from rnnkit.errors import RnnkitError

pytest.importorskip("optuna")


class Lost(Exception):
    """As Ray raises where a worker is lost."""


class TaskFailed(Lost):
    """As Ray raises what a task has raised."""


class Ref:
    """What Ray gives for work under way: here it is done when it is waited for."""

    def __init__(self, work):
        self.work = work


class FakeRay:
    """A cluster of one process, whose workers run one after the other in the order in which they were begun."""

    exceptions = SimpleNamespace(RayError=Lost, RayTaskError=TaskFailed)

    def __init__(self, losses):
        self.losses, self.numbers, self.most, self.cancelled = losses, count(1), 0, 0

    def cluster_resources(self):
        return {"CPU": 2.0}

    def put(self, given):
        return given

    def remote(self, **how):
        return lambda made: SimpleNamespace(remote=lambda *given: Ref((made, given)))

    def wait(self, refs):
        self.most = max(self.most, len(refs) - 1)
        return [refs[1]], refs[2:]

    def get(self, ref):
        if next(self.numbers) in self.losses:
            raise Lost("killed")
        made, given = ref.work
        return made(*given)

    def cancel(self, ref, force):
        self.cancelled += 1


@pytest.fixture
def search(monkeypatch, tmp_path):
    """Runs a search of pretended trainings on a pretended cluster; gives its record and the cluster."""
    from rnnkit.tasks.base import ray_trials, trial

    def begin(losses=(), **how):
        ray = FakeRay(set(losses))

        def train(given, questions, name, run, settings):
            score = 1 - abs(settings["units"] - 8) / 100
            found = {"run": run, "settings": settings, "pruned": False, "seconds": 1.0, "reported": []}
            for epoch in range(3):
                found["reported"].append(score)
                if trials[0].search.study.is_poor(dict(trials[0]._running.values())[name].trial, score, epoch):
                    return {**found, "pruned": True, "goals": {}, "epochs": epoch + 1, "score": score, "values": None}
            return {**found, "goals": {"score": score}, "values": [score]}

        trials = []
        real = ray_trials.RayTrials.__init__

        def made(self, *given):
            real(self, *given)
            self._questions = SimpleNamespace(next=SimpleNamespace(remote=lambda: Ref(None)))
            trials.append(self)

        monkeypatch.setattr(ray_trials, "connected", lambda address, part: ray)
        monkeypatch.setattr(ray_trials, "_train", train)
        monkeypatch.setattr(ray_trials, "_portable", lambda search: ("", b""))
        monkeypatch.setattr(ray_trials.RayTrials, "__init__", made)
        monkeypatch.setattr("rnnkit.tasks.base.tuning.require_ray", lambda part: ray)
        monkeypatch.setattr(trial, "trained", None)
        task = rnnkit.TextClassifier(**{**tiny.OPTIONS, "units": 20})
        how = {"to": tmp_path / "search", "trials": 12, "over": ["units"], "ray": "local", **how}
        return rnnkit.tune(task, tiny.rows(60), **how), ray

    return begin


def test_two_trials_at_once_each_have_a_number_and_poor_ones_are_given_up(search):
    found, ray = search(workers=2)
    assert [one["run"] for one in found["results"]] == [f"trial_{number:03d}" for number in range(1, 13)]
    assert ray.most == 2 and any(one["pruned"] for one in found["results"])


def test_the_trial_of_a_lost_worker_is_begun_again_with_the_same_settings(search, tmp_path):
    whole, _ = search(workers=1, to=tmp_path / "whole")
    again, _ = search(losses=(1, 4, 5), workers=1, to=tmp_path / "lost")
    assert again["results"] == whole["results"]


def test_a_trial_whose_workers_are_lost_again_and_again_failed(search):
    found, _ = search(losses=range(3, 9), workers=1, trials=4)
    assert [one.get("error") for one in found["results"]] == [None, None, "Its worker was lost 6 times.", None]


def test_more_workers_than_the_cluster_has_are_refused(search):
    with pytest.raises(RnnkitError, match="workers is 3, and the cluster has 2 CPUs; a trial takes one"):
        search(workers=3)
    with pytest.raises(RnnkitError, match="workers is 0; expected a whole number from 1, and ray beside it"):
        search(workers=0)
    with pytest.raises(RnnkitError, match="workers is 2; expected a whole number from 1, and ray beside it"):
        search(workers=2, ray=None)


def test_a_question_waits_for_its_answer():
    from rnnkit.tasks.base.ray_trials import Questions

    async def asked():
        questions = Questions()
        waiting = asyncio.create_task(questions.ask("trial_002.0", 0.5, 3))
        assert await questions.next() == ("trial_002.0", 0.5, 3) and not waiting.done()
        await questions.answer("trial_002.0", True)
        return await waiting

    assert asyncio.run(asked()) is True
