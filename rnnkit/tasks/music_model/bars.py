"""Check that the bars of a tune in ABC notation fill its metre, from its text."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from rnnkit.codec.abc import Tune
from rnnkit.codec.abc_tokens import abc_tokens
from rnnkit.tasks.music_model.lengths import LengthReader

_STRONG = re.compile(r"[:\[\]]|\|\|")  # bar lines at which a bar may be cut in two


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


class _Reader(LengthReader):
    """Reads tokens and adds up lengths; `bars` are the completed ones."""

    def __init__(self, metre: str, unit: str):
        super().__init__(metre, unit)
        self.bars: list[Bar] = []
        self.before = ""

    def end_bar(self, line: str) -> None:
        """End a bar; an empty one only lends its line to its neighbours."""
        if length := self.sum():
            self.bars.append(Bar(length, self.metre, self.before, line))
            self.before = line
        else:
            self.before += line
            if self.bars:
                self.bars[-1].after += line
        super().end_bar(line)


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
