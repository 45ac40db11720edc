"""Write `src/python/unicode_tables.js`: which code points Python's Unicode has no character for.

Run it with the lowest Python that rnnkit supports (3.11, Unicode 14.0): `python web/tools/unicode_tables.py`. A browser's
Unicode is newer, and what both have has the same properties (web/test/unicode.test.js compares them all), so this list is
all that is needed.
"""

import unicodedata
from pathlib import Path

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def in_base_36(number: int) -> str:
    """A number in the digits that JavaScript's `parseInt(text, 36)` reads."""
    text = DIGITS[number % 36]
    while number := number // 36:
        text = DIGITS[number % 36] + text
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


def main() -> None:
    """Write the table."""
    turns = unassigned()
    steps = [in_base_36(turn - before) for turn, before in zip(turns, [0, *turns], strict=False)]
    lines, line = [], ""
    for step in steps:
        if len(line) + len(step) > 110:
            lines.append(line)
            line = ""
        line += step + " "
    lines.append(line)
    text = "\n".join(f'  "{each}" +' for each in lines).removesuffix(" +")
    path = Path(__file__).parents[1] / "src" / "python" / "unicode_tables.js"
    path.write_text(
        "// Written by tools/unicode_tables.py; do not edit.\n\n"
        f'/** The version of Unicode that Python 3.11 has. */\nexport const VERSION = "{unicodedata.unidata_version}";\n\n'
        "/** Steps, in base 36, from one turn between assigned and unassigned code points to the next. */\n"
        f"export const UNASSIGNED =\n{text};\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
