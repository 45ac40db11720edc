"""Write docs/cells.md: every cell from its docstring, with its measurements.

python benchmarks/cells_page.py            write
python benchmarks/cells_page.py --check    exit 1 if the page is not up to date
"""

import json
import os
import statistics
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from _leaderboard_table import leaderboard_section

from rnnkit import cells
from rnnkit.cells._description import docstring_parts
from rnnkit.cells._zoo import ZOO

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "cells.md"
PICTURES = ROOT / "docs" / "images" / "cells"
NAN = "-"

INTRODUCTION = """# The cells

<!-- Written by benchmarks/cells_page.py from the cells' docstrings and benchmarks/results. Do not edit. -->

Every cell is one file in [`rnnkit/cells`](../rnnkit/cells), reads like its paper, and works everywhere: `--cell KEY`
in every pipeline, `rnnkit.cells.get("KEY")`, stacks, both directions, [four kinds of depth](depth.md), masks, `.keras`
files, TFLite as a whole sequence and one step at a time. A cell of your own: [own_cell.md](own_cell.md). Why plain
recurrence forgets: [learning_through_time.md](learning_through_time.md). `rnnkit cells` lists them, by family, and
`rnnkit cells KEY` describes one.

## At a glance
"""
LEGEND = """
- **step**: a training step at T = 100 and T = 1,000, as a share of the time of `keras.layers.LSTM` in the same process
  (batch 32, 64 features, 128 units, two cores; `benchmarks/cell_speed.py`).
- **adding**: mean squared error on the adding problem over 400 steps, median of the seeds in brackets; 0.167 is what a
  network without memory gets, below 0.01 is solved.
- **copy**: share of 5 symbols said right after 50 blank steps; 0.125 is chance.
- **digits**, **permuted**: share of scikit-learn's digits read right pixel by pixel, in rows and in a random order;
  0.1 is chance. All four: `benchmarks/long_memory.py`, 64 units, one seed but for adding, a fixed number of steps;
  learning rates and arguments are those at the top of that script: one layer, or two where `layers` says so; gates that
  hold start for memories of the task's length (`longest`); ind_rnn and linear cells that can only add up have a dense
  layer before them, the latter also one behind; ind_rnn and lru start for that length too.
- **kB**, **ms**: the digits' network as a TFLite file, dynamic-range quantised, and one answer of it on one thread.
- `-`: not measured.
"""
WIRING = """## How to read the pictures

`benchmarks/cell_pictures.py` draws them from the equations. What is known in a step runs down as a line, from where it
is made to the last equation that reads it: the input x, the old states (green, with a prime), gates (orange), squashed
candidates (blue), anything else (grey). A dot is where it is read, an arrow a new state. A test compares who reads whom
with the derivatives of the code. Cells with a loop within the step have no picture.
"""


def main() -> None:
    page = written()
    if "--check" in sys.argv:
        if PAGE.read_text(encoding="utf-8") != page:
            raise SystemExit("docs/cells.md is out of date; run python benchmarks/cells_page.py.")
        return
    PAGE.write_text(page, encoding="utf-8")


def written() -> str:
    """The whole page."""
    speed, memory = recorded("cell_speed"), recorded("long_memory")
    columns = ["cell", "states", "layers", "step, T = 100", "T = 1,000", "adding", "copy", "digits", "permuted"]
    columns += ["parameters", "kB", "ms"]
    table = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    sections = []
    for family, found in cells.by_family().items():
        if not (keys := [key for key in found if key in ZOO.keys()]):  # yours are not for this page
            continue
        table.append(f"| **[{family}](#the-family-{family})** |" + " |" * (len(columns) - 1))
        table += [row(key, speed.get(key, {}), memory) for key in keys]
        sections.append(f"## The family {family}\n\n{cells.FAMILIES[family]}\n")
        sections += [section(key) for key in keys]
    tables = "\n".join(table) + "\n" + LEGEND + "\n" + leaderboard_section()
    return INTRODUCTION + "\n" + tables + WIRING + "\n" + "\n".join(sections)


def recorded(name: str) -> dict[str, Any]:
    path = ROOT / "benchmarks" / "results" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))["result"] if path.exists() else {}


def row(key: str, speed: dict[str, Any], memory: dict[str, Any]) -> str:
    """A cell's line in the table."""
    steps = [f"{speed[length]['of']['keras_lstm']:.2f}" if length in speed else NAN for length in ("100", "1000")]
    jobs = {tuple(name.split()): figures for name, figures in memory.items()}
    scores = [median_score(jobs, task, key) for task in ("adding", "copy", "digits", "permuted_digits")]
    digits = jobs.get(("digits", key, "1"), {})
    lite = jobs.get(("export", key, "1"), {}).get("dynamic")
    sizes = [f"{lite['bytes'] / 1e3:.0f}", f"{lite['milliseconds']:.2f}"] if lite else [NAN, NAN]
    parameters = f"{digits['parameters']:,}" if digits else NAN
    states = " ".join(cells.get_cell(key).state_names)
    parts = [f"[{key}](#{key})", states, str(digits.get("layers", NAN)), *steps, *scores, parameters, *sizes]
    return "| " + " | ".join(parts) + " |"


def median_score(jobs: dict[tuple[str, ...], Any], task: str, key: str) -> str:
    found = [figures["score"] for (kind, cell, _), figures in jobs.items() if (kind, cell) == (task, key)]
    if not found:
        return NAN
    middle = statistics.median(found)
    number = f"{middle:.4f}" if task == "adding" else f"{middle:.3f}"
    return f"{number} ({len(found)})" if len(found) > 1 else number


def section(key: str) -> str:
    """A cell's part of the page: its docstring as Markdown."""
    cell = cells.get_cell(key)
    name = cell.__name__.removesuffix("Cell")
    parts = docstring_parts(cell)
    picture = PICTURES / f"{key}.svg"
    wiring = f"![How {key} is wired](images/cells/{key}.svg)" if picture.exists() else ""
    gates = f"Gates: {parts['Gates']}" if "Gates" in parts else ""
    blocks = [
        f"### {key}",
        parts[""],
        f"**Why:** {parts['Why']}",
        f"**Use it when:** {parts['Use it when']}",
        f"```text\n{parts['Equations']}\n```",
        wiring,
        gates,
        f"[`{name}`](../rnnkit/cells/{key}.py): {parts['Reference']}",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


if __name__ == "__main__":
    main()
