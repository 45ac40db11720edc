"""Files with cells of a user's own.

A file is run only when the user names it, as `cell="my_cell.py"` or in the environment variable RNNKIT_CELLS. What a
Run folder says never runs anything.
"""

import importlib.machinery
import importlib.util
import os
import re
import shlex
import sys
from pathlib import Path
from typing import Any

from rnnkit.cells._own import classes, written_in
from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.quiet import load_keras

#: Names files with cells of one's own, separated as in PATH, for commands that open a Run.
ENVIRONMENT = "RNNKIT_CELLS"
_FILE = re.compile(r"(.*\.py)(?::(\w+))?", re.DOTALL)
#: What each file held when it was run: one that has changed since is run again.
_sources: dict[Path, bytes] = {}


def is_file(cell: Any) -> bool:
    """Whether a cell is named by its file, "my_cell.py" or "my_cell.py:MyCell", and not by its key."""
    return isinstance(cell, str) and _FILE.fullmatch(cell) is not None


def key_of_file(cell: str) -> str:
    """Load the file that `cell` names, and give the key of its cell.

    Raises:
        RnnkitError: When it cannot be loaded, registers no cell, or several and it is not said which.
    """
    match = _FILE.fullmatch(cell)
    file, name = (cell, None) if match is None else match.groups()
    found = _load(file)
    keys = {cell_class.__name__: key for key, cell_class in found.items()}
    if name is None and len(keys) > 1:
        raise RnnkitError(f"{file} registers {', '.join(keys)}. Say which: {file}:{next(iter(keys))}")
    if name is not None and name not in keys:
        raise RnnkitError(f"{file} registers no {name}.{did_you_mean(name, keys)} It has: {', '.join(keys)}.")
    return keys[name or next(iter(keys))]


def load_environment() -> None:
    """Load the files that RNNKIT_CELLS names.

    Raises:
        RnnkitError: When one cannot be loaded or registers no cell.
    """
    for file in os.environ.get(ENVIRONMENT, "").split(os.pathsep):
        if file.strip():
            try:
                _load(file.strip())
            except RnnkitError as error:
                raise RnnkitError(f"{ENVIRONMENT}: {error}") from None


def environment_for(key: str) -> str:
    """The prefix of a shell command that makes a Run's cell known: empty for rnnkit's own cells."""
    path = Path(written_in(classes[key])) if key in classes else Path()
    if not path.is_file():
        return ""
    here = Path.cwd()
    return f"{ENVIRONMENT}={shlex.quote(str(path.relative_to(here) if here in path.parents else path))} "


def _load(file: str) -> dict[str, Any]:
    """Key and class of the cells that a file registers; runs it where it is new or has changed."""
    path = Path(file).expanduser().resolve()
    try:
        source = path.read_bytes()
    except FileNotFoundError:
        near = did_you_mean(path.name, [each.name for each in path.parent.glob("*.py")])
        raise RnnkitError(f"There is no file {file}.{near} Expected a Python file that registers a cell.") from None
    except (OSError, ValueError) as error:
        raise RnnkitError(f"{file} cannot be read ({error}). Expected a Python file that registers a cell.") from None
    if _sources.get(path) != source:
        load_keras()
        imported = path not in _sources and path.stem in sys.modules  # by the user's program
        _refuse_taken_name(path)
        _sources[path] = source
        try:
            if not imported:
                _run(path, source)
            if not _registered_by(path):
                raise RnnkitError(f"{file} registers no cell. Write @rnnkit.register_cell above its class.")
        except BaseException:
            _forget(path, module=not imported)
            raise
    return _registered_by(path)


def _registered_by(path: Path) -> dict[str, Any]:
    return {key: cell_class for key, cell_class in classes.items() if written_in(cell_class) == str(path)}


def _refuse_taken_name(path: Path) -> None:
    """Refuse a module name that is taken: Keras and other processes find the file by it."""
    name = path.stem
    try:
        spec = None if "." in name else importlib.util.find_spec(name)
        taken = "." in name or (spec is not None and (spec.origin is None or Path(spec.origin).resolve() != path))
    except (ImportError, ValueError):
        taken = True
    if taken:
        raise RnnkitError(f"{path.name} has the name of another Python module. Rename the file, to my_cell.py for one.")


def _run(path: Path, source: bytes) -> None:
    """Run a file as the module of its name. Registrations of an earlier run are removed."""
    spec = importlib.machinery.ModuleSpec(path.stem, None, origin=str(path))
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path)
    for key in _registered_by(path):
        del classes[key]
    sys.modules[path.stem] = module
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))  # for what it imports from beside it
    try:
        exec(compile(source, str(path), "exec"), vars(module))
    except (RnnkitError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a file that ends the process is none with a cell either
        raise RnnkitError(f"{path.name}{_line(error, path)} cannot be run: {_said(error)}") from error


def _forget(path: Path, *, module: bool) -> None:
    """Remove all traces of a file that failed, so that it runs again."""
    for key in _registered_by(path):
        del classes[key]
    del _sources[path]
    if module:
        sys.modules.pop(path.stem, None)


def _said(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.msg}: {(error.text or '').strip()[:80]}"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _line(error: BaseException, path: Path) -> str:
    """The line of the file where an error was raised."""
    if isinstance(error, SyntaxError) and error.filename == str(path):  # and not of one that it imports
        return f" line {error.lineno}"
    lines, trace = [], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return f" line {lines[-1]}" if lines else ""
