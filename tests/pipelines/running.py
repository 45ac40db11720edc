"""Runs the scripts in `pipelines/` as a user does, in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path

PIPELINES = Path(__file__).parents[2] / "pipelines"


def run_pipeline(name, *flags, **arguments):
    """`python pipelines/NAME FLAGS`, with this source tree's rnnkit."""
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    environment["PYTHONPATH"] = os.pathsep.join([str(PIPELINES.parent), environment.get("PYTHONPATH", "")])
    environment["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), environment.get("PATH", "")]
    )  # as activated
    command = [sys.executable, str(PIPELINES / name), *map(str, flags)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, **arguments)
