"""The cell contract as a test, for rnnkit's own cells and for yours: `check_cell`."""

from rnnkit.testing.contract import POINTS, Report, Result, check_cell
from rnnkit.testing.require import ContractError

__all__ = ["POINTS", "ContractError", "Report", "Result", "check_cell"]
