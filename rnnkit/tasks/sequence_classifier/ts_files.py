"""Files of time series in the `.ts` form of the UEA and UCR archives."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rnnkit.codec.number_cells import is_missing, number_of
from rnnkit.data.textfile import check_file, find_encoding, text_lines
from rnnkit.errors import RnnkitError
from rnnkit.tasks.sequence_classifier.sequences import Label, Sequences, without_padding

_MOST_CHANNELS = 100_000
_EXPECTED = "header lines such as @problemName and @data, then a sequence a line"


def read_ts(path: Path, encoding: str | None = None, labelled: bool = True) -> Sequences:
    """The sequences of a `.ts` file: a line each, `:` between channels, `,` between steps, the label at the end.

    Args:
        path: The file, which may be .gz.
        encoding: Decode with this one instead of finding out.
        labelled: Whether the file has to have labels; without them it can be answered alone.

    Raises:
        RnnkitError: It is another file, has times or targets that are numbers, or a line cannot be read.
    """
    check_file(path, _EXPECTED, ".ts")
    found = find_encoding(path, encoding)
    header: dict[str, str] = {}
    lines = _told(path, found)
    for number, line in lines:
        if not line.startswith("@"):
            raise RnnkitError(f"{path.name} line {number} is {line[:40]!r}; expected {_EXPECTED}.")
        name, _, value = line[1:].partition(" ")
        if name.lower() == "data":
            break
        header[name.lower()] = value.strip()
    else:
        raise RnnkitError(f"{path.name} has no line @data; expected {_EXPECTED}.")
    labels = _labels(path, header, labelled)
    read = [_sequence(path, number, line, labels) for number, line in lines]
    if not read:
        raise RnnkitError(f"{path.name} has no line below @data; expected a sequence a line.")
    widths = {values.shape[1] for values, _ in read}
    if len(widths) > 1:
        raise RnnkitError(
            f"{path.name}: sequences have {min(widths)} to {max(widths)} channels; all should have as many."
        )
    said = header.get("dimensions", "1" if header.get("univariate", "").lower() == "true" else "")
    if said.isdecimal() and int(said) not in widths:
        raise RnnkitError(
            f"{path.name}: its header says {said} channels, and its lines have {min(widths)}. Correct it."
        )
    names = tuple(f"channel_{number}" for number in range(1, read[0][0].shape[1] + 1))
    given: list[Label] = [label for _, label in read]
    ids = [str(number) for number in range(1, len(read) + 1)]
    reading = {"encoding": found}
    return Sequences(
        path.name, names, [each for each, _ in read], given, ids, encoding=found, reading=reading, path=path
    )


def _told(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """The lines that are neither blank nor comments, with their numbers."""
    for number, line in enumerate(text_lines(path, encoding), 1):
        if (line := line.strip().removeprefix("\ufeff")) and not line.startswith("#"):
            yield number, line


def _labels(path: Path, header: dict[str, str], labelled: bool) -> list[str] | None:
    """The labels that the header names; None where it says that there are none."""
    if header.get("timestamps", "false").lower() == "true":
        raise RnnkitError(
            f"{path.name} says @timeStamps true, which is not read. Give a table with a row a step and its time: "
            "columns sequence, time, channels and label."
        )
    if header.get("targetlabel", "false").lower().startswith("true"):
        raise RnnkitError(f"{path.name} says @targetLabel true: its targets are numbers, and labels are learnt here.")
    said, *names = header.get("classlabel", "true").split() or ["true"]
    if said.lower() == "false":
        if labelled:
            raise RnnkitError(f"{path.name} says @classLabel false; expected a file with labels.")
        return None
    return names


def _sequence(path: Path, number: int, line: str, labels: list[str] | None) -> tuple[np.ndarray, str | None]:
    """The values and the label of a line."""
    where = f"{path.name} line {number}"
    parts = line.split(":")
    label = parts.pop().strip() if labels is not None else None
    if not parts or len(parts) > _MOST_CHANNELS:
        raise RnnkitError(f"{where} is {line[:40]!r}; expected channels and a label with colons between.")
    if labels and label not in labels and not is_missing(label or ""):
        raise RnnkitError(f"{where} has the label {label!r:.40}; the header names {', '.join(labels[:20])}.")
    channels = []
    for place, part in enumerate(parts, 1):
        if "(" in part:
            raise RnnkitError(f"{where}: channel {place} has times, {part.strip()[:30]!r}; expected numbers alone.")
        try:
            channels.append([number_of(cell) for cell in part.split(",")])
        except ValueError as error:
            raise RnnkitError(f"{where}: channel {place} holds {_culprit(part)!r:.40}, {error}.") from None
    if len({len(each) for each in channels}) > 1:
        shortest, longest = min(map(len, channels)), max(map(len, channels))
        raise RnnkitError(f"{where}: its channels have {shortest} to {longest} steps; expected as many in all.")
    values = without_padding(np.array(channels, np.float32).T)
    if not len(values):
        raise RnnkitError(f"{where} has no value at all. Remove it.")
    return values, None if label is None or is_missing(label) else label


def _culprit(part: str) -> str:
    """The first cell that is no number."""
    for cell in part.split(","):
        try:
            number_of(cell)
        except ValueError:
            return cell.strip()
    return part
