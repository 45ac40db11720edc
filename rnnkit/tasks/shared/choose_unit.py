"""Which unit suits a text: words, or characters where words say little."""

import re
from collections.abc import Iterable
from itertools import islice

from rnnkit.codec.normalise import canonical, shape
from rnnkit.codec.words import UNSPACED

#: The option that asks for a choice.
AUTO = "auto"
_WITHOUT_BLANKS = re.compile(f"[{UNSPACED}]")
_LETTERS = re.compile(r"[^\W\d_]")
_LOOKED_AT = 5_000  # texts
_SHARE_OF_LETTERS, _SHARE_OF_TEXTS = 0.3, 0.9


def choose_unit(texts: Iterable[str]) -> tuple[str, str]:
    """Choose the unit by the first 5,000 texts.

    Args:
        texts: The training part.

    Returns:
        "word" or "character", and the reason for characters; "" for words.

    Example:

    >>> choose_unit(["a fine day", "rain again"])
    ('word', '')
    >>> choose_unit(["ACGGT", "TTAGC"])
    ('character', 'texts of one word')
    >>> choose_unit(["今日は晴れ", "明日は雨です"])
    ('character', 'a script without blanks between words')
    """
    seen = single = letters = without = 0
    for text in islice(texts, _LOOKED_AT):
        text = canonical(text)
        seen += 1
        single += len(text.split()) == 1
        letters += len(_LETTERS.findall(shape(text)))
        without += len(_WITHOUT_BLANKS.findall(text))
    if without > _SHARE_OF_LETTERS * max(letters, 1):
        return "character", "a script without blanks between words"
    if single >= _SHARE_OF_TEXTS * max(seen, 1):
        return "character", "texts of one word"
    return "word", ""


def chosen_unit(texts: Iterable[str]) -> tuple[str, dict[str, str]]:
    """The same, with what the report of the data says of it: nothing of words.

    Example:

    >>> chosen_unit(["ACGGT", "TTAGC"])
    ('character', {'unit': 'character (chosen: texts of one word; --unit sets it)'})
    """
    unit, why = choose_unit(texts)
    return unit, {"unit": f"{unit} (chosen: {why}; --unit sets it)"} if why else {}
