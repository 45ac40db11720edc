"""The note in a lock file about the process that holds it."""

import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

_MARK = "rnnkit lock of process"


def content_of(descriptor: int) -> dict[str, Any] | None:
    """The note in a lock file about its holder; None for a file of another program."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        content = json.loads(os.read(descriptor, 4096))
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and isinstance(content.get(_MARK), int) else None


def is_ours(descriptor: int) -> bool:
    """Whether a file can be one of our locks: with our note, or empty because its writer was killed."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    return not os.read(descriptor, 4096).strip(b"\0") or content_of(descriptor) is not None


def write_note(descriptor: int) -> None:
    """Write a note about the holder for other processes."""
    said = {_MARK: os.getpid(), "command": _command(), "machine": socket.gethostname(), "since": time.time()}
    try:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, json.dumps(said).encode())
    except OSError:  # a full disk, or another user's file: the lock holds without it
        pass


def _command() -> str:
    """The program and its command: "rnnkit train"."""
    program, *words = sys.argv or [""]
    path = Path(program)
    name = path.parent.name if path.stem == "__main__" else path.stem
    return " ".join([name, *(word for word in words[:1] if name == "rnnkit" and word.isalpha())])[:40]


def holder(descriptor: int) -> str:
    """Who holds it, in words: "process 123 (rnnkit train) since 2026-11-28 14:03:22"."""
    content = content_of(descriptor)
    if content is None:
        return "another process"
    process, since = content[_MARK], content.get("since")
    command, machine = (_plain(content.get(name)) for name in ("command", "machine"))
    who = f"process {process:d}" if 0 < process < 2**32 else "another process"
    if process == os.getpid() and machine == _plain(socket.gethostname()):
        who = "another thread of this process"
    elif machine and machine != _plain(socket.gethostname()):
        who += f" on {machine}"
    try:
        began = time.strftime(" since %Y-%m-%d %H:%M:%S", time.localtime(float(since)))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        began = ""
    return f"{who}{f' ({command})' if command else ''}{began}"


def _plain(text: Any) -> str:
    return "".join(letter for letter in str(text or "") if letter.isprintable())[:40]
