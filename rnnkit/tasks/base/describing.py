"""What a training says of its data before it begins: a line for each thing."""

from collections.abc import Mapping
from typing import Any

from rnnkit.training.progress import console
from rnnkit.wrapping import print_wrapped

_PARTS = ("train", "validation", "test")
_MOST_LABELS = 8
#: Names of shares, which are shown as percentages, and of what nobody reads where it is nought.
_UNKNOWN = ("unknown_characters", "unknown_subwords", "unknown_words")
_SHARES = ("unknown_rate", "unknown_rate_before", "padding_waste", *_UNKNOWN)
_SILENT = (
    *("left_out", "padding_waste", "repaired", "unlabelled", "longer_than_max_length", "texts_too_long"),
    *_UNKNOWN,
)


def describe(report: Mapping[str, Any], noun: str, parts_noun: str = "") -> None:
    """Print a data set's report, a line for each of its entries.

    Args:
        report: As in `Splits`.
        noun: What an example is, in the plural.
        parts_noun: What the parts count, where that is something else.
    """
    for name, text in report_lines(report, noun, parts_noun):
        print_wrapped(console, f"{name:<14}  {text}", indent=16)


def report_lines(report: Mapping[str, Any], noun: str, parts_noun: str = "") -> list[tuple[str, str]]:
    """The entries of a report, in words.

    Args:
        report: As in `Splits`.
        noun: What an example is, in the plural.
        parts_noun: What the parts count, where that is something else.

    Example:

    >>> report_lines({"name": "a.csv", "train": 1080, "validation": 10, "test": 9, "left_out": 0}, "texts")
    [('data', 'a.csv'), ('texts', 'train 1,080, validation 10, test 9')]
    """
    lines = []
    for name, value in report.items():
        counted = next((part for part in _PARTS if _counts(name, part) and type(value) is int), "")
        if counted == _PARTS[0]:
            suffix = name.removeprefix(counted)
            if all(report.get(part + suffix, 1) == 1 for part in _PARTS):  # one long text, cut into parts
                continue
            counts = [f"{part} {each:,}" for part in _PARTS if type(each := report.get(part + suffix)) is int]
            lines.append((suffix.strip("_") or parts_noun or noun, ", ".join(counts)))
        elif not counted and (value or name not in _SILENT):
            lines.append(("data" if name == "name" else name.replace("_", " "), _said(name, value)))
    return lines


def _counts(name: str, part: str) -> bool:
    """Whether an entry counts a part: its examples, or what its name says after it."""
    return name == part or name.startswith(f"{part}_")


def _said(name: str, value: Any) -> str:
    if isinstance(value, Mapping) and all(type(count) is int for count in value.values()):
        more = f" and {len(value) - _MOST_LABELS} more" if len(value) > _MOST_LABELS else ""
        return ", ".join(f"{label} {count:,}" for label, count in list(value.items())[:_MOST_LABELS]) + more
    if name in _SHARES and isinstance(value, int | float):
        return f"{value:.1%}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
