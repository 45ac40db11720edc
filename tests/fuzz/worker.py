"""Goes round the cases in a process of its own, which may crash or hang: `python -m fuzz.worker JOB.json`."""

import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", RNNKIT_CACHE=tempfile.mkdtemp(prefix="rnnkit-cache-"))

from fuzz import cases  # noqa: E402
from fuzz.case import Case  # noqa: E402
from fuzz.judge import Judge  # noqa: E402
from fuzz.made import Made  # noqa: E402
from fuzz.rounds import Count, Found, rounds  # noqa: E402
from fuzz.traces import memory  # noqa: E402

#: Bytes of memory after which a worker makes place for a new one: networks that were built are never all given back.
FULL = 3 * 2**30
#: Files in the worker's folder: what is judged now, what was counted, what a job is.
NOW, COUNTS, JOB = "now.txt", "counts.jsonl", "job.json"
ENOUGH = 77  # the exit code of a worker that is full


def main(home: Path) -> None:
    """Does the job that is written down in a folder."""
    job = json.loads((home / JOB).read_text())
    chosen = cases.every(bombs=True)[job["first"] :: job["of"]]
    turn = job["seed"] % max(len(chosen), 1)
    now = open(home / NOW, "w", encoding="utf-8", errors="backslashreplace")

    def before(case: Case, made: Made) -> None:
        now.seek(0)
        now.truncate()
        now.write(f"{case.name}\n{made!r}")
        now.flush()

    def after(case: Case, count: Count, found: list[Found]) -> None:
        turn = {"case": case.name, "count": asdict(count), "found": [asdict(fault) for fault in found]}
        with open(home / COUNTS, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(json.dumps(turn) + "\n")
        if memory()[0] > FULL:
            os._exit(ENOUGH)

    with Judge(Path(tempfile.mkdtemp(prefix="rnnkit-fuzz-"))).sitting() as judge:
        before(chosen[0], Made({}, ("nothing yet",)))
        rounds([*chosen[turn:], *chosen[:turn]], judge, job["seconds"], job["seed"], before=before, after=after)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
