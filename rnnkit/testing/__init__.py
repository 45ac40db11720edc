"""The contracts of cells and tasks as tests, for rnnkit's own and for yours: `check_cell` and `check_task`."""

import importlib
from typing import Any

_LAZY = {
    "ContractError": "require",
    "Report": "result",
    "Result": "result",
    "TITLES": "result",
    "TASK_TITLES": "result",
    "check_cell": "contract",
    "check_task": "tasks.contract",
}
__all__ = list(_LAZY)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
