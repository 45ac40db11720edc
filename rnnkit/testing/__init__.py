"""The contracts of cells and tasks as tests, for rnnkit's own and for yours: `check_cell` and `check_task`."""

from rnnkit.registry import lazy_names

_LAZY = {
    "ContractError": "rnnkit.testing.require",
    "Report": "rnnkit.testing.result",
    "Result": "rnnkit.testing.result",
    "TITLES": "rnnkit.testing.result",
    "TASK_TITLES": "rnnkit.testing.result",
    "check_cell": "rnnkit.testing.contract",
    "check_task": "rnnkit.testing.tasks.contract",
}
__all__ = list(_LAZY)  # noqa: PLE0605
__getattr__, __dir__ = lazy_names(__name__, _LAZY)
