"""Runs that were made to do harm, and how they are refused."""

import json
import resource
import sys

import pytest
from alarm import at_most

import rnnkit
from rnnkit.errors import RnnkitError

_MOST = 512 << 20  # bytes, that refusing a Run may take at its peak


def refused(folder):
    """The line; the process's largest size must not grow by what the Run would have it grow."""
    before = peak()
    with at_most(60), pytest.raises(RnnkitError) as caught:
        rnnkit.load(folder)
    message = str(caught.value)
    if "\n" in message or len(message) > 700 or peak() - before > _MOST:
        pytest.fail(f"{len(message)} characters, {(peak() - before) >> 20} MiB: {message[:300]!r}")
    return message


def peak():
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def options(run, **changed):
    """Sets options in a Run's `config.json`."""
    content = json.loads((run / "config.json").read_text(encoding="utf-8"))
    content["options"].update(changed)
    (run / "config.json").write_text(json.dumps(content), encoding="utf-8")
    return run
