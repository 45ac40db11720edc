"""A child process that is watched: what memory it and its children take over time, and what it says."""

import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_FIELDS = ("RssAnon", "RssFile", "RssShmem")


@dataclass
class Watched:
    """What was seen of a process; `samples` are (seconds since its start, MiB of RssAnon, MiB of RssFile), those of its
    children added."""

    code: int
    seconds: float
    processor_seconds: float
    said: str
    samples: list[tuple[float, float, float]] = field(default_factory=list)

    def peak(self, first: float = 0, last: float = float("inf")) -> dict[str, float]:
        """The most memory between two times, in MiB."""
        some = [each for each in self.samples if first <= each[0] <= last]
        return {
            "anonymous_mib": round(max(each[1] for each in some), 1),
            "files_mib": round(max(each[2] for each in some), 1),
            "both_mib": round(max(each[1] + each[2] for each in some), 1),
        }


def watched(
    command: Sequence[str],
    env: Mapping[str, str],
    every: float = 0.25,
    kill_after: float = float("inf"),
    until: Any = None,
) -> Watched:
    """Run a command to its end, or kill it with SIGKILL.

    Args:
        command: The program and its arguments.
        env: Its environment.
        every: Seconds between two looks at its memory.
        kill_after: Seconds after which it is killed, counted from when `until` holds.
        until: A function; the time to the kill begins once it is true.
    """
    began, used = time.monotonic(), _used()
    process = subprocess.Popen(command, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said, samples = list[str](), list[tuple[float, float, float]]()
    reader = threading.Thread(target=lambda: said.extend(process.stdout or ()), daemon=True)
    reader.start()
    counted_from = began if until is None else None
    while process.poll() is None:
        now = time.monotonic()
        if counted_from is None and until():
            counted_from = now
        if counted_from is not None and now - counted_from > kill_after:
            process.kill()
            break
        anonymous, files = memory(process.pid)
        if anonymous:
            samples.append((now - began, anonymous, files))
        time.sleep(every)
    process.wait()
    reader.join(10)
    return Watched(process.returncode, time.monotonic() - began, _used() - used, "".join(said), samples)


def _used() -> float:
    """Seconds of processor that children which have ended took."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def memory(pid: int) -> tuple[float, float]:
    """MiB of a process and its children that are its own, and that are of mapped files."""
    anonymous = files = 0
    for each in [pid, *_children(pid)]:
        try:
            lines = Path(f"/proc/{each}/status").read_text().splitlines()
        except OSError:
            continue
        found = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(_FIELDS)}
        anonymous += found.get("RssAnon", 0) + found.get("RssShmem", 0)
        files += found.get("RssFile", 0)
    return anonymous / 1024, files / 1024


def _children(pid: int) -> list[int]:
    found = list[int]()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            new = [int(each) for each in path.read_text().split()]
        except OSError:
            continue
        found += [inner for each in new for inner in (each, *_children(each))]
    return found
