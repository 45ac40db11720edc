"""What a finished Run says about itself, read from its small files alone: no model is loaded, nothing is executed."""

import csv
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.files.reading import HISTORY_BYTES, inside, read_text
from rnnkit.files.writing import UNFINISHED
from rnnkit.run import folder as runs
from rnnkit.run.figures import Figure, figures_of, key_figure
from rnnkit.run.folder import CONFIG, HISTORY, METRICS, TRAINED, is_run, read_config, read_json

_MOST_FILES = 10_000  # of a Run are counted


@dataclass(frozen=True)
class Summary:
    """A Run by its `config.json` and `metrics.json`, which may have been written by anyone.

    Attributes:
        folder: Where it is.
        task: The task's key.
        options: Its options by name.
        reading: How its training data were read (`columns`, `encoding`, ...); empty for Runs of earlier versions.
        results: The content of `metrics.json`; empty where there is none.
        date: The day on which its training ended, as YYYY-MM-DD; "" where unknown.
    """

    folder: Path
    task: str
    options: dict[str, Any]
    reading: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    date: str = ""

    @property
    def cell(self) -> str:
        """The cell's key, or "" for a task without one."""
        return str(self.options.get("cell", ""))

    @property
    def figures(self) -> list[Figure]:
        """The figures of the test part."""
        return figures_of(self.results.get("test"))

    @property
    def key_figure(self) -> Figure | None:
        """The figure of the test part that sums the Run up."""
        return key_figure(self.results.get("test"))

    def __str__(self) -> str:
        trained = f"trained {self.date}" if self.date else ""
        return ", ".join(filter(None, (self.task, trained, str(self.key_figure or ""))))


def summarise(folder: Path) -> Summary:
    """Read a Run's summary.

    Args:
        folder: A Run.

    Raises:
        RnnkitError: Its `config.json` or `metrics.json` is broken, or leads out of the folder.
    """
    config = read_config(folder)
    results = read_json(folder / METRICS, constant=float) if (folder / METRICS).is_file() else {}
    if not isinstance(results, dict):
        raise RnnkitError(f"{folder / METRICS} holds no figures. The Run is broken; train or copy it again.")
    reading = config.get("reading")
    return Summary(
        folder,
        str(config["task"]),
        config["options"],
        reading if isinstance(reading, dict) else {},
        results,
        _date(folder, results),
    )


def describe(folder: Path) -> str:
    """A finished Run in a few words: task, date and key figure; only "broken" where it cannot be read."""
    try:
        return str(summarise(folder))
    except RnnkitError:
        return "broken"


def history_of(folder: Path) -> list[dict[str, float]]:
    """The rows of a Run's `history.csv`, an epoch each; empty without a file.

    Raises:
        RnnkitError: It is no table of numbers, or leads out of the folder.
    """
    path = folder / HISTORY
    if not path.exists():
        return []
    if not inside(folder, path):
        raise RnnkitError(f"{path} is a link out of the Run's folder, which is not followed. Copy the file there.")
    lines = read_text(path, HISTORY_BYTES, advice="The Run is broken.").splitlines()
    try:
        names, *rows = (row for row in csv.reader(lines) if row)
        return [{name: float(value or "nan") for name, value in zip(names, row, strict=True)} for row in rows]
    except (ValueError, csv.Error) as error:
        raise RnnkitError(f"{path} is no table of figures ({str(error)[:100]}). The Run is broken.") from None


def runs_in(folder: Path) -> list[Path]:
    """The Runs directly in a folder, by name; none where it cannot be listed."""
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return []
    left_out = (".partial", ".old", UNFINISHED)
    return [path for path in found if (path / CONFIG).is_file() and not path.name.endswith(left_out) and is_run(path)]


def shipped_runs() -> list[Path]:
    """The Runs that came with rnnkit."""
    return runs_in(runs.SHIPPED) or [path for path in runs_in(runs.shipped_beside()) if is_shipped(path)]


def is_shipped(folder: Path) -> bool:
    """Whether a Run came with rnnkit: in the installed package, or in a source tree under a name of its own."""
    place, beside = Path(os.path.realpath(folder)), Path(os.path.realpath(runs.shipped_beside()))
    own = place.name.startswith("my_")  # what is trained in a source tree, where git ignores these
    in_source = place.parent == beside and not own and _tracked(beside.parent, place)
    return place.is_relative_to(os.path.realpath(runs.SHIPPED)) or in_source


def files_of(folder: Path) -> Iterator[tuple[str, int, int]]:
    """The entries of a Run: name (a folder's with "/"), number of files and bytes. Links count as nothing."""
    left = _MOST_FILES
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            yield path.name, 0, 0
        elif path.is_dir():
            sizes = []
            for root, _, names in os.walk(path):
                sizes += [os.lstat(os.path.join(root, name)).st_size for name in names[: max(left, 0)]]
                left -= len(names)
            yield f"{path.name}/", len(sizes), sum(sizes)
        else:
            yield path.name, 1, path.lstat().st_size


def size_of(folder: Path) -> int:
    """The bytes of a Run's files."""
    return sum(size for _, _, size in files_of(folder))


def _date(folder: Path, results: dict[str, Any]) -> str:
    """The recorded day; for Runs that record none, the day on which their figures were written here."""
    try:
        return datetime.fromisoformat(str(results[TRAINED])).date().isoformat()
    except (KeyError, ValueError):
        pass
    if is_shipped(folder) or not (folder / METRICS).is_file():
        return ""
    return time.strftime("%Y-%m-%d", time.localtime((folder / METRICS).stat().st_mtime))


def _tracked(root: Path, place: Path) -> bool:
    """Whether a source tree says that this Run goes into the wheel."""
    try:
        described = read_text(root / "pyproject.toml", 2**20)
    except RnnkitError:
        return False
    return f'"saved_models/{place.name}"' in described
