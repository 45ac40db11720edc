"""How long the notes of a tune in ABC notation are, from its tokens."""

import re
from fractions import Fraction

from rnnkit.codec.abc import unit_length
from rnnkit.codec.abc_tokens import LENGTH, Token

_INNER = re.compile(rf"(?:[A-Ga-gz][,']*)({LENGTH})")
#: Tuplets `(p`: p notes in the time of this many; others take the time of three in compound metres, otherwise of two.
_TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
_MOST_BROKEN = 8  # consecutive > or < that count; the standard has three
_MOST_RESTS = 10_000  # bars; beyond it, multi-bar rests count as one
_FINEST = 2**64  # upper bound of the denominator of a bar's length


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


class LengthReader:
    """Reads tokens; `lengths` are those of the notes and rests since the last bar line, in whole notes.

    Args:
        metre: What stands behind `M:` in the header.
        unit: What stands behind `L:`.
    """

    def __init__(self, metre: str, unit: str):
        self.unread = 0  # characters and metres that are not ABC
        self.ended = 0  # bars
        self.lengths: list[Fraction] = []
        self.tuplet = (Fraction(1), 0)  # factor, and the number of remaining notes
        self.broken = ""
        self.set_metre(metre)
        self.unit = Fraction(unit_length(metre))
        self.set_unit(unit)

    def read(self, token: Token) -> None:
        """Read the next token."""
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
        elif kind == "inline":
            self._set(text[1:-1])
        elif kind == "field":
            self._set(text)
        elif kind in ("overlay", "unknown"):
            self.unread += 1

    def end_bar(self, line: str) -> None:
        """End a bar, by this bar line."""
        self.ended += bool(self.lengths)
        self.lengths, self.broken, self.tuplet = [], "", (Fraction(1), 0)

    def set_metre(self, text: str) -> None:
        """Read the value of `M:`."""
        self.metre = metre_length(text)
        self.unread += self.metre is None and text.strip() not in ("", "none")
        self.compound = bool(re.match(r"\s*(?:6|9|12)\s*/", text))

    def set_unit(self, text: str) -> None:
        """Read the value of `L:`."""
        match = re.fullmatch(r"(\d{1,4})(?:\s*/\s*(\d{1,4}))?", text.strip())
        if match and int(match[1]) and int(match[2] or 1):
            self.unit = Fraction(int(match[1]), int(match[2] or 1))

    def sum(self) -> Fraction:
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
        many = min(int(text[1:] or 1), 100) if self.ended < _MOST_RESTS else 1
        for _ in range(many):
            if any(self.lengths):
                self.end_bar("")
            self.lengths = [metre]
