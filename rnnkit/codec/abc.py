"""Tunes in ABC notation, and splitting text of any origin into tunes."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rnnkit.codec.abc_faults import fault
from rnnkit.errors import RnnkitError

#: How the fields are called in messages and flags.
FIELDS = {"T": "title", "R": "rhythm", "M": "metre", "L": "length", "Q": "tempo", "K": "key"}
_FIELD = re.compile(r"([A-Za-z+]):(?![|:])\s*(.*)")
_FOR_ALL = "MLR"  # fields of a file's header that are the tunes'
_LONGEST = 100_000  # characters of a tune; more is no tune
_BLOCK = re.compile(r"%%\s*(begin|end)(?:text|ps|svg|js|lua|html)\b")  # lines between them are no music


@dataclass(frozen=True)
class Tune:
    """A tune: its header's fields and its music.

    Args:
        header: Field letter to what stands behind it; of fields that are there more than once, the first.
        body: The lines below `K:`, as they stand in the source.
        place: Where it was read, such as "jigs.abc line 12".

    Example:

    >>> tune = parse_tune("X:1\\nT:Short\\nM:3/4\\nK:G\\nG3|\\n")
    >>> tune.header["M"], tune.body
    ('3/4', 'G3|')
    """

    header: Mapping[str, str]
    body: str
    place: str = ""

    @property
    def abc(self) -> str:
        """The tune as ABC software expects it: with number, title and unit note length, the key last."""
        fields = {"X": "1", "T": "untitled", "L": unit_length(self.header.get("M", "")), **self.header}
        return "".join(f"{letter}:{fields[letter]}\n" for letter in "XTRPMLQK" if letter in fields) + self.body + "\n"


@dataclass
class Skipped:
    """The tunes left out while reading: how many for each reason, and where the first was, with what is meant."""

    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, reason: str, place: str) -> None:
        """Count one more skipped tune."""
        self.counts[reason] = self.counts.get(reason, 0) + 1
        self.first.setdefault(reason, place)

    def lines(self) -> list[str]:
        """A line for each reason.

        Example:

        >>> skipped = Skipped()
        >>> skipped.add("no K: field", "mine.abc line 3")
        >>> skipped.lines()
        ['1 tune left out: no K: field (mine.abc line 3)']
        """
        return [
            f"{count:,} tune{'s' * (count != 1)} left out: {reason} ({'first: ' * (count != 1)}{self.first[reason]})"
            for reason, count in self.counts.items()
        ]


def split_tunes(lines: Iterable[str], name: str, skipped: Skipped) -> Iterator[Tune]:
    """Cut lines into tunes: each begins with `X:` and ends with a blank line or the next `X:`.

    What stands between tunes is passed over, but for a file's header: fields and directives above its first blank line
    hold for all tunes (metre, length, rhythm where they have none of their own). A tune that cannot be used is counted
    in `skipped`: one without `K:` or music, with music before `K:`, with control characters, longer than 100,000
    characters, or with what one voice in letters and accidentals cannot keep (`rnnkit.codec.abc_faults`): several
    voices, a key that is not understood.

    Args:
        lines: Of a file; line ends of any kind.
        name: Of the file.
        skipped: Gets what is left out.

    Example:

    >>> skipped = Skipped()
    >>> [tune.body for tune in split_tunes(["X:1", "K:G", "GAB|", "", "X:2", "T:half"], "mine.abc", skipped)]
    ['GAB|']
    >>> skipped.counts
    {'no K: field': 1}
    """
    part: _Part | None = None
    above: list[str] | None = []  # the lines of the file's header; None where there is none, or it has ended
    for_all: list[str] = []
    for number, line in enumerate(lines, 1):
        line = line.strip("\ufeff\r\n")
        if above is not None:
            if not line.strip() and above:
                for_all = above
            ends = not line.strip() or line.startswith("X:") or not (_FIELD.match(line) or line.startswith("%"))
            above = None if ends else [*above, line]
        if line.startswith("X:"):
            yield from part.tune(skipped) if part else ()
            part = _Part(f"{name} line {number}", for_all)
        elif part and part.body and not line.strip() and not part.in_block:
            yield from part.tune(skipped)
            part = None
        if part:
            part.add(line)
    yield from part.tune(skipped) if part else ()


def parse_tune(text: str, place: str = "the text") -> Tune:
    """One tune, whose `X:` may be missing.

    Args:
        text: Header and music.
        place: What messages call it.

    Raises:
        RnnkitError: It is no tune; says why.
    """
    if not isinstance(text, str):
        raise RnnkitError(f"{place} is {text!r:.60}; expected a tune in ABC notation.")
    skipped = Skipped()
    tunes = list(split_tunes(with_number(text).splitlines(), place, skipped))
    if not tunes:
        reason = next(iter(skipped.counts), "it is blank")
        meant = skipped.first.get(reason, "").partition(" with ")[2]
        raise RnnkitError(f"{place} is no tune in ABC notation: {reason}{meant and f' ({meant})'}.")
    return tunes[0]


def unit_length(metre: str) -> str:
    """The length of a note without a number, where a tune does not say it: 1/16 for metres below 3/4, else 1/8.

    Example:

    >>> unit_length("2/4"), unit_length("6/8"), unit_length("C")
    ('1/16', '1/8', '1/8')
    """
    match = re.fullmatch(r"(\d{1,4})\s*/\s*(\d{1,4})", metre.strip())
    return "1/16" if match and 0 < 4 * int(match[1]) < 3 * int(match[2]) else "1/8"


def with_number(text: str) -> str:
    """The text of a tune beginning with its `X:`."""
    text = text.lstrip("\ufeff \t\r\n")
    return text if re.search(r"^X:", text, re.MULTILINE) else f"X:1\n{text}"


class _Part:
    """The lines of a tune that is being read."""

    def __init__(self, place: str, for_all: Sequence[str] = ()):
        self.place = place
        self.header: dict[str, str] = {}
        self.body: list[str] = []
        self.voices: list[str] = []
        self.directives = [line for line in for_all if line.startswith(("%", "I:"))]
        self.for_all = [line for line in for_all if line[0] in _FOR_ALL]
        self.in_block = False
        self.early = False
        self.size = 0

    def add(self, line: str) -> None:
        self.size += len(line)
        if self.size > _LONGEST:
            return
        block = _BLOCK.match(line)
        if block or self.in_block:
            self.in_block = block[1] == "begin" if block else True
        elif "K" in self.header:
            if line.strip():
                self.body.append(line)
        elif match := _FIELD.match(line):
            self._field(match[1], re.sub(r"(?<!\\)%.*", "", match[2]).strip(), line)
        elif line.startswith("%"):
            self.directives.append(line)
        elif line.strip():
            self.early = True

    def _field(self, letter: str, value: str, line: str) -> None:
        if letter == "V":
            self.voices.append(value)
        elif letter == "I":
            self.directives.append(line)
        if value or letter == "K":
            self.header.setdefault(letter, value)

    def tune(self, skipped: Skipped) -> Iterator[Tune]:
        for line in self.for_all if "K" in self.header else ():
            self._field(line[0], re.sub(r"(?<!\\)%.*", "", line[2:]).strip(), line)
        body = "\n".join(self.body)
        reason, meant = self._fault(body)
        if reason:
            skipped.add(reason, self.place + (f" with {' '.join(meant.split()):.60}" if meant else ""))
        else:
            yield Tune(self.header, body, self.place)

    def _fault(self, body: str) -> tuple[str, str]:
        if self.size > _LONGEST:
            return f"more than {_LONGEST:,} characters", ""
        if "K" not in self.header:
            return "no K: field", ""
        if self.early:
            return "music before its K: field", ""
        return fault(self.header, body, self.voices, self.directives)
