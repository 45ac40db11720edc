"""Fuzzing for a while: some workers, looked after, and what they counted and found."""

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fuzz.judge import SECONDS
from fuzz.rounds import Count, Found
from fuzz.worker import COUNTS, ENOUGH, JOB, NOW

_TESTS = Path(__file__).parents[1]
_GRACE = 30  # seconds beyond a reader's own, after which a worker hangs in code that no alarm stops
_BEGINNING = 600  # seconds that a worker may take to make its cases
_MOST_MEMORY = 8 * 2**30  # bytes of a worker
_FEWEST = 5  # seconds worth starting a worker for


@dataclass
class Result:
    """What a campaign counted, by case, and found."""

    counts: dict[str, Count] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)

    def lines(self) -> list[str]:
        """A table of the counts, and all of them together."""
        together = Count()
        for count in self.counts.values():
            together.add(count)
        rows = [*sorted(self.counts.items()), ("all", together)]
        head = f"{'case':44}{'examples':>10}{'answers':>9}{'refusals':>10}{'faults':>8}{'slowest':>10}{'memory':>10}"
        return [head, *(
            f"{name:44}{count.examples:10,}{count.answers:9,}{count.refusals:10,}{count.faults:8,}"
            f"{count.slowest:8.2f} s{count.memory / 2**20:6.0f} MiB" for name, count in rows)]  # fmt: skip

    def fault_lines(self) -> list[str]:
        """What was found, and the smallest inputs."""
        return [f"{fault.case}: {fault.said[:400]}\n    {fault.made}\n    seed {fault.seed}" for fault in self.found]


class _Worker:
    """A worker's process, and the next one where it ends before its time."""

    def __init__(self, first: int, of: int, seed: int, until: float) -> None:
        self.first, self.of, self.seed, self.until = first, of, seed, until
        self.home = Path(tempfile.mkdtemp(prefix="rnnkit-worker-"))
        self.seconds = 0.0
        self.turns: list[dict] = []
        self.found: list[Found] = []
        self.start()

    def start(self) -> None:
        (self.home / NOW).write_text("")
        job = {"first": self.first, "of": self.of, "seed": self.seed, "seconds": self.until}
        (self.home / JOB).write_text(json.dumps(job))
        roots = [str(_TESTS), str(_TESTS.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        self.log = open(self.home / "log.txt", "ab")
        self.began = time.monotonic()
        self.judging: float | None = None
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fuzz.worker", str(self.home)], cwd=self.home, stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log, env={**os.environ, "PYTHONPATH": os.pathsep.join(roots)},
        )  # fmt: skip

    def look(self) -> bool:
        """Whether there is still something to do; starts the next one where this one ended early."""
        now = (self.home / NOW).stat()
        if self.judging is None and now.st_size:
            self.judging = time.monotonic()
        code = self.process.poll()
        if code is None:
            self._stop_what_hangs(time.time() - now.st_mtime)
            return True
        self.log.close()
        judged = time.monotonic() - (self.judging or time.monotonic())
        self.until -= judged
        if code not in (0, ENOUGH):
            self._add("crash", f"the process ended with {code}; its last words: {self._last_words()}")
        if code == 0 or self.until < _FEWEST or len(self.found) > 20:
            return False
        self.seed += 10**6 + 7
        self.start()
        return True

    def _stop_what_hangs(self, since: float) -> None:
        if self.judging is None:
            if time.monotonic() - self.began > _BEGINNING:
                self.process.kill()
            return
        with contextlib.suppress(OSError), open(f"/proc/{self.process.pid}/statm") as file:
            if int(file.read().split()[1]) * resource.getpagesize() > _MOST_MEMORY:
                self._add("memory", f"over {_MOST_MEMORY:,} bytes")
                self.process.kill()
        if since > SECONDS + _GRACE and time.monotonic() - self.judging > SECONDS + _GRACE:
            self._add("seconds", f"over {since:.0f} seconds, and no alarm stopped it")
            self.process.kill()

    def _add(self, kind: str, said: str) -> None:
        case, _, made = (self.home / NOW).read_text("utf-8", "replace").partition("\n")
        self.found.append(Found(case or "the beginning", kind, f"{kind}: {said}", made, self.seed))

    def _last_words(self) -> str:
        return " | ".join((self.home / "log.txt").read_text("utf-8", "replace").splitlines()[-6:])[-600:]


def campaign(seconds: float, seed: int, workers: int = 2, say: Callable[[str], None] = print) -> Result:
    """Fuzzes every reader.

    Args:
        seconds: How long each worker judges; making the cases comes on top.
        seed: Of the examples. Since a worker stops by the clock, the same seed gives the same first ones.
        workers: Processes; the cases are dealt out to them.
        say: Told of each fault as it is found.
    """
    result = Result()
    running = [_Worker(first, workers, seed, seconds) for first in range(workers)]
    everybody, told = list(running), 0
    try:
        while running:
            time.sleep(0.2)
            running = [worker for worker in running if worker.look()]
            result.found = _found(everybody)
            for line in result.fault_lines()[told:]:
                say(line)
            told = len(result.found)
    finally:
        for worker in everybody:
            worker.process.kill()
    for turn in _turns(everybody):
        result.counts.setdefault(turn["case"], Count()).add(Count(**turn["count"]))
    return result


def _turns(workers: list[_Worker]) -> list[dict]:
    paths = [worker.home / COUNTS for worker in workers if (worker.home / COUNTS).is_file()]
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines() if line.endswith("}")]


def _found(workers: list[_Worker]) -> list[Found]:
    """Each fault once, in the order in which they are met."""
    every = [Found(**fault) for turn in _turns(workers) for fault in turn["found"]]
    every += [fault for worker in workers for fault in worker.found]
    return list({(fault.case, fault.kind, fault.said[:200]): fault for fault in reversed(every)}.values())[::-1]
