"""Every cell on five small jobs in the same time: score, training, and the TFLite file on one thread.

A training has a budget of processor time on one core (`_leaderboard_jobs.py`), the test part is read once, by the
weights that were best on validation, and the trained network is exported and timed. Each cell has a process of its own,
bound to a core. Fills `results/leaderboard.json`; what is in it is not measured again, so this can be killed at any
moment and started again: first the three cheapest jobs for all cells, then the two of text, then the next seed.

    python benchmarks/leaderboard.py --natops FOLDER [--minutes 60]
    python benchmarks/leaderboard.py --jobs adding,imdb --cells lstm,gru --seeds 1
    python benchmarks/leaderboard.py --plan      what is missing, and about how long it takes
    python benchmarks/leaderboard.py --draw      docs/images/leaderboard.png alone

NATOPS: the folder with NATOPS_TRAIN.ts and NATOPS_TEST.ts, or NATOPS_DATA; IMDB and Shakespeare: TFDS_DATA_DIR. What
failed is kept as such; --again measures it again.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from typing import Any

from _leaderboard_jobs import GROUPS, JOBS, NATOPS
from _leaderboard_table import draw
from _record import RESULTS, record

from rnnkit import cells

NAME = "leaderboard"
#: What importing, compiling, validation and export take, before any was measured; and the most of a whole job.
OVERHEAD, MOST = 35, 600
Group = tuple[tuple[str, ...], str, int]
_LOCK = threading.Lock()


def main() -> None:
    given = arguments()
    if given.worker:
        work(given.worker)
        return
    if given.draw:
        print(draw() or "There is nothing to draw.")
        return
    if given.natops:
        os.environ[NATOPS] = given.natops
    jobs = [name for name in JOBS if name in given.jobs.split(",")]
    for name in list(jobs):
        if needs := JOBS[name].needs():
            print(f"{name} is left out: {needs}.")
            jobs.remove(name)
    board = Board(given.again)
    todo = board.missing(jobs, given.cells.split(","), [int(seed) for seed in given.seeds.split(",")])
    count = sum(len(names) for names, _, _ in todo)
    minutes = sum(board.expected(names) for names, _, _ in todo) / 60 / given.workers
    print(f"{count} jobs are missing; about {minutes:.0f} minutes with {given.workers} at a time.", flush=True)
    if not given.plan:
        board.fill(todo, given.workers, given.minutes)
        print(draw())


def arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", default=",".join(JOBS))
    parser.add_argument("--cells", default=",".join(cells.names()))
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--natops", help="the folder with NATOPS_TRAIN.ts and NATOPS_TEST.ts")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="cells at a time, each on a core")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin nothing that would end later")
    parser.add_argument("--plan", action="store_true", help="measure nothing")
    parser.add_argument("--draw", action="store_true", help="draw what is there")
    parser.add_argument("--again", action="store_true", help="measure again what failed")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    given = parser.parse_args()
    for flag, known in (("jobs", JOBS), ("cells", cells.names())):
        if unknown := [name for name in getattr(given, flag).split(",") if name not in known]:
            parser.error(f"--{flag} names {', '.join(unknown)}; known: {', '.join(known)}")
    return given


class Board:
    """The result and what is missing in it.

    Args:
        again: Whether what failed counts as missing.
    """

    def __init__(self, again: bool = False) -> None:
        path = RESULTS / f"{NAME}.json"
        found = json.loads(path.read_text(encoding="utf-8"))["result"] if path.exists() else {}
        self.settings = {name: settings_of(name) for name in JOBS}
        for name, before in found.get("settings", {}).items():
            if before != self.settings.get(name):
                raise SystemExit(f"{path} was filled with other settings of {name}: {before}. Move it away.")
        results: dict[str, dict[str, Any]] = found.get("jobs", {})
        self.jobs = {name: figures for name, figures in results.items() if not (again and "error" in figures)}
        self.ends = float("inf")

    def missing(self, jobs: list[str], keys: list[str], seeds: list[int]) -> list[Group]:
        """What is to be measured, a process each, in this order."""
        found = []
        for seed in seeds:
            for group in GROUPS:
                for cell in keys:
                    names = tuple(job for job in group if job in jobs and f"{job} {cell} {seed}" not in self.jobs)
                    found += [(names, cell, seed)] if names else []
        return found

    def expected(self, names: tuple[str, ...]) -> float:
        """Seconds that a process takes, by those that were measured."""
        each = []
        for name in names:
            walls = [figures["wall_seconds"] for key, figures in self.jobs.items() if key.split()[0] == name]
            each.append(statistics.median(walls) if walls else JOBS[name].seconds + OVERHEAD)
        return sum(each) + 5

    def fill(self, todo: list[Group], workers: int, minutes: float) -> None:
        """Measure, several cells at a time."""
        self.ends = time.monotonic() + 60 * minutes
        threads = [threading.Thread(target=self._turns, args=(core, todo), daemon=True) for core in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _turns(self, core: int, todo: list[Group]) -> None:
        while True:
            with _LOCK:
                if not todo or time.monotonic() + self.expected(todo[0][0]) > self.ends:
                    return
                names, cell, seed = todo.pop(0)
                left = sum(self.expected(rest[0]) for rest in todo)
            if skipped := self._measure(names, cell, seed, core, left):
                with _LOCK:
                    todo.insert(0, (skipped, cell, seed))

    def _measure(self, names: tuple[str, ...], cell: str, seed: int, core: int, left: float) -> tuple[str, ...]:
        """Run a process for a cell. Return the jobs that it did not come to."""
        words = [sys.executable, __file__, "--worker", json.dumps([names, cell, seed, core])]
        threads = {f"TF_NUM_{kind}OP_THREADS": "1" for kind in ("INTRA", "INTER")}
        environment = {**os.environ, **threads, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        waiting = list(names)
        with subprocess.Popen(words, env=environment, **pipes) as process:  # whose standard input ends with this one
            while waiting:
                late = threading.Timer(MOST, process.kill)
                late.start()
                line = process.stdout.readline()
                late.cancel()
                if not line:
                    break
                self._keep(f"{waiting.pop(0)} {cell} {seed}", json.loads(line), left)
        if waiting:
            error = f"The process ended with {process.returncode}, or took longer than {MOST} s."
            self._keep(f"{waiting.pop(0)} {cell} {seed}", {"error": error, "wall_seconds": MOST}, left)
        return tuple(waiting)

    def _keep(self, name: str, figures: dict[str, Any], left: float) -> None:
        with _LOCK:
            self.jobs[name] = figures
            shown = figures.get("error") or f"{figures['score']}  ({figures['wall_seconds']} s)"
            print(f"{name}: {shown}  about {left / 60:.0f} processor minutes left", flush=True)
            result = {"settings": self.settings, "jobs": dict(sorted(self.jobs.items()))}
            seeds = sorted({int(each.split()[-1]) for each in self.jobs})
            record(NAME, result, seed=seeds, packages=("scikit-learn",))


def settings_of(name: str) -> dict[str, Any]:
    """What the figures of a job depend on, beside the cell and its own arguments, and how scores compare."""
    job = JOBS[name]
    solved = {} if job.solved is None else {"solved": job.solved}
    return {"seconds": job.seconds, "figure": job.figure, "less": job.less, **solved, **job.settings}


def work(words: str) -> None:
    """In a process for a cell: print the figures of each job as a line of JSON."""
    names, cell, seed, core = json.loads(words)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core % len(os.sched_getaffinity(0))]})
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what else is printed is no answer
    from _leaderboard_jobs import run

    from rnnkit.quiet import load_keras
    from rnnkit.testing.shared import shared_subprocess

    load_keras()
    from rnnkit.training.progress import console

    console.quiet = True
    with shared_subprocess():
        for name in names:
            print(json.dumps(run(name, cell, seed)), file=answers, flush=True)


def _end_with_the_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
