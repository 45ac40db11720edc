"""Drawable characters, and replacements for others."""

import unicodedata
from functools import lru_cache

from matplotlib import font_manager

# Drawn with, when installed, after matplotlib's own DejaVu Sans, which has no Chinese, Japanese, Korean or Thai.
MORE_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans",
    "Malgun Gothic",
    "WenQuanYi Micro Hei",
    "Noto Sans Thai",
    "Noto Sans Devanagari",
)


@lru_cache
def families() -> list[str]:
    """The fonts to draw with, first choice first."""
    return ["DejaVu Sans", *(name for name in MORE_FAMILIES if name in font_manager.get_font_names())]


@lru_cache
def characters() -> frozenset[int]:
    """The code points that our fonts can draw."""
    files = [font_manager.findfont(name) for name in families()]
    return frozenset().union(*(font_manager.get_font(file).get_charmap() for file in files))


def drawable(text: str, limit: int) -> str:
    """The text with undrawable characters spelled out, shortened in the middle to `limit`.

    Example:

    >>> drawable("very good 👍", 40), drawable("好", 40)
    ('very good ‹thumbs up sign›', 'U+597D')
    >>> drawable("quarterly report of the north", 16)
    'quarterl…e north'
    """
    text = unicodedata.normalize("NFC", text if len(text) <= 2 * limit else text[:limit] + text[-limit:])
    pieces = [piece for piece in map(_drawable_character, text) if piece] or ["(blank)"]
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    while len(pieces) > 1 and sum(map(len, pieces)) >= limit:
        del pieces[len(pieces) // 2]
    return "".join([*pieces[: (len(pieces) + 1) // 2], "…", *pieces[(len(pieces) + 1) // 2 :]])


def _drawable_character(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in ("Cf", "Mn") and not unicodedata.combining(character):
        return ""  # joiners, direction marks and variation selectors draw nothing by themselves
    if kind in ("Cc", "Zl", "Zp"):
        return " "
    if ord(character) in characters():
        return character
    name = unicodedata.name(character, "").lower()
    return f"‹{name}›" if kind in ("So", "Sc") and 0 < len(name) <= 24 else f"U+{ord(character):04X}"
