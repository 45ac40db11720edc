"""Writing out the repeats of a tune in ABC notation, as it is played."""

import re
from dataclasses import dataclass, field, replace

from rnnkit.codec.abc import Tune
from rnnkit.codec.abc_tokens import abc_tokens

_MOST_BARS = 5000
_MOST_STEPS = 40 * _MOST_BARS  # bars played or skipped: endings within endings


@dataclass
class _Bar:
    pieces: list[str] = field(default_factory=list)
    filled: bool = False  # whether it contains more than blanks
    starts: bool = False  # whether a repeat starts here
    ends: bool = False  # whether a repeat ends after it
    turns: frozenset[int] = frozenset()  # the turns in which this bar of an ending is played; empty: all
    closes: bool = False  # whether an ending cannot continue after it

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def add(self, text: str) -> None:
        self.pieces.append(text)
        self.filled = self.filled or bool(text.strip())


def without_repeats(tune: Tune) -> Tune:
    """The tune with its repeats written out: what `:|` ends is played again, endings in their turn.

    A repeat without a start goes back to the end of the previous one, or to the beginning of the tune; one without an
    end is played once.

    Example:

    >>> from rnnkit.codec.abc import parse_tune
    >>> without_repeats(parse_tune("K:C\\n|:AB|1 CD:|2 EF||G4|]")).body
    'AB| CD|AB| EF|G4|'
    """
    bars = _bars(tune.body)
    played: list[str] = []
    start = place = 0
    turn = 1
    last_turns = _last_turns(bars)
    steps = 0
    while place < len(bars) and len(played) < _MOST_BARS and steps < _MOST_STEPS:
        bar = bars[place]
        steps += 1
        if bar.starts and place != start:
            start, turn = place, 1
        if bar.turns and turn not in bar.turns:
            place += 1
            continue
        played.append(bar.text)
        if bar.ends and turn < last_turns[place]:
            place, turn = start, turn + 1
            continue
        place += 1
        if bar.ends or (bar.turns and place < len(bars) and not bars[place].turns):
            start, turn = place, 1
    return replace(tune, body="|".join(played) + "|")


def _last_turns(bars: list[_Bar]) -> list[int]:
    """How often the section that ends at each bar is played: twice, or as often as its endings require."""
    last, found = 2, []
    for bar in reversed(bars):
        last = max(last, *bar.turns) if bar.turns else 2
        found.append(last)
    return found[::-1]


def _bars(body: str) -> list[_Bar]:
    bars = [_Bar()]
    for kind, text in abc_tokens(body):
        if kind not in ("bar", "ending"):
            bars[-1].add(text)
            continue
        line, number = re.fullmatch(r"(\D*)([\d,.-]*)", text).groups()  # type: ignore[union-attr]
        if kind == "bar" and bars[-1].filled:
            bars[-1].ends = line.startswith(":")
            bars[-1].closes = bars[-1].ends or line in ("||", "|]", "[|")
            bars.append(_Bar())
        elif kind == "bar" and line.startswith(":") and len(bars) > 1:
            bars[-2].ends = bars[-2].closes = True
        elif kind == "ending" and bars[-1].filled:
            bars.append(_Bar())
        bars[-1].starts |= kind == "bar" and line.endswith(":") and line != ":"
        if number:
            bars[-1].turns = _turns(number)
    turns, closed = frozenset[int](), True
    for bar in bars:  # an ending continues to the next line that closes it
        turns = bar.turns or (frozenset() if closed or bar.starts else turns)
        bar.turns, closed = turns, bar.closes
    return [bar for bar in bars if bar.filled]


def _turns(number: str) -> frozenset[int]:
    """ "1", "1,3" and "1-3" as numbers."""
    turns: set[int] = set()
    for first, last in re.findall(r"(\d{1,2})(?:-(\d{1,2}))?", number):
        turns.update(range(int(first), int(last or first) + 1))
    return frozenset(turns)
