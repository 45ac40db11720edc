"""What is put into a case's folder: files of any bytes, and what is no file."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: What can stand where a file should: its name, in place of bytes.
ODD = ("missing", "empty", "folder", "pipe", "loop", "dangling", "zeros", "socket", "secret")


@dataclass(frozen=True)
class Made:
    """Files by name, with bytes, or one of `ODD`.

    Args:
        files: Name, with `/` between folders, to content.
        how: What was done to get them, and anything else that a reader is told.
    """

    files: Mapping[str, bytes | str]
    how: tuple[object, ...] = ()

    def lay_out(self, folder: Path, named: Mapping[str, str]) -> None:
        """Writes everything; in contents the keys of `named` become its values."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, str):
                _odd(path, content, folder)
                continue
            for key, value in named.items():
                content = content.replace(key.encode(), value.encode())
            path.write_bytes(content)

    def __repr__(self) -> str:
        how = repr(self.how)
        shown = {
            name: content if isinstance(content, str) else f"{len(content):,} bytes"
            for name, content in self.files.items()
        }
        if len(self.files) == 1 and isinstance(content := next(iter(self.files.values())), bytes):
            shown = {next(iter(self.files)): _short(repr(content), 600)}
        return f"Made({_short(repr(shown), 900)}, how={_short(how, 1500)})"

    @property
    def size(self) -> int:
        """By which of two with the same fault the smaller one is told."""
        return len(repr(self.how)) + sum(map(len, self.files.values()))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most * 2 // 3]} ... {text[-most // 3 :]} ({len(text):,} characters)"


def _odd(path: Path, kind: str, folder: Path) -> None:
    if kind == "empty":
        path.touch()
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(os.path.relpath(path))
    elif kind != "missing":
        to = {"loop": path.name, "dangling": "nothing", "zeros": "/dev/zero"}.get(
            kind, folder.parent / "decoy/secret.txt"
        )
        path.symlink_to(to)
