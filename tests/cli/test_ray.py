"""A training on a local Ray cluster is the training on one device, also where a worker is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from training.test_workers import job

import rnnkit

pytest.importorskip("ray")
pytestmark = pytest.mark.slow
_SECONDS = 400


def command(folder, to, *more):
    asked = job("text_classifier", folder)
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in asked["options"].items()]
    program = [sys.executable, "-m", "rnnkit", "train", "text_classifier", asked["file"]]
    return [*program, *flags, "--to", str(to), *more]


def environment():
    return {**os.environ, "TF_NUM_INTRAOP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}


def workers():
    """The processes of Ray's workers that train, by their names."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().startswith(b"ray::RayTrainWorker"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/cmdline").is_file(), reason="finds processes in /proc")
def test_two_workers_of_which_one_is_killed_end_as_one_device(tmp_path):
    subprocess.run(command(tmp_path / "data", tmp_path / "one"), check=True, timeout=_SECONDS)
    said = tmp_path / "said.txt"
    with said.open("wb") as file:
        running = subprocess.Popen(
            command(tmp_path / "data", tmp_path / "two", "--ray", "local", "--workers", "2"),
            stdout=file, stderr=file, env=environment(),
        )  # fmt: skip
        try:
            deadline = time.monotonic() + _SECONDS
            while "'epoch': 3" not in said.read_text(errors="replace") and time.monotonic() < deadline:
                assert running.poll() is None, said.read_text(errors="replace")
                time.sleep(0.5)
            killed = workers()
            assert len(killed) == 2
            os.kill(killed[1], signal.SIGKILL)
            assert running.wait(_SECONDS) == 0, said.read_text(errors="replace")
        finally:
            running.kill()
    assert "resuming after epoch" in said.read_text(errors="replace")
    figures = [json.loads((tmp_path / name / "metrics.json").read_text()) for name in ("one", "two")]
    assert figures[0]["test"]["accuracy"] == figures[1]["test"]["accuracy"]
    assert figures[0]["epochs"] == figures[1]["epochs"] == 10
    one, two = (rnnkit.load(tmp_path / name).network.get_weights() for name in ("one", "two"))
    assert max(abs(a - b).max() for a, b in zip(one, two, strict=True)) < 1e-5
    assert not (tmp_path / "two.ray").exists()
