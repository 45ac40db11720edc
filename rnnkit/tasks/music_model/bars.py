"""Check that the bars of a tune in ABC notation fill its metre, from its text."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from rnnkit.codec.abc import Tune, unit_length
from rnnkit.codec.abc_tokens import LENGTH, Token, abc_tokens

_STRONG = re.compile(r"[:\[\]]|\|\|")  # bar lines at which a bar may be cut in two
_INNER = re.compile(rf"(?:[A-Ga-gz][,']*)({LENGTH})")
#: Tuplets `(p`: p notes in the time of this many; others take the time of three in compound metres, otherwise of two.
_TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
_MOST_BROKEN = 8  # consecutive > or < that count; the standard has three
_MOST_RESTS = 10_000  # bars; beyond it, multi-bar rests count as one
_FINEST = 2**64  # upper bound of the denominator of a bar's length


@dataclass
class Bar:
    """A bar: its actual and expected length in whole notes, and the bar lines around it."""

    length: Fraction
    metre: Fraction | None
    before: str = ""
    after: str = ""

    @property
    def full(self) -> bool:
        """Whether its length equals its metre."""
        return self.metre is None or self.length == self.metre


@dataclass
class BarReport:
    """The bars of a tune.

    `wrong` lists the numbers (from 1) of bars that neither fill the metre nor belong to one split by a pickup or a
    repeat; `unread` counts characters and metres that are not ABC.
    """

    bars: list[Bar] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    unread: int = 0

    @property
    def all_full(self) -> bool:
        """Whether there are bars and all of them are full."""
        return bool(self.bars) and not self.wrong and not self.unread


def check_bars(tune: Tune) -> BarReport:
    """Add up the notes of each bar and compare the sum with the metre.

    A bar may be short where it is part of a full one: a pickup at the beginning of the tune or after a repeat or double
    bar; the last bar before a repeat, a double bar or the end, if it completes the pickup of its own part, of the next
    part, or of the tune. A pickup within the tune also needs such a bar, one at its beginning does not. Without a metre
    (`M:none`) every bar is full.

    Args:
        tune: The tune, in one voice.

    Example:

    >>> from rnnkit.codec.abc import parse_tune
    >>> report = check_bars(parse_tune("M:3/4\\nL:1/4\\nK:G\\nD|G>A B/c/|d2:|"))
    >>> [str(bar.length) for bar in report.bars], report.all_full
    (['1/4', '3/4', '1/2'], True)
    >>> check_bars(parse_tune("M:3/4\\nL:1/4\\nK:G\\nGAB|G2|GAB|")).wrong
    [2]
    """
    reader = _Reader(tune.header.get("M", ""), tune.header.get("L", ""))
    for token in abc_tokens(tune.body):
        reader.read(token)
    reader.end_bar("")
    bars = reader.bars
    return BarReport(bars, _wrong(bars), reader.unread)


def metre_length(metre: str) -> Fraction | None:
    """The length of a bar in whole notes; None where the metre is free or not understood.

    Example:

    >>> print(metre_length("C|"), metre_length("6/8"), metre_length("(2+3)/8"), metre_length("none"))
    1 3/4 5/8 None
    """
    metre = re.sub(r"[\s()]", "", metre)
    if metre in ("C", "C|"):
        return Fraction(1)
    match = re.fullmatch(r"(\d{1,3}(?:\+\d{1,3})*)/(\d{1,3})", metre)
    if not match or not int(match[2]):
        return None
    return Fraction(sum(map(int, match[1].split("+"))), int(match[2])) or None


def note_length(text: str) -> Fraction:
    """The length suffix of a note, as a number.

    Example:

    >>> [str(note_length(text)) for text in ("", "2", "/", "//", "3/2", "/4")]
    ['1', '2', '1/2', '1/4', '3/2', '1/4']
    """
    above, slash, below = text.partition("/")
    value = Fraction(int(above) if above else 1)
    if not slash:
        return value
    if below.strip("/"):
        return value / max(int(below.strip("/")), 1)
    return value / 2 ** (1 + len(below))


class _Reader:
    """Reads tokens and adds up lengths; `bars` are the completed ones."""

    def __init__(self, metre: str, unit: str):
        self.bars: list[Bar] = []
        self.unread = 0
        self.before = ""
        self.lengths: list[Fraction] = []  # of this bar's notes, in whole notes
        self.layers: list[Fraction] = []  # lengths of the voices under an overlay (&)
        self.tuplet = (Fraction(1), 0)  # factor, and the number of remaining notes
        self.broken = ""
        self.set_metre(metre)
        self.unit = Fraction(unit_length(metre))
        self.set_unit(unit)

    def read(self, token: Token) -> None:
        kind, text = token
        if kind in ("note", "rest", "chord"):
            self._note(kind, text)
        elif kind == "bar" or kind == "ending":
            self.end_bar(text)
        elif kind == "tuplet":
            self._start_tuplet(text)
        elif kind == "broken":
            self._break(text)
        elif kind == "bars_rest":
            self._rest_bars(text)
        elif kind == "overlay":
            self.layers.append(self._sum())
            self.lengths = []
        elif kind == "inline":
            self._set(text[1:-1])
        elif kind == "field":
            self._set(text)
        elif kind == "unknown":
            self.unread += 1

    def end_bar(self, line: str) -> None:
        """End a bar; an empty one only lends its line to its neighbours."""
        length = self._sum()
        if length or self.layers:
            lengths = {length, *self.layers}
            self.bars.append(Bar(length if len(lengths) == 1 else min(lengths), self.metre, self.before, line))
            self.before = line
        else:
            self.before += line
            if self.bars:
                self.bars[-1].after += line
        self.lengths, self.layers, self.broken, self.tuplet = [], [], "", (Fraction(1), 0)

    def set_metre(self, text: str) -> None:
        self.metre = metre_length(text)
        self.unread += self.metre is None and text.strip() not in ("", "none")
        self.compound = bool(re.match(r"\s*(?:6|9|12)\s*/", text))

    def set_unit(self, text: str) -> None:
        match = re.fullmatch(r"(\d{1,4})(?:\s*/\s*(\d{1,4}))?", text.strip())
        if match and int(match[1]) and int(match[2] or 1):
            self.unit = Fraction(int(match[1]), int(match[2] or 1))

    def _sum(self) -> Fraction:
        """The length of the notes since the bar line; implausibly fine fractions are not read."""
        total = Fraction()
        for length in self.lengths:
            longer = total + length
            if longer.denominator < _FINEST:
                total = longer
            else:
                self.unread += 1
        return total

    def _set(self, text: str) -> None:
        value = text[2:].partition("%")[0]
        if text.startswith("M:"):
            self.set_metre(value)
        elif text.startswith("L:"):
            self.set_unit(value)

    def _note(self, kind: str, text: str) -> None:
        if kind == "chord":
            inside, _, outside = text.rpartition("]")
            inner = _INNER.search(re.sub(r"\"[^\"]*\"|![^!]*!", "", inside))
            length = note_length(outside) * note_length(inner[1] if inner else "")
        else:
            length = note_length(re.sub(r"^[^\d/]+", "", text))
        factor, left = self.tuplet
        if left:
            length, self.tuplet = length * factor, (factor, left - 1)
        if self.broken:
            small = Fraction(1, 2 ** min(len(self.broken), _MOST_BROKEN))
            if self.broken[0] == ">":
                length *= small
            else:
                length *= 2 - small
            self.broken = ""
        self.lengths.append(length * self.unit)

    def _break(self, text: str) -> None:
        """`a>b`: half of b's length goes to a; with `>>` three quarters."""
        if self.lengths:
            small = Fraction(1, 2 ** min(len(text), _MOST_BROKEN))
            self.lengths[-1] *= 2 - small if text[0] == ">" else small
            self.broken = text

    def _start_tuplet(self, text: str) -> None:
        notes, into, covered = (*text[1:].split(":"), "", "")[:3]
        count = int(notes)
        time = int(into) if into else _TUPLETS.get(count, 3 if self.compound else 2)
        if count:
            self.tuplet = (Fraction(time, count), int(covered) if covered else count)

    def _rest_bars(self, text: str) -> None:
        metre = self.metre or Fraction(1)
        many = min(int(text[1:] or 1), 100) if len(self.bars) < _MOST_RESTS else 1
        for _ in range(many):
            if any(self.lengths):
                self.end_bar("")
            self.lengths = [metre]


def _wrong(bars: Sequence[Bar]) -> list[int]:
    """The numbers of bars that are neither full nor part of a full one."""
    pickups = [place for place, bar in enumerate(bars) if _short(bar) and (not place or _STRONG.search(bar.before))]
    at_pickup = set(pickups)
    fine = {place for place, bar in enumerate(bars) if bar.full} | ({0} & at_pickup)
    for place, bar in enumerate(bars):
        last = place == len(bars) - 1
        if place in fine and place or not _short(bar) or not (last or _STRONG.search(bar.after)):
            continue
        before = bisect_right(pickups, place)
        own = pickups[before - 1] if before else None
        partners = {own, place + 1 if place + 1 in at_pickup else None, 0 if 0 in at_pickup else None} - {None, place}
        whole = [other for other in partners if other is not None and bars[other].length + bar.length == bar.metre]
        fine.update(whole and [place, *whole])
    return [place + 1 for place in range(len(bars)) if place not in fine]


def _short(bar: Bar) -> bool:
    return bar.metre is not None and bar.length < bar.metre
