"""The folder of a search of settings: the record of its trials, their table, its pictures, and the Runs it keeps."""

from typing import Any

from rnnkit.run.collection import Collection

#: What is finished, as JSON; the same as a table.
RECORD, TABLE = "tuning.json", "tuning.csv"
#: The search itself, of Optuna; how it went on, what mattered, and with several goals what one costs the other.
STUDY, HISTORY_PICTURE, IMPORTANCE_PICTURE, FRONT_PICTURE = (
    "study.sqlite3",
    "history.png",
    "importance.png",
    "front.png",
)


def _is_of_a_trial(one: dict[str, Any]) -> bool:
    known = isinstance(one.get("settings"), dict) and isinstance(one.get("seconds"), int | float)
    ended = isinstance(one.get("error"), str) or isinstance(one.get("goals"), dict)
    return known and ended and isinstance(one.get("pruned"), bool)


_PICTURES = (HISTORY_PICTURE, IMPORTANCE_PICTURE, FRONT_PICTURE)
TUNING = Collection("a search", "trials", RECORD, TABLE, (*_PICTURES, STUDY, f"{STUDY}-journal"), _is_of_a_trial)
