"""Members found by scanning a package: one file per member, keyed by file name."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from rnnkit.errors import RnnkitError, did_you_mean


@dataclass(frozen=True)
class Registry:
    """The modules of a package, as members under their own names.

    Args:
        package: The package, "rnnkit.cells" for example.
        kind: What a member is called in messages, "cell" for example.
        without: Modules that are no members. Those whose name begins with `_` never are.

    Example:

    >>> Registry("rnnkit.cells", "cell").module("gru").__name__
    'rnnkit.cells.gru'
    """

    package: str
    kind: str
    without: tuple[str, ...] = ()

    def keys(self) -> list[str]:
        """The keys of all members, sorted."""
        found = (module.name for module in pkgutil.iter_modules(importlib.import_module(self.package).__path__))
        return sorted(name for name in found if name not in self.without and not name.startswith("_"))

    def module(self, key: Any, hint: str = "") -> ModuleType:
        """The module of a key, imported.

        Args:
            key: What somebody asked for.
            hint: Where to look for the right key; by default the command that lists all.

        Raises:
            RnnkitError: For an unknown key; the message names the nearest one.
        """
        if key not in self.keys():
            raise self.unknown(key, self.keys(), hint)
        return importlib.import_module(f"{self.package}.{key}")

    def unknown(self, key: Any, keys: Iterable[str], hint: str = "") -> RnnkitError:
        """The error for an unknown key."""
        hint = hint or f"rnnkit {self.kind}s"
        return RnnkitError(f"Unknown {self.kind} {key!r:.60}.{did_you_mean(key, keys)} ({hint})")


def lazy_names(package: str, places: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package whose public names are imported on first use.

    Args:
        package: Its `__name__`.
        places: The module of each name.

    Example:

    >>> get, names = lazy_names("example", {"pad": "rnnkit.data.bucketing"})
    >>> get("pad").__name__, names()
    ('pad', ['pad'])
    """

    def get(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(places[name]), name)

    return get, lambda: sorted(places)
