"""Python files of a user's own that register cells or tasks.

A file is run only when the user names it, as `cell="my_cell.py"` or in an environment variable. What a Run folder says
never runs anything.
"""

import importlib.machinery
import importlib.util
import os
import re
import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.quiet import load_keras

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_FILE = re.compile(r"(.*\.py)(?::(\w+))?", re.DOTALL)


def written_in(kind: Any) -> str:
    """The file of a class, or its module where that has none: the same for one that was run again after a change."""
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return str(Path(file).resolve()) if file else str(kind.__module__)


@dataclass
class OwnFiles:
    """Classes of a user's own, by key, and the files that register them.

    Args:
        noun: "cell" or "task", in messages and in the names of the decorator and of the environment variable.
    """

    noun: str
    #: Key and class of each.
    classes: dict[str, Any] = field(default_factory=dict)
    #: The content of each file when it was run: one that has changed since is run again.
    sources: dict[Path, bytes] = field(default_factory=dict)
    _packages_loaded: bool = False

    def require_free(self, key: Any, kind: Any, taken: Iterable[str], mend: str) -> None:
        """Refuses a key that a class of one's own cannot have.

        Args:
            key: The key.
            kind: The class.
            taken: rnnkit's own keys.
            mend: How to give another key.

        Raises:
            RnnkitError: It has other characters than a-z, 0-9 and _, or is rnnkit's own or that of another class.
        """
        name = kind.__name__
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise RnnkitError(
                f"{key!r} cannot be the key of {name}; expected a-z, 0-9 and _, for example 'my_{self.noun}'."
            )
        if key in taken:
            raise RnnkitError(f"{key!r} is the key of a {self.noun} of rnnkit. Give {name} another{mend}")
        old = self.classes.get(key)
        if old is not None and (written_in(old), old.__qualname__) != (written_in(kind), kind.__qualname__):
            raise RnnkitError(f"{key!r} is the key of {old.__name__} in {written_in(old)}. Give {name} another{mend}")

    def unknown(self, key: Any, folder: Any, known: list[str]) -> RnnkitError:
        """The error for a key in a Run that is not known here, with how to make it known."""
        return RnnkitError(
            f"Unknown {self.noun} {key!r:.200} in {folder}.{did_you_mean(key, known)} If it is one of your own, name "
            f"its file: {self.environment}=my_{self.noun}.py rnnkit ...; in Python, import that file first."
        )

    @property
    def environment(self) -> str:
        """The variable that names such files, separated as in PATH, for commands that open a Run."""
        return f"RNNKIT_{self.noun.upper()}S"

    def is_file(self, named: Any) -> bool:
        """Whether it is named by its file, "my_cell.py" or "my_cell.py:MyCell", and not by its key."""
        return isinstance(named, str) and _FILE.fullmatch(named) is not None

    def key_of_file(self, named: str) -> str:
        """Loads the file that is named. Returns the key that it registers.

        Raises:
            RnnkitError: It cannot be loaded, registers nothing, or several and it is not said which.
        """
        match = _FILE.fullmatch(named)
        file, name = (named, None) if match is None else match.groups()
        keys = {kind.__name__: key for key, kind in self._load(file).items()}
        if name is None and len(keys) > 1:
            raise RnnkitError(f"{file} registers {', '.join(keys)}. Say which: {file}:{next(iter(keys))}")
        if name is not None and name not in keys:
            raise RnnkitError(f"{file} registers no {name}.{did_you_mean(name, keys)} It has: {', '.join(keys)}.")
        return keys[name or next(iter(keys))]

    def load_known(self) -> None:
        """Loads what installed packages bring, and the files that the environment variable names.

        A package brings a class by an entry point of the group "rnnkit.cells" or "rnnkit.tasks". Only installed code
        counts, never code that a Run names.

        Raises:
            RnnkitError: One cannot be loaded or registers nothing.
        """
        if not self._packages_loaded:
            self._packages_loaded = True
            group = f"rnnkit.{self.noun}s"
            if is_group_installed(group):
                from importlib.metadata import entry_points  # here, since few bring one and its import is slow

                for point in entry_points(group=group):
                    _load_package(point, self.noun)
        for file in os.environ.get(self.environment, "").split(os.pathsep):
            if file.strip():
                try:
                    self._load(file.strip())
                except RnnkitError as error:
                    raise RnnkitError(f"{self.environment}: {error}") from None

    def environment_for(self, key: str) -> str:
        """The start of a shell command on a Run that makes the Run's class known; "" for rnnkit's own."""
        path = Path(written_in(self.classes[key])) if key in self.classes else Path()
        if not path.is_file():
            return ""
        here = Path.cwd()
        return f"{self.environment}={shlex.quote(str(path.relative_to(here) if here in path.parents else path))} "

    def _load(self, file: str) -> dict[str, Any]:
        """Key and class of what a file registers; runs it where it is new or has changed."""
        path = Path(file).expanduser().resolve()
        expected = f"Expected a Python file that registers a {self.noun}."
        try:
            source = path.read_bytes()
        except FileNotFoundError:
            near = did_you_mean(path.name, [each.name for each in path.parent.glob("*.py")])
            raise RnnkitError(f"There is no file {file}.{near} {expected}") from None
        except (OSError, ValueError) as error:
            raise RnnkitError(f"{file} cannot be read ({error}). {expected}") from None
        if self.sources.get(path) != source:
            load_keras()
            imported = path not in self.sources and path.stem in sys.modules  # by the user's program
            self._refuse_taken_name(path)
            self.sources[path] = source
            try:
                if not imported:
                    self._run(path, source)
                if not self._registered_by(path):
                    raise RnnkitError(
                        f"{file} registers no {self.noun}. Write @rnnkit.register_{self.noun} above its class."
                    )
            except BaseException:
                self._forget(path, module=not imported)
                raise
        return self._registered_by(path)

    def _registered_by(self, path: Path) -> dict[str, Any]:
        return {key: kind for key, kind in self.classes.items() if written_in(kind) == str(path)}

    def _refuse_taken_name(self, path: Path) -> None:
        """A file is a module of its name, which Keras and other processes find it by; no other module may have it."""
        name = path.stem
        try:
            spec = None if "." in name else importlib.util.find_spec(name)
            taken = "." in name or (spec is not None and (spec.origin is None or Path(spec.origin).resolve() != path))
        except (ImportError, ValueError):
            taken = True
        if taken:
            raise RnnkitError(
                f"{path.name} has the name of another Python module. Rename the file, to my_{self.noun}.py for one."
            )

    def _run(self, path: Path, source: bytes) -> None:
        """Runs a file as the module of its name. What an earlier run of it registered is forgotten."""
        spec = importlib.machinery.ModuleSpec(path.stem, None, origin=str(path))
        module = importlib.util.module_from_spec(spec)
        module.__file__ = str(path)
        for key in self._registered_by(path):
            del self.classes[key]
        sys.modules[path.stem] = module
        if str(path.parent) not in sys.path:
            sys.path.append(str(path.parent))  # for what it imports from beside it
        try:
            exec(compile(source, str(path), "exec"), vars(module))
        except (RnnkitError, KeyboardInterrupt):
            raise
        except BaseException as error:  # a file that ends the process registers nothing either
            raise RnnkitError(f"{path.name}{_line(error, path)} cannot be run: {_said(error)}") from error

    def _forget(self, path: Path, *, module: bool) -> None:
        """Leaves no trace of a file that failed, so that it is run again."""
        for key in self._registered_by(path):
            del self.classes[key]
        del self.sources[path]
        if module:
            sys.modules.pop(path.stem, None)


def is_group_installed(group: str) -> bool:
    """Whether an installed package may have entry points of a group: without `importlib.metadata`, whose import takes
    longer than to look."""
    for place in sys.path:
        try:
            names = os.listdir(place or ".")
        except NotADirectoryError:  # a zip file, for one
            return True
        except OSError:
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info", ".egg")):
                inside = ("EGG-INFO",) if name.endswith(".egg") else ()
                try:
                    with open(os.path.join(place, name, *inside, "entry_points.txt"), "rb") as file:
                        if group.encode() in file.read():
                            return True
                except OSError:  # most have none
                    continue
    return False


def _load_package(point: Any, noun: str) -> None:
    try:
        point.load()
    except Exception as error:
        package = point.dist.name if point.dist else point.value
        raise RnnkitError(
            f"The installed package {package} brings the {noun} {point.name}, which cannot be imported "
            f"({_said(error)}). Update it, or uninstall it."
        ) from error


def _said(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.msg}: {(error.text or '').strip()[:80]}"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _line(error: BaseException, path: Path) -> str:
    """The line of the file at which an error came up."""
    if isinstance(error, SyntaxError) and error.filename == str(path):  # and not of one that it imports
        return f" line {error.lineno}"
    lines, trace = [], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return f" line {lines[-1]}" if lines else ""
