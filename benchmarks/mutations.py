"""Do the quick tests catch a careless mistake? Plants those of `_mutations.py` one at a time, in a copy of the tree.

    python benchmarks/mutations.py [--only data/bucketing.py] [--fresh]

Runs the tests listed with a mistake, and if they pass, all quick tests of the same folder in tests/. Progress is
kept in a temporary file, so an interrupted run continues where it stopped. One process imports TensorFlow and forks for
each mistake.
"""

import argparse
import io
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from _mutations import EQUIVALENT, MUTATIONS, Mutation
from _record import record

ROOT = Path(__file__).parents[1]
COPY = Path(tempfile.gettempdir()) / f"rnnkit-mutations-{os.getuid()}"
PROGRESS = COPY.with_suffix(".json")
MOST_SECONDS = 900  # a mistake may also hang
MOST_BYTES = 12 * 2**30  # and take all memory: of addresses, of which TensorFlow has some gigabytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="part of a file's name")
    parser.add_argument("--fresh", action="store_true", help="forget the progress")
    given = parser.parse_args()
    found = {} if given.fresh or not PROGRESS.exists() else json.loads(PROGRESS.read_text(encoding="utf-8"))
    copy_tree()
    sys.path[:0] = [str(COPY), str(COPY / "tests")]
    os.chdir(COPY)
    os.environ["PYTHONPATH"] = str(COPY)
    for mutation in MUTATIONS:
        key = f"{mutation.file}: {mutation.mistake}"
        if given.only in mutation.file and key not in found:
            found[key] = outcome(mutation)
            PROGRESS.write_text(json.dumps(found, indent=1), encoding="utf-8")
            print(found[key]["caught_by"] or "SURVIVED", "|", key, f"| {found[key]['seconds']} s", flush=True)
    if len(found) >= len(MUTATIONS):
        write(found)


def copy_tree() -> None:
    """A fresh copy of what the tests need."""
    shutil.rmtree(COPY, ignore_errors=True)
    leave = shutil.ignore_patterns("__pycache__", ".git", ".venv", ".*_cache", "dist", "*.partial")
    shutil.copytree(ROOT, COPY, ignore=leave)


def outcome(mutation: Mutation) -> dict[str, object]:
    """Plants a mistake, runs tests until one fails, and takes the mistake out again."""
    path = COPY / mutation.file
    right = path.read_text(encoding="utf-8")
    path.write_text(planted(right, mutation), encoding="utf-8")
    begun = time.monotonic()
    try:
        wider = f"tests/{Path(mutation.file).parts[1]}"
        caught_by = next((name for tests in (mutation.tests, [wider]) if (name := failing(tests))), None)
    finally:
        path.write_text(right, encoding="utf-8")
    return {"file": mutation.file, "mistake": mutation.mistake, "old": mutation.old, "new": mutation.new,
            "caught_by": caught_by, "seconds": round(time.monotonic() - begun, 1)}  # fmt: skip


def planted(text: str, mutation: Mutation) -> str:
    """The text of a file with the mistake.

    Raises:
        SystemExit: What the mistake replaces is not there once.
    """
    times = text.count(mutation.old)
    if times != 1:
        sys.exit(f"{mutation.file} has {mutation.old!r} {times} times; mend benchmarks/_mutations.py.")
    return text.replace(mutation.old, mutation.new)


def failing(tests: Sequence[str]) -> str | None:
    """The first test that fails, in a process of its own; None where all pass."""
    report = COPY / "failed.txt"
    report.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        os.setsid()
        run_tests(tests, report)
    end = time.monotonic() + MOST_SECONDS
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            if code in (0, 1) or code < 0:
                return None if code == 0 else (report.read_text() if report.exists() else f"ended by {code}")
            sys.exit(f"pytest ended with {code} for {tests}.")
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return f"no end in {MOST_SECONDS} s"


def run_tests(tests: Sequence[str], report: Path) -> None:
    """In the child: pytest, which sees the mistake since nothing of rnnkit has been imported before."""
    import resource

    import pytest

    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))

    class First:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                path.write_text(report.nodeid)

        def pytest_collectreport(self, report: pytest.CollectReport) -> None:
            if report.failed:
                path.write_text(f"{report.nodeid} cannot be imported")

    path = report
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests], plugins=[First()])
    os._exit(1 if path.exists() else int(code))


def write(found: dict[str, dict[str, object]]) -> None:
    """The figures, with each survivor explained where it can be."""
    survived = [one for one in found.values() if not one["caught_by"]]
    for one in survived:
        one["explained"] = EQUIVALENT.get(f"{one['file']}: {one['mistake']}")
    caught = len(found) - len(survived)
    result = {"planted": len(found), "caught": caught, "share": round(caught / len(found), 4), "survived": survived,
              "mistakes": list(found.values())}  # fmt: skip
    print(f"{caught} of {len(found)} caught. {record('mutations', result, seed=0)}")


if __name__ == "__main__":
    for name, value in {"CUDA_VISIBLE_DEVICES": "-1", "MPLBACKEND": "Agg", "TF_CPP_MIN_LOG_LEVEL": "2"}.items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("COLUMNS", "120")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras  # noqa: F401  the long part of each test run, done once

    main()
