"""Draw docs/images/cells: the wiring of each cell, from the equations in its docstring.

What is known runs down as a line: the input, the old states, and each quantity from the equation that makes it to the
last that reads it. A dot is where it is read. A test compares who reads whom with the derivatives of `step`.

    python benchmarks/cell_pictures.py            write
    python benchmarks/cell_pictures.py --check    exit 1 if a picture is not up to date
"""

import os
import re
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from rnnkit import cells
from rnnkit.cells._description import docstring_parts
from rnnkit.cells._zoo import ZOO

FOLDER = Path(__file__).parents[1] / "docs" / "images" / "cells"
#: Cells whose equations have a loop within the step, which lines do not show.
WITHOUT = ("clockwork", "mogrifier_lstm", "rhn")
#: What equations call a state by another name.
CALLED = {
    "lru": {"real": "h", "imaginary": "h"},
    "s4d": {"real": "s", "imaginary": "s"},
    "s5": {"real": "s", "imaginary": "s"},
    "tau_gru": {"ring": "h'"},
}
GAP, ROW, LINE, TOP, FONT = 25, 38, 16, 38, 15
#: Of an equation, how many are on a line, if it can be broken there; and how wide one of them is at most, on average.
CHARACTERS, WIDTH = 25, 8.8
GATE, CANDIDATE, STATE, OTHER = "#c2410c", "#1d4ed8", "#15803d", "#404040"
_SQUASHED = {"sigmoid": GATE, "hard_sigmoid": GATE, "cumax": GATE, "tanh": CANDIDATE, "relu": CANDIDATE}
_NAME = r"[A-Za-z]\w*[~^]?"


@dataclass
class Row:
    """One equation: what it makes, as it is written, and what it reads."""

    name: str
    equation: str
    reads: list[str]


@dataclass
class Wiring:
    """A cell's equations: what a step begins with, and what it makes of that, in order."""

    begins: list[str]
    rows: list[Row]
    states: list[str]

    @property
    def names(self) -> list[str]:
        return [*self.begins, *(row.name for row in self.rows)]

    def ancestors(self, name: str) -> set[str]:
        """What of the beginnings a quantity hangs on."""
        if name in self.begins:
            return {name}
        row = next(row for row in self.rows if row.name == name)
        return set().union(*map(self.ancestors, row.reads))


def wiring(key: str) -> Wiring:
    """The equations of a cell, those of its default arguments, without what is made of weights alone."""
    text = docstring_parts(cells.get_cell(key))["Equations"]
    states = list(dict.fromkeys(filter(None, spelled(key).values())))
    old = [f"{state}'" for state in states if re.search(rf"(?<!\w){state}'(?!')", text)]
    made, rows = ["x", *old], list[Row]()
    for line in sorted(text.splitlines(), key=lambda line: " = x where " not in line):  # what the others call the input
        found = re.fullmatch(rf"\(?((?:log )?{_NAME}(?:, {_NAME})*)\)? = (.*?)(?:(?:\s{{2,}}| where ).*)?", line)
        if not found:
            continue
        left, right = found.groups()
        reads = [name for name in made if _is_read(name, right)]
        for written in left.split(", "):
            name = written.removeprefix("log ")
            if reads and name not in [row.name for row in rows]:
                rows.append(Row(name, f"{written} = {right}", reads))
        made += [row.name for row in rows if row.name not in made]
    used = {name for row in rows for name in row.reads}
    return Wiring([name for name in ("x", *old) if name in used], rows, states)


def spelled(key: str) -> dict[str, str]:
    """Each state of a cell as its equations write it; "" where they do without."""
    cell, called = cells.get_cell(key), CALLED.get(key, {})
    text = docstring_parts(cell)["Equations"]
    written = {}
    for state in cell.state_names:
        names = (called.get(state, state), state.upper())
        written[state] = next((name for name in names if re.search(rf"(?<!\w){name}(?!\w)", text)), "")
    return written


def _is_read(name: str, right: str) -> bool:
    behind = r"(?![\w'~^])" if name != "x" else r"(?![A-Za-z'~^])"  # x_(t-d) are inputs, too
    numbered = r"\d?" if name.isalpha() else ""  # a1 is the first block of a
    return bool(re.search(rf"(?<![\w']){re.escape(name)}{numbered}{behind}", right))


def picture(key: str) -> str:
    """The wiring as SVG."""
    drawn = wiring(key)
    gap = GAP + 8 * max(0, max(map(len, drawn.names)) - 2)
    at = {name: 20 + gap * place for place, name in enumerate(drawn.names)}
    written = {row.name: _broken(row) for row in drawn.rows}
    level, bottom = dict[str, float](), TOP + 3.0
    for name, lines in written.items():
        height = max(ROW, LINE * len(lines) + 6)
        level[name], bottom = bottom + height / 2, bottom + height
    bottom += 11
    colours = {name: _colour(name, drawn) for name in drawn.names}
    reader = {name: level[row.name] for row in drawn.rows for name in row.reads}
    parts = []
    for name in drawn.names:
        old = name in drawn.begins
        first, last = (TOP - 8, reader[name]) if old else (level[name], reader.get(name, level[name]))
        if not old and name in drawn.states:
            last = bottom
            parts.append(_line(f"M{at[name] - 5} {bottom - 6:g}l5 7l5 -7", colours[name], 2))
            parts.append(_text(at[name], bottom + 18, name, colours[name]))
        if old:
            parts.append(_text(at[name], TOP - 14, name, colours[name]))
        parts.append(_line(f"M{at[name]} {first:g}V{last:g}", colours[name], 2.5))
    longest = max(len(line) + 2 * bool(place) for lines in written.values() for place, line in enumerate(lines))
    for row in drawn.rows:
        y, x = level[row.name], at[row.name]
        parts.append(_line(f"M{min(at[name] for name in row.reads)} {y:g}H{x}", "#8c8c8c", 1.3))
        parts += [f'<circle cx="{at[name]}" cy="{y:g}" r="4.5" fill="{colours[name]}"/>' for name in row.reads]
        half = 12 + 4 * max(0, len(row.name) - 2)
        box = f'x="{x - half}" y="{y - 12:g}" width="{2 * half}" height="24" rx="6"'
        parts.append(f'<rect {box} fill="#fff" stroke="{colours[row.name]}" stroke-width="2"/>')
        parts.append(_text(x, y + 5, row.name, colours[row.name]))
        for place, line in enumerate(written[row.name]):
            down = 5 + LINE * (place - (len(written[row.name]) - 1) / 2)
            margin = 20 + gap * len(drawn.names) + 14 * bool(place)
            parts.append(f'<text x="{margin}" y="{y + down:g}" fill="#1f1f1f">{escape(line)}</text>')
    width, height = round(26 + gap * len(drawn.names) + WIDTH * longest), round(bottom + 28)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
    head += f'font-family="Helvetica, Arial, sans-serif" font-size="{FONT}">\n<title>Wiring of the cell {key}</title>'
    return "\n".join([head, f'<rect width="{width}" height="{height}" fill="#fff"/>', *parts, "</svg>"]) + "\n"


def _colour(name: str, drawn: Wiring) -> str:
    if name.rstrip("'") in drawn.states:
        return STATE
    if name == "x":
        return OTHER
    equation = next(row.equation for row in drawn.rows if row.name == name)
    found = re.search(rf"({'|'.join(_SQUASHED)})\(", equation)
    return _SQUASHED[found[1]] if found else OTHER


def _line(path: str, colour: str, width: float) -> str:
    return f'<path d="{path}" stroke="{colour}" stroke-width="{width}" fill="none"/>'


def _text(x: float, y: float, text: str, colour: str) -> str:
    shown = escape(text.replace("'", "\u2032"), quote=False)
    return f'<text x="{x}" y="{y:g}" text-anchor="middle" font-weight="bold" fill="{colour}">{shown}</text>'


def _broken(row: Row) -> list[str]:
    """The equation, in lines of so many characters that they fit beside the wires."""
    text = row.equation.replace("hard_sigmoid", "hard \u03c3").replace("sigmoid", "\u03c3")
    for plain, sign in ((" * ", " \u00b7 "), (" - ", " \u2212 "), ("'", "\u2032")):
        text = text.replace(plain, sign)
    lines = []
    while len(text) > CHARACTERS:
        places = [found.start() for found in re.finditer(r" [+\u2212\u00b7] ", text) if found.start() > 0]
        fitting = [place for place in places if 8 < place <= CHARACTERS] or places[:1]
        if not fitting:
            break
        # Within as few brackets as there are, rather between terms than between factors, and as late as possible.
        cut = min(fitting, key=lambda place: (_depth(text[:place]), text[place + 1] == "\u00b7", -place))
        lines, text = [*lines, text[:cut]], text[cut + 1 :]
    return [*lines, text]


def _depth(text: str) -> int:
    """How many brackets are open at its end."""
    return text.count("(") - text.count(")")


def main() -> None:
    keys = [key for key in ZOO.keys() if key not in WITHOUT]
    if "--check" in sys.argv:
        old = [key for key in keys if not _is_new(key)]
        old += sorted({path.stem for path in FOLDER.glob("*.svg")} - set(keys))
        if old:
            raise SystemExit(f"Not up to date: {', '.join(old)}. Run python benchmarks/cell_pictures.py.")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.svg"):
        path.unlink()
    for key in keys:
        (FOLDER / f"{key}.svg").write_text(picture(key), encoding="utf-8")


def _is_new(key: str) -> bool:
    path = FOLDER / f"{key}.svg"
    return path.exists() and path.read_text(encoding="utf-8") == picture(key)


if __name__ == "__main__":
    main()
