"""What a process leaves, holds and takes: files, memory, open files, children."""

import contextlib
import os
import re
import resource
from pathlib import Path


def tree(folder: Path, depth: int = 9) -> dict[str, tuple[int, ...]]:
    """Everything under a folder, and how to see that it is not changed; links are not followed."""
    found: dict[str, tuple[int, ...]] = {}
    pending = [(str(folder), "", depth)]
    while pending:
        path, name, left = pending.pop()
        with os.scandir(path) as entries:
            for entry in entries:
                seen = entry.stat(follow_symlinks=False)
                inside = f"{name}{entry.name}"
                folder_itself = entry.is_dir(follow_symlinks=False)
                found[inside] = (seen.st_mode, seen.st_ino) + (
                    () if folder_itself else (seen.st_size, seen.st_mtime_ns)
                )
                if folder_itself and left > 1:
                    pending.append((entry.path, f"{inside}/", left - 1))
    return found


def memory() -> tuple[int, int]:
    """Bytes of memory that this process holds, and of addresses."""
    with contextlib.suppress(OSError), open("/proc/self/statm", "rb") as file:
        pages = file.read().split()
        return int(pages[1]) * resource.getpagesize(), int(pages[0]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, 2**46


def forget_peak() -> None:
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "wb") as file:
        file.write(b"5")


def peak() -> int:
    with contextlib.suppress(OSError), open("/proc/self/status", "rb") as file:
        found = re.search(rb"VmHWM:\s*(\d+) kB", file.read())
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def open_files(folder: Path) -> set[str]:
    """The files in a folder that this process has open; libraries may keep files of their own, such as fonts."""
    found: set[str] = set()
    with contextlib.suppress(OSError):
        for number in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                found.add(os.readlink(f"/proc/self/fd/{number}"))
    return {name for name in found if name.startswith(f"{folder}{os.sep}")}


def processes() -> set[str]:
    found: set[str] = set()
    with contextlib.suppress(OSError):
        for thread in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{thread}/children") as file:
                found.update(file.read().split())
    return found
