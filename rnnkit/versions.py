"""The oldest Python, Keras and TensorFlow that rnnkit works with; an older one is refused in a line.

pip sees to it, and yet another package's bounds, `--no-deps` or a source tree bring older ones.
"""

import re
import sys
from typing import NamedTuple

from rnnkit import installed
from rnnkit.errors import RnnkitError


class Floor(NamedTuple):
    """The oldest version of a package that works, and what an older one does."""

    name: str
    version: str
    older: str


#: As pyproject.toml declares them, which a test sees to; here too, since a source tree has no metadata to ask.
PYTHON = "3.11"
FLOORS = {
    "keras": Floor("Keras", "3.15", "with which beam search crashes and weights can be read from local files"),
    "tensorflow": Floor("TensorFlow", "2.21", "with which rnnkit is not tried"),
}


def require_python() -> None:
    """Refuse an older Python.

    Raises:
        RnnkitError: For one older than `PYTHON`.
    """
    found = sys.version.split()[0]
    if _older(found, PYTHON):
        raise RnnkitError(
            f"rnnkit needs Python {PYTHON} or newer; this is Python {found}. Make an environment with a newer one: "
            f"python{PYTHON} -m venv .venv"
        )


def require(package: str) -> None:
    """Refuse a package that is too old; one that is imported is asked itself, another one's metadata is read.

    Raises:
        RnnkitError: For an older version than its floor.

    Example:

    >>> require("keras")
    """
    name, floor, older = FLOORS[package]
    found = _version(package)
    if _older(found, floor):
        raise RnnkitError(
            f"rnnkit needs {name} {floor} or newer; this is {name} {found}, {older}. "
            f"Try: pip install --upgrade '{package}>={floor}'"
        )


def missing(package: str) -> RnnkitError:
    """The error for a missing package."""
    return installed.missing(package, "Training and everything else in Keras")


def _version(package: str) -> str:
    """The version of a package; "" if unknown."""
    module = sys.modules.get(package)
    if found := getattr(module, "__version__", None):
        return str(found)
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package) or ""  # none: its metadata are broken
    except PackageNotFoundError:
        return ""


def _older(version: str, floor: str) -> bool:
    """Whether a version's leading numbers are below a floor; False without any."""
    numbers = _numbers(version)
    return bool(numbers) and numbers < _numbers(floor)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.match(r"[0-9.]*", version[:50])[0].split(".") if part)  # type: ignore[index]
