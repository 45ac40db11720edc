"""Captions as Flickr8k and Flickr30k have them: NAME.jpg#0, a tab and the caption.

Reference: Hodosh, Young and Hockenmaier, "Framing Image Description as a Ranking Task", JAIR 47 (2013).
"""

import re
from collections.abc import Sequence
from pathlib import Path

from rnnkit.data.textfile import find_encoding, text_lines
from rnnkit.errors import RnnkitError

# Flickr8k names one picture NAME.jpg.1, which is not there.
_PICTURE = re.compile(r"(\S.*\.(?:jpe?g|png|gif|webp|bmp)(?:\.\d)?)(#\d{1,4})?", re.IGNORECASE)


def flickr_lines(path: Path, encoding: str | None = None) -> list[tuple[str, str]] | None:
    """The pictures' names and captions of a file of such lines; None for any other file.

    Args:
        path: The file.
        encoding: Its encoding, where it cannot be detected.

    Raises:
        RnnkitError: A later line is none of these.
    """
    if not {".txt", ".token"} & {suffix.lower() for suffix in path.suffixes[-2:]}:
        return None
    found: list[tuple[str, str]] = []
    for number, line in enumerate(text_lines(path, find_encoding(path, encoding)), 1):
        if not line.strip():
            continue
        name, tab, caption = line.partition("\t")
        match = _PICTURE.fullmatch(name.strip())
        if tab and match and match[2]:
            found.append((match[1], caption.strip()))
        elif not found:
            return None
        else:
            raise RnnkitError(
                f"{path.name} line {number} is {line.strip()!r:.60}; expected NAME.jpg#0, a tab and a caption."
            )
    return found


def numbers_of_pictures(header: Sequence[str]) -> dict[str, str | None]:
    """The columns by number where the first line begins with a picture's name, and so names no columns.

    Example:

    >>> numbers_of_pictures(["a.jpg", "A dog."]), numbers_of_pictures(["image", "caption"])
    ({'image': '1', 'caption': '2'}, {})
    """
    begins = len(header) == 2 and _PICTURE.fullmatch(header[0].strip())
    return {"image": "1", "caption": "2"} if begins else {}


def without_number(name: str) -> str:
    """A picture's name without the number of its caption.

    Example:

    >>> without_number("a.jpg#0"), without_number("C#1")
    ('a.jpg', 'C#1')
    """
    match = _PICTURE.fullmatch(name)
    return match[1] if match else name
