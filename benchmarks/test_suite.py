"""How long does `make test` take? Runs it on an otherwise idle machine and writes down the time of each of its parts.

    python benchmarks/test_suite.py

Needs the environment that `make test` sets up. Run it alone: the machine's other work counts.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

from _record import record

ROOT = Path(__file__).parents[1]
TARGET_SECONDS = 300


def main() -> None:
    began, parts, last, said = time.monotonic(), {}, "make", ""
    process = subprocess.Popen(["make", "test"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in process.stdout or ():
        print(line, end="", flush=True)
        said += line
        if part := re.match(r"\S*/(ruff (?:check|format)|mypy|lint-imports|python -m pytest)\b", line):
            parts[last] = round(time.monotonic() - began - sum(parts.values()), 1)
            last = part[1]
    if process.wait():
        sys.exit("make test did not pass; nothing was written.")
    parts[last] = round(time.monotonic() - began - sum(parts.values()), 1)
    counted = re.search(r"(\d+) passed(?:, (\d+) skipped)?.* in [\d.]+s", said)
    spent = re.search(r"Tests took (\d+) worker-seconds \((\d+) s of processor time\)", said)
    slowest = re.findall(r"^ *([\d.]+)s (\S+::.*)$", said, re.M)
    if counted is None or spent is None:
        sys.exit("pytest's summary was not understood; nothing was written.")
    setup = parts.pop("make")  # installs what is not there yet
    total = round(sum(parts.values()), 1)
    result = {
        "seconds": total, "setup_seconds": setup, "target_seconds": TARGET_SECONDS,
        "within": total <= TARGET_SECONDS, "parts": parts, "passed": int(counted[1]), "skipped": int(counted[2] or 0),
        "worker_seconds": int(spent[1]), "processor_seconds": int(spent[2]),
        "slowest": {name: float(seconds) for seconds, name in slowest},
    }  # fmt: skip
    print(record("test_suite", result, seed=0))


if __name__ == "__main__":
    main()
