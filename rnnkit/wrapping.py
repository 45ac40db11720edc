"""Lines on the screen: in a terminal wrapped between words, in a file or pipe as they are."""

import re
from typing import TYPE_CHECKING, Any

from rnnkit.streams import visible

if TYPE_CHECKING:
    from rich.console import Console

_WORD = re.compile(r"\S+\s*")


def console_of(stderr: bool = False, **options: Any) -> "Console":
    """A console on the current standard output or error, without markup, since text may hold `[` and `:`."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, **options)


def print_wrapped(console: "Console", text: Any, style: str = "", indent: int = 0) -> None:
    """Print a line. A terminal's is wrapped between words alone, so that a path stays whole and can be copied.

    Args:
        console: Where to.
        text: A string, or rich text.
        style: Its style, such as "bold".
        indent: Blanks before each line after the first.

    Example:

    >>> from rich.console import Console
    >>> print_wrapped(Console(width=16, force_terminal=True, color_system=None), "saved saved_models/my_run here")
    saved
    saved_models/my_run
    here
    """
    from rich.text import Text

    text = text if isinstance(text, Text) else Text(visible(text))
    text.stylize(style)
    lines = [text]
    if console.is_terminal and text.cell_len > console.width:
        lines = list(text.divide(_ends(text.plain, console.width - indent)))
    for number, line in enumerate(lines):
        line.rstrip()
        console.print(Text(" " * indent) + line if number and indent else line, soft_wrap=True)


def _ends(text: str, width: int) -> list[int]:
    """Where lines of whole words end."""
    from rich.cells import cell_len

    ends, begin = [], 0
    for found in _WORD.finditer(text):
        if found.start() > begin and cell_len(text[begin : found.end()].rstrip()) > width:
            begin = found.start()
            ends.append(begin)
    return ends
