"""Which columns of a table hold what: the sequence, the time, the label, the group, and the channels."""

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


def joined_columns(header: Sequence[str], given: Given, name: str) -> list[str]:
    """The columns that together name a sequence, where several are named; empty otherwise.

    Args:
        header: The table's column names.
        given: As for `find_columns`.
        name: What messages call the table.

    Raises:
        RnnkitError: One of several named ones is not there.

    Example:

    >>> joined_columns(["person", "trial", "x"], {"sequence": "person,trial"}, "a.csv")
    ['person', 'trial']
    """
    text = (given or {}).get(SEQUENCE) or ""
    if "," not in text and isinstance(given, Remembered):
        text = text or given.remembered.get(SEQUENCE, "")
    parts = [part.strip() for part in text.split(",") if part.strip()]
    by_name = {column.strip().lower(): column for column in reversed(header)}
    if len(parts) < 2 or text.strip().lower() in by_name:
        return []
    if lacking := [part for part in parts if part.lower() not in by_name]:
        if (given or {}).get(SEQUENCE) is None:
            return []
        raise RnnkitError(
            f"{name} has no column {lacking[0]!r:.60}.{did_you_mean(lacking[0], header)} It has: {shown(header)}. "
            "--sequence names one column, or several with commas between."
        )
    return [by_name[part.lower()] for part in parts]


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
