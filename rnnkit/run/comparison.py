"""The folder of a comparison of cells: the record of what is finished, its table, and the Runs that are kept."""

from typing import Any

from rnnkit.run.collection import Collection
from rnnkit.run.collection import remove_runs as remove_runs

#: What is finished, as JSON; the same as a table; and its picture.
RECORD, TABLE, PICTURE = "comparison.json", "comparison.csv", "comparison.png"


def _is_of_a_cell(one: dict[str, Any]) -> bool:
    if not isinstance(one.get("cell"), str):
        return False
    numbers = type(one.get("layers")) is int and type(one.get("seed")) is int
    return numbers and (isinstance(one.get("error"), str) or isinstance(one.get("validation"), dict))


COMPARISON = Collection("a comparison", "cells", RECORD, TABLE, (PICTURE,), _is_of_a_cell)
