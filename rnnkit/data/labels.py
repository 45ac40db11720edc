"""Label cells to label names: `1`, `1.0` and `"1"` are one label, `TRUE` and `true` are one label."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from rnnkit.codec.normalise import canonical_name

#: Labels that are learnt at most: a confusion matrix has as many rows and columns, tags chosen together as many pairs.
MOST_LABELS, MOST_TYPES = 10_000, 1_000
# Small letters: Cyrillic, then Greek.
_SHAPES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u043a\u043c\u0442\u0432\u043d", "aeopcyxijskmtbh"
)
_SHAPES |= str.maketrans("\u03b1\u03bf\u03c1\u03bd\u03b9\u03ba\u03c4\u03c5\u03c7", "aopviktux")
_NINES = str.maketrans("0123456789", "9876543210")
_INTEGRAL = re.compile(r"([+-]?)(0|[1-9][0-9]*)(\.0*)?")


def normalise_label(label: str) -> str:
    """A label in one spelling: without blank space at its ends, every other run of it one space, so that it fits a
    line of `labels.txt`; what looks the same is the same (`rnnkit.codec.normalise`).

    Example:

    >>> normalise_label("  very \\n good 🙂 ")
    'very good 🙂'
    """
    return canonical_name(label)


def breaks_line(label: str) -> bool:
    """Whether a label does not fit a line of `labels.txt`: a line feed or another character that ends a line is in it.

    Example:

    >>> breaks_line("B-PER"), breaks_line("B-PER\\u2028X")
    (False, True)
    """
    return label.splitlines() != [label]


def too_many(count: int, most: int, noun: str) -> str:
    """The error for more labels or entity types than can be learnt; "" if there is none.

    Example:

    >>> too_many(3, 2, "label"), too_many(2, 2, "label")
    ('3 different labels; up to 2 are learnt. Is the right column read, or are they numbers?', '')
    """
    ask = "Is the right column read, or are they numbers?"
    return f"{count:,} different {noun}s; up to {most:,} are learnt. {ask}" if count > most else ""


def normalise_labels(labels: Iterable[str]) -> dict[str, str]:
    """Each raw label's name, decided by looking at the whole column.

    Where all labels are whole numbers they are written without a point; where all are truth values, as True and
    False. Anything else, also codes such as 01, keeps its spelling.

    Args:
        labels: The different raw labels of a column, none blank.

    Example:

    >>> normalise_labels(["1.0", "0", "1"])
    {'1.0': '1', '0': '0', '1': '1'}
    >>> normalise_labels(["TRUE", "false"]), normalise_labels(["1.0", "n/a"])
    ({'TRUE': 'True', 'false': 'False'}, {'1.0': '1.0', 'n/a': 'n/a'})
    """
    names = {label: normalise_label(label) for label in labels}
    if all(_INTEGRAL.fullmatch(name) for name in names.values()):
        return {label: _whole(name) for label, name in names.items()}
    if all(name.lower() in ("true", "false") for name in names.values()):
        return {label: name.capitalize() for label, name in names.items()}
    return names


def merged_labels(names: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Labels that stand in the source in several spellings: the name, and the spellings without blanks around them.

    Args:
        names: What `normalise_labels` returned.

    Example:

    >>> merged_labels({"1": "1", "1.0": "1", "2": "2", " 2": "2"})
    [('1', ['1', '1.0'])]
    """
    found: dict[str, dict[str, None]] = {}
    for label, name in names.items():
        found.setdefault(name, {})[" ".join(label.split())] = None
    return [(name, list(spellings)) for name, spellings in found.items() if len(spellings) > 1]


def look(name: str) -> str:
    """What a label looks like: in small letters, of usual width, with Latin letters for Cyrillic and Greek ones of the
    same shape, so that labels that people take for one have one look.

    Example:

    >>> look("Ｐos") == look("p\u043es") == "pos"
    True
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).translate(_SHAPES)


def sort_labels(labels: Iterable[str]) -> list[str]:
    """Label names in their natural order: numbers by value, others alphabetically.

    Example:

    >>> sort_labels(["10", "9", "-1"]), sort_labels(["b", "10", "a"])
    (['-1', '9', '10'], ['10', 'a', 'b'])
    """
    names = list(labels)
    return sorted(names, key=_by_value) if all(map(_INTEGRAL.fullmatch, names)) else sorted(names)


def _whole(name: str) -> str:
    """A whole number in canonical form, as text, since Python parses at most 4,300 digits."""
    digits = name.split(".")[0].lstrip("+-")
    return f"-{digits}" if name.startswith("-") and digits != "0" else digits


def _by_value(name: str) -> tuple[int, int, str]:
    """A sort key for whole numbers: sign, length, digits, the latter reversed for negative ones."""
    digits = name.split(".")[0].lstrip("+-")
    if not name.startswith("-") or digits == "0":
        return 1, len(digits), digits
    return 0, -len(digits), digits.translate(_NINES)
