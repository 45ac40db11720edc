"""A file that tells when it is run, and when anything in it is opened."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

_watched: dict[tuple[int, int], str] = {}
_opened: list[str] = []
_hooked = False


class Canary:
    """A folder with a Python file, which is no less a file of anything else, in a place that a Run can name.

    Args:
        home: An empty folder for it.
        run: The Run that names it.
    """

    def __init__(self, home: Path, run: Path) -> None:
        self.mark = home / "ran"
        self.home, self.run = home, run
        self.code = f"import pathlib\npathlib.Path({str(self.mark)!r}).touch()\n"
        self.files: list[Path] = []

    def names(self) -> dict[str, str]:
        """The canary under each name that a Run could say it by."""
        outside = self._sing(self.home / "evil.py")
        inside = self._sing(self.run / "evil.py")
        (self.home / "folder").mkdir()
        for name in ("config.json", "__init__.py", "pictures.png"):
            self._sing(self.home / "folder" / name)
        (self.run / "link.py").symlink_to(outside)
        return {
            "absolute": str(outside),
            "relative": os.path.relpath(outside),
            "inside": str(inside),
            "inside, relative": os.path.relpath(inside),
            "from the run": inside.name,
            "link": str(self.run / "link.py"),
            "upper case": str(self._sing(self.home / "EVIL.PY")),
            "class": f"{outside}:EvilCell",
            "module": "evil",
            "folder": str(self.home / "folder"),
            "address": outside.as_uri(),
        }

    def _sing(self, path: Path) -> Path:
        path.write_text(self.code)
        os.utime(path, (0, path.stat().st_mtime))  # when it was last read
        self.files.append(path)
        return path

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """Fails when within it one of the files is run, or opened from Python or from a library below it."""
        global _hooked
        if not _hooked:
            sys.addaudithook(_listen)
            _hooked = True
        _opened.clear()
        _watched.update({(file.stat().st_dev, file.stat().st_ino): str(file) for file in self.files})
        try:
            yield
        finally:
            _watched.clear()
        assert not self.mark.exists(), "code in a file that a Run names was run"
        assert not _opened, f"a file that a Run names was opened: {_opened[0]}"
        assert all(file.stat().st_atime == 0 for file in self.files), "a file that a Run names was read"


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _watched and isinstance(arguments[0], str | bytes | int | os.PathLike):
        with contextlib.suppress(OSError, ValueError):
            place = os.stat(arguments[0])
            if (place.st_dev, place.st_ino) in _watched:
                _opened.append(_watched[place.st_dev, place.st_ino])
