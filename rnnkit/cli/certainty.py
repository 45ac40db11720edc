"""`rnnkit evaluate` on how far a classifier's probabilities can be trusted."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit import tasks as task_zoo
from rnnkit.cli.answer_columns import six_digits
from rnnkit.cli.overwriting import may_replace_file
from rnnkit.cli.screen import note, say, table
from rnnkit.errors import RnnkitError
from rnnkit.files.disk import check_writable, disk_errors, refuse_input
from rnnkit.metrics.confidence import Judged, calibration, judge, most_precise, selected, threshold_for

_THRESHOLDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
_PICTURES = ("coverage.png", "reliability.png")
_WRITTEN = (".csv", ".tsv", ".jsonl", ".ndjson")


@dataclass(kw_only=True)
class Certainty:
    """What the command line wants to know of probabilities.

    Args:
        errors: The file for the rows that were answered wrongly.
        plots: The folder for the pictures.
        precision: The precision to find a threshold for.
        overwrite: Whether files may be replaced.
    """

    errors: Path | None = None
    plots: Path | None = None
    precision: float | None = None
    overwrite: bool = False

    def flags(self) -> list[str]:
        """Those that are given."""
        given = {"--errors": self.errors, "--plots": self.plots, "--threshold-for": self.precision}
        return [flag for flag, value in given.items() if value is not None]

    def check(self, kind: Any, file: Path) -> None:
        """Refuse, before any work, what cannot be had.

        Args:
            kind: The task's class.
            file: The labelled rows.

        Raises:
            RnnkitError: The flag is named.
        """
        for flag in self.flags() if not hasattr(kind, "scored_texts") else []:
            able = [key for key in task_zoo.names() if hasattr(task_zoo.get(key), "scored_texts")]
            raise RnnkitError(f"{flag} is not for {kind.key} but for {' and '.join(able)}; leave it out.")
        if self.precision is not None and not 0 < self.precision <= 1:
            raise RnnkitError(f"--threshold-for is {self.precision:g}; expected a precision, 0 to 1, such as 0.95.")
        if self.errors is not None:
            if self.errors.suffix.lower() not in _WRITTEN:
                raise RnnkitError(
                    f"--errors is {str(self.errors)!r:.60}; expected a name that ends in {', '.join(_WRITTEN)}."
                )
            refuse_input(self.errors, file, "Give --errors another file.")
            may_replace_file(self.errors, self.overwrite, "--errors")
            check_writable(self.errors, "Give --errors another file.")
        if self.plots is not None:
            for name in _PICTURES:
                may_replace_file(self.plots / name, self.overwrite, "--plots")
                check_writable(self.plots / name, "Give --plots another folder.")


def figures_of(judged: Judged, wanted: Certainty) -> dict[str, Any]:
    """What is known of the probabilities, for `--json`."""
    rows = len(judged.correct)
    steps: list[dict[str, Any]] = []
    for threshold in _THRESHOLDS:
        here = selected(judged, threshold)
        if here.rows and (not steps or here.rows < rows):
            steps.append({name: six_digits(value) for name, value in here._asdict().items() if name != "rows"})
            steps[-1]["rows"] = here.rows
    found: dict[str, Any] = {
        "expected_calibration_error": round(calibration(judged).error, 5),
        "precision_at_coverage": steps,
    }
    if wanted.precision is not None:
        chosen = threshold_for(judged, wanted.precision)
        found["threshold_for"] = {"asked": wanted.precision, **(chosen._asdict() if chosen else {"threshold": None})}
        if chosen is None:
            found["threshold_for"]["best"] = most_precise(judged)._asdict()
    return found


def show(figures: dict[str, Any], noun: str) -> None:
    """Print precision and coverage at some thresholds, and at the one asked for.

    Args:
        figures: As `figures_of` gives them.
        noun: What was answered, in the plural.
    """
    say("precision and coverage at thresholds of the probability (predict --threshold)", "bold")
    steps = figures["precision_at_coverage"]
    rows = [
        [f"{step['threshold']:g}", f"{step['precision']:.1%}", f"{step['coverage']:.1%}", f"{step['rows']:,}"]
        for step in steps
    ]
    table(rows, "threshold", "precision", "coverage", noun, numbers=True)
    if (chosen := figures.get("threshold_for")) and "best" not in chosen:
        say(
            f"threshold {chosen['threshold']}: precision {chosen['precision']:.1%}, coverage "
            f"{chosen['coverage']:.1%} ({chosen['rows']:,} of {steps[0]['rows']:,} {noun})"
        )


def refuse_unreached(figures: dict[str, Any]) -> None:
    """End with a line where no threshold reaches the precision asked for.

    Raises:
        RnnkitError: It says the best precision that one reaches, and its coverage.
    """
    chosen = figures.get("threshold_for", {})
    if best := chosen.get("best"):
        rows = figures["precision_at_coverage"][0]["rows"]
        precision = math.floor(best["precision"] * 10_000) / 10_000  # a little more would not be reached
        raise RnnkitError(
            f"No threshold reaches a precision of {chosen['asked']:g} on these {rows:,} rows. The best is "
            f"{precision:g}, at a coverage of {best['coverage']:.1%} ({best['rows']:,} of {rows:,} rows; "
            f"threshold {best['threshold']}). Ask for no more than that."
        )


def judged_rows(task: Any, rows: Any, wanted: Certainty, tflite: bool) -> dict[str, Any]:
    """The task's metrics on labelled rows, with the further figures; files and pictures are written."""
    from rnnkit.tasks.base.scoring import score

    encoded = task.encode_rows(rows)
    probabilities = task.lite_outputs(encoded) if tflite else task.probabilities(task.outputs(encoded))
    figures = score(task, encoded, probabilities)
    truth, known = encoded.truth, encoded.known
    if known is not None:  # such as the labels of steps, some of which have none
        truth, probabilities = truth[known], probabilities[known]
    judged = judge(probabilities, truth)
    figures |= figures_of(judged, wanted)
    if wanted.plots is not None:
        from rnnkit import plots
        from rnnkit.metrics.confidence import Selected
        from rnnkit.plots.naming import pictures_of_the_user

        chosen = {name: value for name, value in figures.get("threshold_for", {}).items() if name != "asked"}
        chosen = chosen.get("best", chosen)
        with disk_errors(wanted.plots, "Give --plots another folder."), pictures_of_the_user():
            plots.precision_coverage(judged, wanted.plots / _PICTURES[0], Selected(**chosen) if chosen else None)
            plots.reliability(judged, wanted.plots / _PICTURES[1])
        note(f"drawn {wanted.plots / _PICTURES[0]} and {_PICTURES[1]}")
    if wanted.errors is not None:
        with disk_errors(wanted.errors, "Give --errors another file."):
            _write_errors(task, rows, truth, probabilities, judged, wanted.errors)
        note(f"written {wanted.errors}: {int((~judged.correct).sum()):,} rows answered wrongly, the surest first")
    return figures


class _Wrong:
    """Rows that were answered wrongly, as a source of rows."""

    def __init__(self, rows: list[Any], name: str) -> None:
        self.rows, self.name, self.header = rows, name, ["text", "label"]

    def __iter__(self) -> Any:
        return iter(self.rows)


def _write_errors(
    task: Any, rows: Any, truth: np.ndarray, probabilities: np.ndarray, judged: Judged, path: Path
) -> None:
    from rnnkit.data.row_writers import DelimitedWriter, JsonWriter
    from rnnkit.data.whole_rows import WholeRow
    from rnnkit.files.writing import write_bytes

    texts = {place: text for place, text in enumerate(task.scored_texts(rows)) if not judged.correct[place]}
    order = sorted(texts, key=lambda place: -judged.confidence[place])
    labels, answers = task.labels, probabilities.argmax(axis=-1)
    wrong = [WholeRow(f"row {place + 1}", [texts[place], labels[truth[place]]]) for place in order]
    source: Any = _Wrong(wrong, path.name)
    new = [
        {"answer": labels[answers[place]], "probability": six_digits(float(judged.confidence[place]))}
        for place in order
    ]
    is_json = path.suffix.lower() in _WRITTEN[2:]
    writer = JsonWriter(source) if is_json else DelimitedWriter(source, ["answer", "probability"], path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, writer.head() + writer.rows(zip(wrong, new, strict=True)))
