"""Cells of a table that hold several labels: what separates them, found from the column as a whole."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from rnnkit.errors import RnnkitError

#: What separates labels in a cell, the least ambiguous first.
SEPARATORS = (";", "|", ",")
#: What separates labels elsewhere, which is asked about and not taken.
OTHER_SEPARATORS = ("；", "、", "，", "/", "+", "&", " ")
_SHARE, _FEWEST = 0.02, 3  # of the rows, and rows, with a separator in a column that looks like sets of labels
_REPEATED = 0.7  # of the labels in such cells are in other cells too


def split_labels(cell: str, separator: str) -> list[str]:
    """The labels of a cell, without blanks around them, each once.

    Args:
        cell: The cell.
        separator: What separates them; "" where a cell is one label.

    Example:

    >>> split_labels("toxic; insult;; toxic", ";"), split_labels("a, b", ""), split_labels(" ", ";")
    (['toxic', 'insult'], ['a, b'], [])
    """
    parts = cell.split(separator) if separator else [cell]
    return list(dict.fromkeys(part for part in map(str.strip, parts) if part))


def find_separator(cells: Collection[str], name: str) -> str:
    """What separates the labels of a column: of `;`, `|` and `,`, that which leaves the fewest different labels.

    Args:
        cells: The different cells.
        name: What messages call the column.

    Returns:
        The separator; "" where none is in any cell.

    Raises:
        RnnkitError: Only commas are there, and the labels that they would separate repeat no more than whole cells do.

    Example:

    >>> find_separator(["toxic;insult", "toxic", ""], "labels"), find_separator(["toxic", "insult"], "labels")
    (';', '')
    >>> find_separator(["Food, drink|Travel", "Food, drink", "Travel|Sport"], "labels")
    '|'
    """
    there = [each for each in SEPARATORS if any(each in cell for cell in cells)]
    if not there:
        return ""
    labels = {each: {label for cell in cells for label in split_labels(cell, each)} for each in there}
    best = min(there, key=lambda each: len(labels[each]))
    whole = {cell.strip() for cell in cells} - {""}
    if best == "," and len(labels[best]) > len(whole):
        example = min((cell for cell in whole if "," in cell), key=len)
        raise RnnkitError(
            f"{name}: {example!r:.60} may be one label, or several with commas between. Say which: --separator ',' or "
            "--separator none."
        )
    return best


def looks_like_sets(cells: Mapping[str, int], separators: Sequence[str] = SEPARATORS) -> str:
    """A cell of a column whose cells look like several labels each: parts of them are in other cells too; "" for none.

    Args:
        cells: The different cells, with how many rows have each.
        separators: What may separate labels.

    Example:

    >>> looks_like_sets({"toxic;insult": 2, "toxic": 9, "insult;threat": 1, "threat": 1})
    'toxic;insult'
    >>> looks_like_sets({"Garden, tools": 9, "Toys, games": 8})
    ''
    """
    rows = sum(cells.values())
    for separator in separators:
        split = {cell: split_labels(cell, separator) for cell in cells}
        several = [cell for cell, labels in split.items() if len(labels) > 1]
        if sum(cells[cell] for cell in several) < max(_SHARE * rows, _FEWEST):
            continue
        counted = Counter(label for labels in split.values() for label in labels)
        parts = [label for cell in several for label in split[cell]]
        if sum(counted[label] > 1 for label in parts) >= _REPEATED * len(parts):
            return max(several, key=lambda cell: cells[cell])
    return ""
