"""The board of `leaderboard.py` on docs/cells.md, and its picture."""

import json
import math
import operator
import textwrap
from pathlib import Path
from statistics import fmean
from typing import Any

from rnnkit.cells._zoo import ZOO

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "leaderboard.json"
PICTURE = ROOT / "docs" / "images" / "leaderboard.png"
NAN = "-"
_BOLD, _SMALL, _PANEL = 5, 0.2, 3.4  # cells of a job; scores; inches
_LEAST = 0.001  # error that is drawn: a logarithm has no place for none
_SIZES = ("layers", "parameters")
_NAMES = {
    "adding": "adding",
    "permuted_digits": "permuted",
    "natops": "NATOPS",
    "imdb": "IMDB",
    "shakespeare": "Shakespeare",
}
_HEAD = """## In the same time

Every cell on {jobs} small jobs, with the same settings and the same time of training on one core (in brackets), by
[`leaderboard.py`](../benchmarks/leaderboard.py): which learns fastest, not which is best after days. {seeds}. The best
five of each job are bold; the rank is the mean over the jobs. For your own data: [`rnnkit compare`](compare.md).
"""
_LEGEND = """
- 64 units. The weights that were best on validation are scored once on the test part. Settings and data are those of
  [`_leaderboard_jobs.py`](../benchmarks/_leaderboard_jobs.py); of single cells what `long_memory.py` has for them: two
  layers for those that compare nothing within one, dense layers around those that can only add up, lower rates, starts
  for long memories.
- {scores}
- failed: the loss was no longer a number.
"""
_SCORES = {
    "adding": "**adding**: mean squared error, {chance} by chance. Training stops where validation has less than "
    "{solved}; what is below that shares a rank",
    "accuracy": "{names}: accuracy, the class from the last output alone",
    "shakespeare": "**Shakespeare**: bits a character; {chance} by the letters' frequencies alone",
}
_COUNTS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
_COSTS = """What it costs: milliseconds of a training step on one core (32 rows; of Shakespeare, of 64 characters each),
milliseconds of an answer of the TFLite file on one thread (of Shakespeare 32 characters), and kB of that file,
dynamic-range quantised. Parameters are those of the first job.
"""


def leaderboard_section() -> str:
    """The part of the page, with a blank line behind it; "" where nothing has been measured."""
    jobs, settings = measured()
    if not jobs:
        return ""
    names = [name for name in settings if any(job == name for job, _, _ in jobs)]
    keys = [key for key in ZOO.keys() if any(cell == key for _, cell, _ in jobs)]
    board = {key: {name: of_cell(jobs, name, key) for name in names} for key in keys}
    order = {name: {key: ordered(settings[name], found[name]) for key, found in board.items()} for name in names}
    ranks, best = mean_ranks(order), {name: bold(values) for name, values in order.items()}
    keys.sort(key=lambda key: (ranks[key] is None, ranks[key] or 0.0, key))
    heads = [_NAMES.get(name, name) for name in names]
    seconds = [f"{head} ({settings[name]['seconds']} s)" for name, head in zip(names, heads, strict=True)]
    scores = [line("cell", "layers", *seconds, "rank"), line(*["---"] * (len(names) + 3))]
    costs = [line("cell", "parameters", *heads), line(*["---"] * (len(names) + 2))]
    for key in keys:
        found = board[key]
        shown = [f"**{score(found[name])}**" if key in best[name] else score(found[name]) for name in names]
        sizes = {size: next((each[size] for each in found.values() if size in each), None) for size in _SIZES}
        layers, parameters = (NAN if value is None else f"{value:,}" for value in sizes.values())
        rank = NAN if ranks[key] is None else f"{ranks[key]:.1f}"
        scores.append(line(f"[{key}](#{key})", layers, *shown, rank))
        costs.append(line(f"[{key}](#{key})", parameters, *(cost(found[name]) for name in names)))
    seeds = sorted({int(seed) for _, _, seed in jobs})
    said = f"Means of the seeds {', '.join(map(str, seeds))}, where measured" if len(seeds) > 1 else "One seed"
    told = textwrap.fill(". ".join(_scores(jobs, settings, names)), 118, subsequent_indent="  ")
    head, legend = _HEAD.format(jobs=_COUNTS[len(names)], seeds=said), _LEGEND.format(scores=told)
    picture = ["![Error against the time of an answer](images/leaderboard.png)", ""] if PICTURE.exists() else []
    return "\n".join([head, *scores, legend, *picture, _COSTS, *costs]) + "\n\n"


def _scores(jobs: dict[tuple[str, ...], Any], settings: dict[str, Any], names: list[str]) -> list[str]:
    """What the scores of the jobs are."""
    with_accuracy = [f"**{_NAMES.get(name, name)}**" for name in names if settings[name]["figure"] == "accuracy"]
    found = []
    for kind, text in _SCORES.items():
        if kind == "accuracy" and with_accuracy:
            found.append(text.format(names=", ".join(with_accuracy)))
        elif kind in names:
            known = chance(jobs, kind)
            shown = NAN if known is None else f"{known:.3g}"
            found.append(text.format(chance=shown, solved=settings[kind].get("solved")))
    return found


def measured() -> tuple[dict[tuple[str, ...], Any], dict[str, Any]]:
    """Figures by job, cell and seed, and the settings of the jobs."""
    if not RESULT.exists():
        return {}, {}
    content = json.loads(RESULT.read_text(encoding="utf-8"))["result"]
    return {tuple(name.split()): figures for name, figures in content["jobs"].items()}, content["settings"]


def of_cell(jobs: dict[tuple[str, ...], Any], name: str, key: str) -> dict[str, Any]:
    """A cell's figures on a job, means over its seeds; {} where it was not measured, with `error` where it failed."""
    found = [figures for (job, cell, _), figures in jobs.items() if (job, cell) == (name, key)]
    if not found:
        return {}
    if failed := next((each for each in found if "error" in each), None):
        return failed
    numbers = [number for number, value in found[0].items() if isinstance(value, int | float)]
    means = {number: fmean(each[number] for each in found) for number in numbers}
    return {**means, **{size: int(means[size]) for size in _SIZES}}


def score(found: dict[str, Any]) -> str:
    """A score in three digits, the small ones of errors in four."""
    if not found or "error" in found:
        return "failed" if found else NAN
    return f"{found['score']:.4f}" if found["score"] < _SMALL else f"{found['score']:.3f}"


def cost(found: dict[str, Any]) -> str:
    """Milliseconds of a training step, of an answer, and kB."""
    if not found or "error" in found:
        return NAN
    return f"{found['milliseconds_a_step']:.3g} / {found['milliseconds']:.2g} / {found['bytes'] / 1e3:.0f}"


def ordered(settings: dict[str, Any], found: dict[str, Any]) -> float | None:
    """A number that is smaller for a better score; None where there is none. What failed is worse than all."""
    if not found or "error" in found:
        return math.inf if found else None
    value = found["score"] if settings["less"] else -found["score"]
    return max(value, settings["solved"]) if "solved" in settings else value


def mean_ranks(order: dict[str, dict[str, float | None]]) -> dict[str, float | None]:
    """A cell's rank, 1 for the best, averaged over the jobs; None where it lacks one. Equals share the middle of their
    ranks."""
    places: dict[str, list[float]] = {key: [] for values in order.values() for key in values}
    for given in order.values():
        values = {key: value for key, value in given.items() if value is not None}
        for key, value in values.items():
            better, equal = (sum(of(other, value) for other in values.values()) for of in (operator.lt, operator.eq))
            places[key].append(better + (equal + 1) / 2)
    return {key: fmean(each) if len(each) == len(order) else None for key, each in places.items()}


def bold(values: dict[str, float | None]) -> set[str]:
    """The best cells of a job, where there are more; with those that share the last place."""
    some = sorted(value for value in values.values() if value is not None and math.isfinite(value))
    return {
        key for key, value in values.items() if len(some) > _BOLD and value is not None and value <= some[_BOLD - 1]
    }


def chance(jobs: dict[tuple[str, ...], Any], name: str) -> float | None:
    """The score on a job of one who has learnt nothing; None where that is not known."""
    return next((each["chance"] for (job, _, _), each in jobs.items() if job == name and "chance" in each), None)


def line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def draw(path: Path = PICTURE) -> Path | None:
    """A panel for each job: the error against the time of an answer on one thread; None where nothing was measured."""
    from _leaderboard_jobs import JOBS
    from matplotlib.ticker import LogLocator, NullLocator

    from rnnkit.plots.canvas import TINY, legend_below, new_figure, save, style
    from rnnkit.plots.tradeoff import Tradeoff, draw_tradeoff, front, name_points

    jobs, _ = measured()
    panels = []
    for name in JOBS:
        found = {key: of_cell(jobs, name, key) for key in ZOO.keys()}
        points = [
            Tradeoff(key, each["milliseconds"], each["score"] if JOBS[name].less else max(1 - each["score"], _LEAST))
            for key, each in found.items()
            if "score" in each
        ]
        panels += [(JOBS[name], points)] if points else []
    if not panels:
        return None
    figure = new_figure(_PANEL * len(panels))
    places = figure.subplots(len(panels), 1, squeeze=False).ravel()
    meanings: dict[str, Any] = {}
    for axes, (job, points) in zip(places, panels, strict=True):
        figure_name = job.figure if job.less else f"1 - {job.figure}"
        style(axes, job.what, f"{figure_name}, after {job.seconds} s of training")
        meanings |= draw_tradeoff(axes, points, less=True)
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.set_xlabel("milliseconds of an answer")
    legend_below(figure, meanings)
    named = [(axes, points, front(points, less=True)) for axes, (_, points) in zip(places, panels, strict=True)]
    name_points(figure, named, TINY)
    return save(figure, path)
