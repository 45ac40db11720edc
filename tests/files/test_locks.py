"""Two that write one target: the second is told who the first is, and a dead one holds nothing."""

import errno
import os
import re
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.files.locks import lock, lock_file

HOLDS = """
import sys, time
from pathlib import Path
from rnnkit.files.locks import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def start(target):
    command = [sys.executable, "-c", HOLDS, str(target)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    return process


def holding(target):
    process = start(target)
    assert process.stdout.readline() == "held\n"
    return process


def ends(process):
    process.communicate("\n", timeout=60)
    return process.returncode


def test_another_process_is_told_who_holds_it_and_since_when(tmp_path):
    target = tmp_path / "new" / "run"
    holder = holding(target)
    with pytest.raises(RnnkitError) as caught, lock(target):
        pass
    said = (
        rf"{target} is being written by process {holder.pid} \(.*\) since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\. Wait for"
    )
    assert re.match(said, str(caught.value)) and "--to" in str(caught.value) and "\n" not in str(caught.value)
    with lock(tmp_path / "other"):
        pass
    assert ends(holder) == 0
    with lock(target):
        pass
    assert list(tmp_path.iterdir()) == []  # the folder above it was made for the lock alone


def test_a_link_or_a_longer_way_to_the_folder_above_is_the_same_target(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    holder = holding(tmp_path / "real" / "run")
    for way in ("link/run", "real/../real/run"):
        with pytest.raises(RnnkitError, match="is being written"), lock(tmp_path / way):
            pass
    ends(holder)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path):
    holder = holding(tmp_path / "run")
    holder.kill()
    holder.communicate()
    assert lock_file(tmp_path / "run").exists()
    with lock(tmp_path / "run"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_thread_that_holds_it_may_take_it_again_and_others_may_not(tmp_path):
    said = []

    def other():
        try:
            with lock(tmp_path / "run"):
                said.append("held")
        except RnnkitError as error:
            said.append(str(error))

    with lock(tmp_path / "run"):
        with lock(tmp_path / "run"):
            pass
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert "another thread of this process" in said[0]
    other()
    assert said[1] == "held" and list(tmp_path.iterdir()) == []


def test_of_many_threads_one_at_a_time_is_in(tmp_path):
    inside, most, done = [], [], []

    def work(number):
        try:
            with lock(tmp_path / "a" / "run"):
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)
                done.append(number)
        except RnnkitError as error:
            assert "is being written by" in str(error)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(400)))
    assert set(most) == {1} and done and list(tmp_path.iterdir()) == []


def test_of_processes_started_at_once_one_is_in(tmp_path):
    processes = [start(tmp_path / "run") for _ in range(4)]
    firsts = [process.stdout.readline() for process in processes]  # those that are refused end with nothing
    errors = [process.communicate("\n", timeout=60)[1] for process in processes]
    assert sorted(firsts) == ["", "", "", "held\n"]
    assert sorted(process.returncode for process in processes) == [0, 1, 1, 1]
    assert sum("is being written by process" in error for error in errors) == 3


@pytest.mark.parametrize("content", [b"mine", b"[1]", b"{}", b"[" * 4000, b'{"process": 1}', b"\0" * 5000])
def test_a_file_that_is_no_lock_is_left_alone(content, tmp_path):
    path = lock_file(tmp_path / "run")
    path.write_bytes(content)
    with pytest.raises(RnnkitError, match="is in the way: it is no lock of rnnkit's"), lock(tmp_path / "run"):
        pass
    assert path.read_bytes() == content


@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "pipe", "hard link"])
def test_what_is_no_file_is_left_alone(kind, tmp_path):
    path, empty = lock_file(tmp_path / "run"), tmp_path / "empty"
    empty.touch()
    {
        "link": lambda: path.symlink_to(empty),
        "dangling": lambda: path.symlink_to(tmp_path / "nowhere"),
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "hard link": lambda: os.link(empty, path),
    }[kind]()
    with pytest.raises(RnnkitError, match="is in the way"), lock(tmp_path / "run"):
        pass
    assert os.path.lexists(path) and empty.read_bytes() == b"" and not (tmp_path / "nowhere").exists()


def test_long_names_have_locks_of_their_own(tmp_path):
    names = [lock_file(tmp_path / ("é" * 120 + end)).name for end in "ab"]
    assert names[0] != names[1] and max(len(os.fsencode(name)) for name in names) <= 255
    with lock(tmp_path / ("é" * 120 + "a")), lock(tmp_path / ("é" * 120 + "b")):
        pass


def test_a_disk_that_knows_no_locks_is_said_and_the_lock_holds_elsewhere(tmp_path, monkeypatch, capsys):
    import fcntl

    flock, elsewhere = fcntl.flock, tmp_path / "elsewhere"

    def unknown(descriptor, how):
        if "elsewhere" not in os.readlink(f"/proc/self/fd/{descriptor}"):
            raise OSError(errno.ENOLCK, "No locks available")
        flock(descriptor, how)

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("the test looks files up in /proc")
    (tmp_path / "run").mkdir()
    elsewhere.mkdir()
    monkeypatch.setattr("fcntl.flock", unknown)
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    refused = []

    def other():
        with pytest.raises(RnnkitError, match="is being written by another thread") as caught, lock(tmp_path / "run"):
            pass
        refused.append(caught)

    with lock(tmp_path / "run"):
        assert "knows no locks" in capsys.readouterr().err
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert refused and sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "run"]


def test_a_folder_that_takes_no_lock_file_is_one_line(tmp_path, monkeypatch):
    def refused(*arguments, **named):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("os.open", refused)
    with pytest.raises(RnnkitError, match="run cannot be locked for writing .Permission denied.; give another folder"):
        with lock(tmp_path / "new" / "run"):
            pass
    assert list(tmp_path.iterdir()) == []
