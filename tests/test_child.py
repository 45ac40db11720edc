"""Functions in a process of their own: what they give, how they fail, and that the process stays for the next."""

import os
from contextvars import Context

import pytest

from rnnkit.child import ChildError, run_in_subprocess, telling_line
from rnnkit.testing.shared import Child, shared_subprocess


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    """A module that the child can import."""
    (tmp_path / "child_jobs.py").write_text(
        "import os, signal, sys, time\n"
        "def pid():\n    print('noise'); sys.stderr.write('noise'); yield os.getpid()\n"
        "def count(n):\n    yield from range(n)\n"
        "def nothing():\n    pass\n"
        "def wrong():\n    raise ValueError('no such thing')\n"
        "def dies():\n    os.kill(os.getpid(), signal.SIGABRT)\n"
        "def sleeps():\n    yield 1\n    time.sleep(60)\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    return "child_jobs"


def test_a_shared_process_runs_what_would_take_one_each(jobs):
    def check():
        (alone,), (again,) = run_in_subprocess(f"{jobs}:pid"), run_in_subprocess(f"{jobs}:pid")
        assert len({alone, again, os.getpid()}) == 3
        with shared_subprocess():
            kept = [run_in_subprocess(f"{jobs}:pid") for _ in range(2)]
            assert (
                kept[0] == kept[1]
                and run_in_subprocess(f"{jobs}:nothing") == []
                and run_in_subprocess(f"{jobs}:count", 3) == [0, 1, 2]
            )

    Context().run(check)  # without the child that all tests share


def test_a_child_that_fails_says_why_and_the_next_job_gets_a_new_one(jobs):
    with Child() as child:
        (before,) = child.run(f"{jobs}:pid")
        with pytest.raises(ChildError, match="ValueError: no such thing") as wrong:
            list(child.run(f"{jobs}:wrong"))
        with pytest.raises(ChildError, match=r"crashed \(SIGABRT\)") as crash:
            list(child.run(f"{jobs}:dies"))
        with pytest.raises(ChildError, match="its time was over") as late:
            list(child.run(f"{jobs}:sleeps", limit=1))
        assert (wrong.value.crash, crash.value.crash, late.value.late) == ("", "SIGABRT", True)
        (after,) = child.run(f"{jobs}:pid")
    assert before != after


def test_a_process_for_one_function_says_why_it_failed(jobs):
    def check():
        with pytest.raises(ChildError, match="ValueError: no such thing"):
            run_in_subprocess(f"{jobs}:wrong")
        with pytest.raises(ChildError, match=r"crashed \(SIGABRT\)") as crash:
            run_in_subprocess(f"{jobs}:dies")
        with pytest.raises(ChildError, match="its time was over") as late:
            run_in_subprocess(f"{jobs}:sleeps", limit=1)
        assert (crash.value.crash, crash.value.late, late.value.late) == ("SIGABRT", False, True)
        assert run_in_subprocess(f"{jobs}:nothing") == [] and run_in_subprocess(f"{jobs}:count", 3) == [0, 1, 2]

    Context().run(check)  # without the child that all tests share


def test_answers_come_while_the_function_still_runs(jobs):
    with Child() as child:
        assert next(child.run(f"{jobs}:sleeps")) == 1


def test_what_a_log_says_is_cut_to_its_telling_line():
    log = "noise\n" * 1000 + "error: 'tf.While' op needs Flex\nTF Select Ops: While\nmore noise\n"
    assert telling_line(log) == "TF Select Ops: While"
    assert telling_line("") == "it said nothing."
    assert len(telling_line("Error: " + "x" * 10**6)) == 300
