"""What the quick tests cost: their files grouped by what they train, the slowest ones, and a budget.

A plugin of pytest, loaded by tests/conftest.py. A budget overrun is a line, not a failure: machines are shared.
"""

import os
from collections import Counter

import pytest

#: Worker-seconds that `make test` may take: five minutes on two cores, with what starting takes left out.
BUDGET = 500
SLOWEST = 25
#: Modules whose Runs are trained once a process: the files that import one are tested by the same worker.
SHARED = ("tagging", "translating", "captioning", "writing")

seconds: Counter[str] = Counter()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """For `--dist loadgroup`: a file's tests stay together, and so do files that share what is trained."""
    for item in items:
        module = getattr(item, "module", None)
        used = {getattr(value, "__module__", None) for value in vars(module).values()} if module else set()
        shared = [name for name in SHARED if f"tasks.{name}" in used]
        item.add_marker(pytest.mark.xdist_group(shared[0] if shared else item.nodeid.split("::")[0]))


def pytest_runtest_logreport(report):
    seconds[report.nodeid.split("@")[0]] += report.duration


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
