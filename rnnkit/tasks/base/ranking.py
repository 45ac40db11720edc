"""The rows of a comparison of cells: one for each cell, over its seeds, the best first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from rnnkit.metrics.fold_summary import fold_summary
from rnnkit.run.figures import figures_of, interval_of, key_figure, less_is_better
from rnnkit.tasks.base.stacks import Stack


@dataclass(frozen=True)
class Row:
    """A cell's figures; means where it was trained with several seeds.

    Attributes:
        name: As the user named it, "min_gru:3".
        figure: The key of the figure that decides, such as "accuracy"; "" where training failed.
        score: Its value on the validation part.
        interval: Its 95 % interval: a bootstrap over the examples of one seed, or of the mean over several.
        numbers: Further figures by their keys in `comparison.json`, None where unknown.
        bytes: Size of the TFLite file; None where there is none.
        milliseconds: An answer of it on one thread.
        seeds: How many seeds there are.
        runs: The names of its Runs, the best first.
        error: Why it has no score, or no TFLite file; "" for nothing.
    """

    name: str
    figure: str = ""
    score: float = float("nan")
    interval: tuple[float, float] | None = None
    numbers: Mapping[str, float | None] | None = None
    bytes: int | None = None
    milliseconds: float | None = None
    seeds: int = 1
    runs: tuple[str, ...] = ()
    error: str = ""

    def cells(self) -> dict[str, Any]:
        """A line of `comparison.csv`."""
        low, high = self.interval or (None, None)
        return {
            "cell": self.name,
            "figure": self.figure,
            "validation": self.score if self.figure else None,
            "low": low,
            "high": high,
            **dict.fromkeys(_NUMBERS),
            **(self.numbers or {}),
            "tflite_bytes": self.bytes,
            "tflite_milliseconds": self.milliseconds,
            "seeds": self.seeds,
            "error": self.error,
        }


_NUMBERS = ("training_seconds", "milliseconds_a_step", "steps", "epochs", "parameters")


def ranked(results: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The rows of these results, the best by validation first, of equals the faster; those that failed last.

    Args:
        results: `results` of `comparison.json`.

    Example:

    >>> one = {"cell": "gru", "layers": 0, "seed": 1, "run": "gru", "validation": {"accuracy": 0.8}}
    >>> [(row.name, row.score) for row in ranked([one, {**one, "cell": "lstm", "validation": {"accuracy": 0.9}}])]
    [('lstm', 0.9), ('gru', 0.8)]
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for one in results:
        groups.setdefault(Stack(str(one["cell"]), int(one["layers"])).name, []).append(one)
    return sorted((_row(name, group) for name, group in groups.items()), key=_order)


def _order(row: Row) -> tuple[bool, float, float]:
    best = row.score if less_is_better(row.figure) else -row.score
    return not row.figure, best if row.figure else 0.0, row.milliseconds or float("inf")


def _row(name: str, group: Sequence[Mapping[str, Any]]) -> Row:
    failed = next((one["error"] for one in group if "error" in one), "")
    figures = [None if "error" in one else key_figure(one["validation"]) for one in group]
    found = [figure for figure in figures if figure is not None]
    if failed or len(found) < len(group):
        return Row(name, seeds=len(group), error=failed or "There is no figure to compare.")
    key = found[0].key
    values = [float(figure.value) for figure in found]
    best_first = sorted(zip(values, group, strict=True), key=lambda each: each[0], reverse=not less_is_better(key))
    lites = [one.get("tflite") or {} for one in group]
    times = [lite["milliseconds"] for lite in lites if "milliseconds" in lite]
    return Row(
        name,
        key,
        fmean(values),
        interval_of(group[0]["validation"], key) if len(group) == 1 else _of_mean(key, values, group),
        {number: _mean(number, group) for number in _NUMBERS},
        next((int(lite["bytes"]) for lite in lites if "bytes" in lite), None),
        fmean(times) if times else None,
        len(group),
        tuple(str(one["run"]) for _, one in best_first),
        next((str(lite["error"]) for lite in lites if "error" in lite), ""),
    )


def _mean(number: str, group: Sequence[Mapping[str, Any]]) -> float | None:
    values = [figure.value for one in group for figure in figures_of({number: one.get(number)})]
    if len(values) < len(group):
        return None
    mean = fmean(values)
    return int(mean) if all(isinstance(value, int) for value in values) and mean == int(mean) else mean


def _of_mean(key: str, values: Sequence[float], group: Sequence[Mapping[str, Any]]) -> tuple[float, float] | None:
    """The interval of a mean over seeds, each of which divides the data anew."""
    shares = [figure.value for one in group for figure in figures_of({"share": one.get("validation_to_train")})]
    found = fold_summary([{key: value} for value in values], fmean(shares) if shares else 0.0)[key].get("interval")
    return (found[0], found[1]) if isinstance(found, list) else None
