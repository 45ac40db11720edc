"""The cell contract as a test, for rnnkit's own cells and for yours: `check_cell`, or `python -m rnnkit.testing`."""

import importlib
from typing import Any

_LAZY = {
    "ContractError": "require",
    "Report": "result",
    "Result": "result",
    "TITLES": "result",
    "check_cell": "contract",
}
__all__ = list(_LAZY)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
