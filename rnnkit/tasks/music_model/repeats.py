"""Writing out the repeats and parts of a tune in ABC notation, as it is played."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rnnkit.codec.abc import Tune, unit_length
from rnnkit.codec.abc_keys import names_key
from rnnkit.codec.abc_tokens import abc_tokens

_MOST_BARS = 5000
_MOST_STEPS = 40 * _MOST_BARS  # bars played or skipped: endings within endings
_IN_FORCE = "MLKQ"  # fields that hold until the next one, also where a repeat goes back behind it


@dataclass
class _Bar:
    fields: dict[str, str]  # in force at its beginning
    part: str = ""
    pieces: list[str] = field(default_factory=list)
    filled: bool = False  # whether it contains more than blanks and fields
    starts: bool = False  # whether a repeat starts here
    ends: bool = False  # whether a repeat ends after it
    turns: frozenset[int] = frozenset()  # the turns in which this bar of an ending is played; empty: all
    closes: bool = False  # whether an ending cannot continue after it
    after: dict[str, str] = field(default_factory=dict)  # the fields in force at its end

    def add(self, kind: str, text: str) -> None:
        self.pieces.append(text)
        self.filled = self.filled or kind not in ("inline", "blank", "line_end", "comment", "continuation")


def without_repeats(tune: Tune) -> Tune:
    """The tune with its repeats written out: what `:|` ends is played again, endings in their turn.

    A repeat without a start goes back to the end of the previous one, or to the beginning of the tune; one without an
    end is played once. Where the header gives an order of parts, such as `P:A(BC)2`, they are played in it. What goes
    back behind a change of key, metre, length or tempo begins with those that were in force there.

    Example:

    >>> from rnnkit.codec.abc import parse_tune
    >>> without_repeats(parse_tune("K:C\\n|:AB|1 CD:|2 EF||G4|]")).body
    'AB| CD|AB| EF|G4|'
    >>> without_repeats(parse_tune("M:4/4\\nP:BA\\nK:C\\nP:A\\nAB|\\nP:B\\n|:[K:D]CD:|")).body.replace("\\n", "")
    '[K:D]CD|[K:C][K:D]CD|[K:C]AB|'
    """
    bars = _bars(tune)
    played: list[str] = []
    force = dict(bars[0].fields) if bars else {}
    for section in _in_order(bars, tune.header.get("P", "")):
        for bar in _played(section, _MOST_BARS - len(played)):
            back = "".join(
                f"[{letter}:{value}]" for letter, value in bar.fields.items() if value and force.get(letter) != value
            )
            played.append(back + "".join(bar.pieces))
            force = bar.after
    header = {letter: value for letter, value in tune.header.items() if letter != "P"}
    return replace(tune, header=header, body="|".join(played) + "|")


def repeats_are_clear(tune: Tune) -> bool:
    """Whether every repeat says where it begins and ends, so that all players play the same.

    It need not begin at the beginning of the tune or right after another one. Doubtful are a `:|` or an ending behind
    an ending or double bar without a new `|:`, and a `|:` within a repeat.

    Example:

    >>> from rnnkit.codec.abc import parse_tune
    >>> [repeats_are_clear(parse_tune(f"K:C\\n{body}")) for body in ("A:|B:|", "|:A|1B:|2C||D:|", "|:A|:B:|")]
    [True, False, False]
    """
    bars = _bars(tune)
    opened, where = False, True  # within a `|:`; whether a repeat may begin where the last one ended
    for place, bar in enumerate(bars):
        if bar.starts and opened and not bar.turns:
            return False
        before = bars[place - 1] if place else None
        if bar.starts:
            opened, where = True, True
        elif before and before.closes and not before.ends and not opened:
            where = False
        if (bar.ends or bar.turns) and not where:
            return False
        following = bars[place + 1] if place + 1 < len(bars) else None
        if bar.turns and bar.closes and not (following and following.turns):
            opened, where = False, bar.ends
        elif bar.ends and not (following and following.turns):
            opened, where = False, True
    return True


def part_order(order: str) -> str:
    """The letters of parts as they follow each other, from the `P:` of a header.

    Example:

    >>> part_order("A2(BC)2 D"), part_order("A.B"), part_order("((AB)2C)2")
    ('AABCBCD', 'AB', 'ABABCABABC')
    """
    groups = [""]
    last = ""  # what a number repeats
    for sign in re.findall(r"[A-Za-z()]|\d{1,3}", order[:1000]):
        if sign == "(":
            groups.append("")
            last = ""
            continue
        if sign.isdigit():
            last *= max(int(sign) - 1, 0)
        elif sign == ")":
            last = groups.pop() if len(groups) > 1 else ""
        else:
            last = sign
        groups[-1] = (groups[-1] + last)[:_MOST_BARS]
    return "".join(groups)


def _in_order(bars: list[_Bar], order: str) -> list[list[_Bar]]:
    """The bars by parts as they are played; in one piece where no order of parts that are there is given."""
    parts: dict[str, list[_Bar]] = {}
    for bar in bars:
        parts.setdefault(bar.part, []).append(bar)
    letters = [letter for letter in part_order(order) if letter in parts]
    return [parts[letter] for letter in (*([""] if "" in parts else []), *letters)] if letters else [bars]


def _played(bars: Sequence[_Bar], most: int) -> list[_Bar]:
    """The bars of a section with its repeats, at most so many."""
    played: list[_Bar] = []
    start = place = 0
    turn = 1
    last_turns = _last_turns(bars)
    steps = 0
    while place < len(bars) and len(played) < most and steps < _MOST_STEPS:
        bar = bars[place]
        steps += 1
        if bar.starts and place != start:
            start, turn = place, 1
        if bar.turns and turn not in bar.turns:
            place += 1
            continue
        played.append(bar)
        if bar.ends and turn < last_turns[place]:
            place, turn = start, turn + 1
            continue
        place += 1
        if bar.ends or (bar.turns and place < len(bars) and not bars[place].turns):
            start, turn = place, 1
    return played


def _last_turns(bars: Sequence[_Bar]) -> list[int]:
    """How often the section that ends at each bar is played: twice, or as often as its endings require."""
    last, found = 2, []
    for bar in reversed(bars):
        last = max(last, *bar.turns) if bar.turns else 2
        found.append(last)
    return found[::-1]


def _bars(tune: Tune) -> list[_Bar]:
    metre = tune.header.get("M", "")
    force = {"M": metre, "L": unit_length(metre), "K": "none", "Q": ""}
    force |= {letter: tune.header[letter] for letter in _IN_FORCE if tune.header.get(letter)}
    bars = [_Bar(dict(force))]

    def begin() -> None:
        bars[-1].after = dict(force)
        bars.append(_Bar(dict(force), bars[-1].part))

    for kind, text in abc_tokens(tune.body):
        if kind in ("field", "inline"):
            letter, value = (text[0], text[2:]) if kind == "field" else (text[1], text[3:-1])
            value = value.partition("%")[0].strip()
            if letter in _IN_FORCE and not text.startswith("%") and (letter != "K" or names_key(value)):
                force[letter] = value
                bars[-1].add("inline", f"[{letter}:{value}]")
            elif letter == "P":
                if bars[-1].filled:
                    begin()
                bars[-1].part = value[:1]
        elif kind not in ("bar", "ending"):
            bars[-1].add(kind, text)
        else:
            _end(bars, kind, text, begin)
    bars[-1].after = dict(force)
    turns, closed = frozenset[int](), True
    for bar in bars:  # an ending continues to the next line that closes it
        turns = bar.turns or (frozenset() if closed or bar.starts else turns)
        bar.turns, closed = turns, bar.closes
    return [bar for bar in bars if bar.filled]


def _end(bars: list[_Bar], kind: str, text: str, begin: Callable[[], None]) -> None:
    """End a bar, or begin an ending."""
    line, number = re.fullmatch(r"(\D*)([\d,.-]*)", text).groups()  # type: ignore[union-attr]
    if kind == "bar" and bars[-1].filled:
        bars[-1].ends = line.startswith(":")
        bars[-1].closes = bars[-1].ends or line in ("||", "|]", "[|")
        begin()
    elif kind == "bar" and line.startswith(":") and len(bars) > 1:
        bars[-2].ends = bars[-2].closes = True
    elif kind == "ending" and bars[-1].filled:
        begin()
    bars[-1].starts |= kind == "bar" and line.endswith(":") and line != ":"
    if number:
        bars[-1].turns = _turns(number)


def _turns(number: str) -> frozenset[int]:
    """ "1", "1,3" and "1-3" as numbers."""
    turns: set[int] = set()
    for first, last in re.findall(r"(\d{1,2})(?:-(\d{1,2}))?", number):
        turns.update(range(int(first), int(last or first) + 1))
    return frozenset(turns)
