"""What the quick tests cost: their files grouped by what they train, the slowest ones, and a budget.

A plugin of pytest, loaded by tests/conftest.py. A budget overrun is a line, not a failure: machines are shared.
"""

import functools
import os
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: Worker-seconds that `make test` may take: five minutes on two cores, with what starting takes left out.
BUDGET = 500
SLOWEST = 25
#: Modules whose Runs are trained once a process: the files that import one are tested by the same worker.
SHARED = ("tagging", "translating", "captioning", "writing")
#: Modules whose docstrings' examples train a network: slow tests, as are those of the tasks.
TRAINING = ("layers/crf/crf.py", "training/flow_callback.py", "training/truncated.py", "training/ridge.py")

seconds: Counter[str] = Counter()


def group_of(nodeid):
    """The group of a test: the module of what it shares with other files, or its file."""
    file = nodeid.split("::")[0]
    return shared_by(file) or file


@functools.cache
def shared_by(file):
    """The first of `SHARED` that a file imports, or ""."""
    path = ROOT / file
    text = path.read_text(encoding="utf-8") if path.suffix == ".py" and path.is_file() else ""
    return next((name for name in SHARED if f"tasks.{name} import" in text or f"tasks import {name}" in text), "")


def pytest_collection_modifyitems(items):
    """Groups come first, since they take longest, each whole; examples that train a task are slow tests."""
    for item in items:
        of_a_task = item.path.match("tasks/*/task.py") and item.path.parent.name != "base"
        if isinstance(item, pytest.DoctestItem) and (of_a_task or any(map(item.path.match, TRAINING))):
            item.add_marker(pytest.mark.slow)
    order = {group: place for place, group in enumerate([*SHARED, ""])}
    items.sort(key=lambda item: order[shared_by(item.nodeid.split("::")[0])])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A group's tests go to one worker. (`--dist loadgroup` of pytest-xdist 3.8 does not reach pytest 9.2.)"""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return group_of(nodeid)

    return ByGroup(config, log)


def pytest_runtest_logreport(report):
    seconds[report.nodeid] += report.duration


def pytest_terminal_summary(terminalreporter):
    """The total, the slowest tests, and whether the budget is kept; said where many tests ran."""
    if hasattr(terminalreporter.config, "workerinput") or sum(seconds.values()) < 60:
        return
    total = sum(seconds.values())
    terminalreporter.section(f"{SLOWEST} slowest of {len(seconds)} tests")
    for name, taken in seconds.most_common(SLOWEST):
        terminalreporter.write_line(f"{taken:7.2f}s {name}")
    children = os.times()
    spent = children.children_user + children.user
    said = f"Tests took {total:.0f} worker-seconds ({spent:.0f} s of processor time); the budget is {BUDGET}."
    slow = "slow" in terminalreporter.config.getoption("markexpr").replace("not slow", "")
    if total > BUDGET and not slow:
        terminalreporter.write_line(f"WARNING: over budget. {said} See CONTRIBUTING.md, Tests.", yellow=True, bold=True)
    else:
        terminalreporter.write_line(said)
