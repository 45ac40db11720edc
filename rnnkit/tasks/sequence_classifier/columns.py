"""Which columns of a table hold what: the sequence, the time, the label, the group, and the channels."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnkit.codec.number_cells import is_missing, number_of
from rnnkit.data.columns import match_columns, shown
from rnnkit.data.remembered import Remembered, remembered_in
from rnnkit.errors import RnnkitError, did_you_mean

ROLES = ("sequence", "time", "channels", "label", "group")
SEQUENCE, TIME, CHANNELS, LABEL, GROUP = ROLES
Given = Mapping[str, str | None] | None

#: How the columns of each role are often called, in small letters without signs, best first.
_USUAL = {
    SEQUENCE: (
        "sequence sequenceid seq seqid seriesid series recording recordingid trial trialid clip clipid sampleid "
        "window windowid segment segmentid case caseid sequencenumber id"
    ).split(),
    TIME: "time timestamp t step steps frame frameid timestep seconds ms datetime date".split(),
    LABEL: "label labels class target category gesture activity action".split(),
    GROUP: "group subject subjectid person personid participant participantid user userid actor volunteer".split(),
}
_NUMBERED = re.compile(r"(.*?)[\s_.:/-]*\[?(\d{1,6})\]?", re.DOTALL)
_FEWEST = 4  # steps in a row of a wide table


@dataclass(frozen=True)
class Columns:
    """The columns by role; "" where a table has none.

    Attributes:
        sequence: Tells sequences apart.
        time: Orders the steps of a sequence.
        label: The label.
        group: What stays together when data are divided, such as a person.
        values: Those with numbers: the channels, or in a wide table each channel at each step.
    """

    sequence: str
    time: str
    label: str
    group: str
    values: tuple[str, ...]

    @property
    def by_role(self) -> dict[str, str]:
        """As a Run remembers them."""
        found = {SEQUENCE: self.sequence, TIME: self.time, LABEL: self.label, GROUP: self.group}
        return {role: column for role, column in found.items() if column}


def find_columns(header: Sequence[str], given: Given, name: str, channels: Sequence[str] = ()) -> Columns:
    """Find the columns: those that are named, else those of usual names; all others are values.

    Args:
        header: The table's column names.
        given: Those named by role; for the channels several with commas between. Those of a Run's training data
            (`Remembered`) are defaults.
        name: What messages call the table.
        channels: The channels that a trained network reads; other columns are then left aside.

    Raises:
        RnnkitError: A named column is not there, or named twice.

    Example:

    >>> find_columns(["id", "t", "x", "y", "gesture"], None, "a.csv")
    Columns(sequence='id', time='t', label='gesture', group='', values=('x', 'y'))
    """
    named = {role: column for role, column in (given or {}).items() if column is not None}
    for role in named:
        if role not in ROLES:
            raise RnnkitError(f"Unknown column role {role!r}; expected one of: {', '.join(ROLES)}.")
    if repeated := next((column for column in header if column.strip() and header.count(column) > 1), ""):
        raise RnnkitError(f"{name} has {header.count(repeated)} columns named {repeated!r:.60}; rename all but one.")
    usual = {role: column for role, column in remembered_in(given, header).items() if role != CHANNELS}
    wanted = {**usual, **{role: column for role, column in named.items() if role != CHANNELS}}
    found = match_columns(header, list(wanted), wanted, name) if wanted else {}
    listed = _listed(header, given, name) or [each for each in channels if each in header]
    for role in (TIME, LABEL, GROUP, SEQUENCE):
        if role not in found:
            taken = {*found.values(), *listed}
            found[role] = next((each for each in _by_usual_name(header, role) if each not in taken), "")
    for role in (role for role in found if found[role] in listed):
        raise RnnkitError(f"{name}: the column {found[role]!r:.60} cannot be both --{role} and one of --channels.")
    others = [column for column in header if column not in found.values() and column.strip()]
    return Columns(found[SEQUENCE], found[TIME], found[LABEL], found[GROUP], tuple(listed or others))


def is_usual(column: str) -> bool:
    """Whether a column's name is usual for a role.

    Example:

    >>> is_usual("Recording ID"), is_usual("acc_x")
    (True, False)
    """
    return any(_plain(column) in names for names in _USUAL.values())


def _plain(column: str) -> str:
    return "".join(filter(str.isalnum, column.lower()))


def _by_usual_name(header: Sequence[str], role: str) -> list[str]:
    """The columns whose names are usual for a role, best first."""
    plain = {column: _plain(column) for column in header}
    return [column for usual in _USUAL[role] for column in header if plain[column] == usual]


def _listed(header: Sequence[str], given: Given, name: str) -> list[str]:
    """The named channels; those of a Run's training data where the table has them all."""
    said = (given or {}).get(CHANNELS)
    known = given.remembered.get(CHANNELS) if isinstance(given, Remembered) else None
    if said is None and known is None:
        return []
    text = said if said is not None else known or ""
    by_name = {column.strip().lower(): column for column in reversed(header)}
    parts = [text] if text in header else [part.strip() for part in text.split(",") if part.strip()]
    lacking = [part for part in parts if part.lower() not in by_name]
    if said is not None and (lacking or not parts):
        wrong = lacking[0] if lacking else text
        raise RnnkitError(
            f"{name} has no column {wrong!r:.60}.{did_you_mean(wrong, header)} It has: {shown(header)}. --channels "
            "names columns of numbers, with commas between."
        )
    return [] if lacking else list(dict.fromkeys(by_name[part.lower()] for part in parts))


def steps_of_columns(values: Sequence[str]) -> dict[str, list[str]]:
    """Of the value columns of a wide table, those of each channel in the order of their steps; none where they are no
    such columns.

    A column's name is a step's number, or a channel's name and the number: "x_0", "x_1".

    Args:
        values: The columns.

    Example:

    >>> steps_of_columns(["x_1", "x_2", "x_3", "x_0", "y_0", "y_1", "y_2", "y_3"])
    {'x': ['x_0', 'x_1', 'x_2', 'x_3'], 'y': ['y_0', 'y_1', 'y_2', 'y_3']}
    >>> steps_of_columns(["acc_x", "acc_y"]), steps_of_columns(["0", "1", "2", "3"])
    ({}, {'value': ['0', '1', '2', '3']})
    """
    found: dict[str, dict[int, str]] = {}
    for column in values:
        match = _NUMBERED.fullmatch(column.strip())
        if match is None or int(match[2]) in found.setdefault(match[1] or "value", {}):
            return {}
        found[match[1] or "value"][int(match[2])] = column
    numbers = [sorted(steps) for steps in found.values()]
    regular = all(each == list(range(each[0], each[0] + len(each))) for each in numbers)
    if not numbers or not regular or any(each != numbers[0] for each in numbers) or len(numbers[0]) < _FEWEST:
        return {}
    return {channel: [steps[number] for number in numbers[0]] for channel, steps in found.items()}


def is_a_row(header: Sequence[str]) -> bool:
    """Whether a first line holds numbers like the rows below it rather than names.

    Numbers that count from 0 or 1 are names, as pandas writes them.

    Example:

    >>> is_a_row(["1", "0.52", "-0.33"]), is_a_row(["label", "0", "1", "2"]), is_a_row(["x", "y", "7"])
    (True, False, False)
    """
    numbers: list[float] = []
    for column in header:
        try:
            numbers.append(number_of(column))
        except ValueError:
            continue
    known = [number for number in numbers if number == number]
    if 2 * len(known) <= len(header) or not known:
        return False
    counts = known == [known[0] + more for more in range(len(known))] and known[0] in (0, 1)
    return len(known) == 1 or not counts


def label_without_header(rows: Sequence[Sequence[Any]]) -> int | None:
    """The place of the label in a table without a header: the only column of texts, else the first or the last, where
    it holds few different whole numbers; None where there is none of these.

    Args:
        rows: Some of its rows.

    Example:

    >>> label_without_header([["1", "0.5", "0.7"], ["2", "0.1", "0.2"], ["1", "0.6", "0.3"], ["2", "0.2", "0.9"]])
    0
    """
    columns = list(zip(*rows, strict=False))
    texts = [place for place, column in enumerate(columns) if not all(map(_is_number, column))]
    if texts:
        return texts[0] if len(texts) == 1 else None
    for place in (0, -1):
        cells = [float(each) for each in columns[place] if not is_missing(each)]
        if cells and all(number.is_integer() for number in cells) and 2 * len(set(cells)) <= len(cells):
            return place % len(columns)
    return None


def _is_number(cell: Any) -> bool:
    try:
        number_of(str(cell))
    except ValueError:
        return False
    return True
