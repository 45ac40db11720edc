"""Write `src/python/unicode_tables.js`: which code points Python's Unicode has no character for.

Run it with the lowest Python that rnnkit supports (3.11, Unicode 14.0): `python web/tools/unicode_tables.py`. A browser
has a newer Unicode. What both have has the same properties but for a handful, which `src/python/unicode.js` names, so
this list is all that is needed; web/test/texts.test.js asks for every character.
"""

import unicodedata
from pathlib import Path

PATH = Path(__file__).parents[1] / "src" / "python" / "unicode_tables.js"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def in_base_36(number: int) -> str:
    """A number in the digits that JavaScript's `parseInt(text, 36)` reads."""
    text = _DIGITS[number % 36]
    while number := number // 36:
        text = _DIGITS[number % 36] + text
    return text


def unassigned() -> list[int]:
    """Where a stretch of unassigned code points begins, and where it ends, in turn."""
    turns, before = [], False
    for code in range(0x110000):
        here = unicodedata.category(chr(code)) == "Cn"
        if here != before:
            turns.append(code)
        before = here
    return turns


def text() -> str:
    """The content of the file."""
    turns = unassigned()
    lines, line = [], ""
    for turn, before in zip(turns, [0, *turns], strict=False):
        step = in_base_36(turn - before)
        if len(line) + len(step) > 110:
            lines.append(line)
            line = ""
        line += step + " "
    lines.append(line)
    table = "\n".join(f'  "{each}" +' for each in lines).removesuffix(" +")
    return (
        "// Written by tools/unicode_tables.py; do not edit.\n\n"
        "/** The version of Unicode that Python 3.11 has. */\n"
        f'export const VERSION = "{unicodedata.unidata_version}";\n\n'
        "/** Steps, in base 36, from one turn between assigned and unassigned code points to the next. */\n"
        f"export const UNASSIGNED =\n{table};\n"
    )


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
