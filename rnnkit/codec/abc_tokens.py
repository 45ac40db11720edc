"""The music of an ABC tune cut into tokens: notes, bar lines, tuplets and the rest; no character is lost."""

import re
from collections.abc import Iterator
from typing import NamedTuple

#: A length behind a note: `2`, `/`, `//`, `/4`, `3/2`.
LENGTH = r"\d{0,4}(?:/\d{1,4}|/{1,8})?"
_PITCH = r"(?:\^\^?|__?|=)?[A-Ga-g][,']*"
_KINDS = {
    "field": r"^(?:[A-Za-z+]:(?![|:])|%%)[^\n]*",
    "comment": r"(?<!\\)%[^\n]*",
    "text": r'"[^"\n]*"',
    "decoration": r"![^!\n|]{1,20}!|\+[^+\n|]{1,20}\+|[~.H-Wh-w]",
    "inline": r"\[[A-Za-z]:(?:[^\[\]\n]|\[(?![A-Za-z]:))*\]",  # up to the next that opens, so that many stay linear
    "ending": r"\[\d(?:[,-]?\d)*",
    "bar": r"(?:\[\|\]?|:*\|[|:\]]*|::+)(?:\d(?:[,-]?\d)*)?",
    "grace": r"\{[^{}\n]*\}",
    "chord": rf"\[(?:\"[^\"\n]*\"|![^!\n]+!|(?:{_PITCH}|z){LENGTH}|[-~.()H-Wh-w ])+\]{LENGTH}",
    "note": _PITCH + LENGTH,
    "rest": r"[zx]" + LENGTH,
    "bars_rest": r"[ZX]\d{0,3}",
    "spacer": r"y" + LENGTH,
    "tuplet": r"\(\d{1,2}(?::\d{0,2}){0,2}",
    "broken": r">+|<+",
    "tie": r"-",
    "slur": r"[()]",
    "overlay": r"&",
    "blank": r"[ \t`]+",
    "continuation": r"\\[ \t]*$",
    "line_end": r"\n",
    "layout": r"[*!$;]",
    "unknown": r".",
}
_TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()), re.MULTILINE)


class Token(NamedTuple):
    """A piece of ABC text."""

    kind: str
    text: str


def abc_tokens(body: str) -> Iterator[Token]:
    """Cut the music of a tune into tokens; what ABC does not know has the kind "unknown".

    Args:
        body: What stands below a tune's `K:`.

    Returns:
        The tokens; their texts joined give `body` again.

    Reference: The abc music standard 2.1, 2011 (abcnotation.com/wiki/abc:standard:v2.1).

    Example:

    >>> [(kind, text) for kind, text in abc_tokens('"G"B>c|')]
    [('text', '"G"'), ('note', 'B'), ('broken', '>'), ('note', 'c'), ('bar', '|')]
    """
    for match in _TOKEN.finditer(body):
        yield Token(str(match.lastgroup), match[0])
