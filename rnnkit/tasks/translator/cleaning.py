"""Filter for pairs that teach nothing or the wrong thing, with a report of what was dropped and why."""

import unicodedata
from array import array
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import numpy as np

from rnnkit.data.survey import is_missing, text_digest

_SHORT = 15  # characters added to both sides before they are compared: short ones may differ by much
_UNTRANSLATED = 3  # words; equal sides up to here may be names
_SHOWN = 5  # rows named for each reason
#: The reasons for dropping pairs, in the order in which they are checked.
REASONS = {
    "empty": "with an empty side",
    "unreadable": "of unreadable characters only",
    "too_long": "too long (a larger --max-length takes more)",
    "unlike_lengths": "of unlike lengths",
    "untranslated": "not translated (--keep-same keeps them)",
    "held_out": "with a source that is held out for testing",
    "duplicate": "repeated",
}


class CleanPairs:
    """The pairs that can be learnt from, stripped; re-iterable like the rows they come from.

    Dropped pairs are counted by reason: an empty side; control or replacement characters only; more than `longest`
    characters; a length ratio far from the usual one; a target of more than 3 words equal to its source; a source that
    is held out; a repeated pair. Lengths are compared in characters, 15 added to each side, against the median ratio of
    these rows, so that short sentences may differ and scripts with few characters are accepted.

    A pair seen is remembered by 8 bytes, not by its text.

    Args:
        rows: (source, target) pairs; not an iterator, since the first iteration reads them twice.
        longest: Maximum characters of a side; 0 for any number.
        longest_ratio: Maximum deviation of the ratio from the usual one, as a factor; 0 for any.
        copies: Whether to keep repeated pairs.
        keep_same: Whether to keep pairs of more than 3 words whose sides are equal.
        held_out: The `source_digests` of the test and validation rows.

    Example:

    >>> pairs = CleanPairs([("A dog.", "Ein Hund."), ("A cat.", " "), ("A dog. ", "Ein Hund.")])
    >>> list(pairs)
    [('A dog.', 'Ein Hund.')]
    >>> pairs.line()
    '3 pairs; dropped 2: 1 with an empty side (row 2), 1 repeated (row 3)'
    """

    def __init__(
        self,
        rows: Iterable[tuple[str, ...]],
        *,
        longest: int = 1000,
        longest_ratio: float = 3.0,
        copies: bool = False,
        keep_same: bool = False,
        held_out: Collection[bytes] = frozenset(),
    ):
        self.rows = rows
        self.longest = longest
        self.longest_ratio = longest_ratio
        self.copies = copies
        self.keep_same = keep_same
        self.held_out = held_out
        self.usual_ratio: float | None = None  # target to source
        self._begin()

    def _begin(self) -> None:
        self.read = 0
        self.dropped = dict.fromkeys(REASONS, 0)
        self.first_rows: dict[str, list[int]] = {reason: [] for reason in REASONS}

    def __iter__(self) -> Iterator[tuple[str, str]]:
        if self.usual_ratio is None:
            self.usual_ratio = _usual_ratio(self.rows)
        self._begin()
        seen: set[bytes] = set()
        for source, target in self.rows:
            self.read += 1
            source, target = source.strip(), target.strip()
            reason = self._reason(source, target, seen)
            if reason is None:
                yield source, target
                continue
            self.dropped[reason] += 1
            if len(self.first_rows[reason]) < _SHOWN:
                self.first_rows[reason].append(self.read)

    @property
    def kept(self) -> int:
        """The number of pairs kept in the last iteration."""
        return self.read - sum(self.dropped.values())

    def report(self) -> dict[str, Any]:
        """The last iteration for `metrics.json`: pairs, kept pairs, and for each reason the number dropped and their
        first rows; row 1 is the first pair."""
        dropped = {
            reason: {"count": count, "rows": self.first_rows[reason]} for reason, count in self.dropped.items() if count
        }
        return {"pairs": self.read, "kept": self.kept, "dropped": dropped}

    def line(self) -> str:
        """A one-line summary of the last iteration."""
        reasons = [
            f"{count:,} {REASONS[reason]} ({_rows(self.first_rows[reason], count)})"
            for reason, count in self.dropped.items()
            if count
        ]
        everything = f"{self.read:,} pair{'s' * (self.read != 1)}"
        return f"{everything}; dropped {self.read - self.kept:,}: {', '.join(reasons)}" if reasons else everything

    def _reason(self, source: str, target: str, seen: set[bytes]) -> str | None:
        if is_missing(source) or is_missing(target):
            return "empty"
        if not (_is_readable(source) and _is_readable(target)):
            return "unreadable"
        if self.longest and max(len(source), len(target)) > self.longest:
            return "too_long"
        unlike = _ratio(source, target) / (self.usual_ratio or 1)
        if self.longest_ratio and max(unlike, 1 / unlike) > self.longest_ratio:
            return "unlike_lengths"
        if not self.keep_same and source == target and len(source.split()) > _UNTRANSLATED:
            return "untranslated"
        if self.held_out and text_digest(source) in self.held_out:
            return "held_out"
        if not self.copies:
            digest = text_digest(f"{source}\n{target}")
            if digest in seen:
                return "duplicate"
            seen.add(digest)
        return None


def source_digests(*parts: Iterable[tuple[str, ...]] | None) -> set[bytes]:
    """Digests of the sources of these parts, for `held_out`; None counts as no rows.

    Example:

    >>> clean = CleanPairs([("A dog.", "Ein Hund."), ("A cat.", "Eine Katze.")],
    ...                    held_out=source_digests([("A dog.", "Hund.")], None))
    >>> list(clean)
    [('A cat.', 'Eine Katze.')]
    """
    return {text_digest(row[0]) for part in parts if part is not None for row in part}


def _ratio(source: str, target: str) -> float:
    return (len(target) + _SHORT) / (len(source) + _SHORT)


def _usual_ratio(rows: Iterable[tuple[str, ...]]) -> float:
    """The median ratio of all pairs, so that a few wrong ones do not matter."""
    sides = ((source.strip(), target.strip()) for source, target in rows)
    ratios = array("f", (_ratio(source, target) for source, target in sides if source and target))
    return float(np.median(np.frombuffer(ratios, np.float32))) if ratios else 1.0


def _is_readable(text: str) -> bool:
    """Whether there is anything but control and replacement characters; letters are checked first, for speed."""
    return text[0].isalnum() or any(
        character != "\ufffd" and unicodedata.category(character) not in ("Cc", "Cf", "Cn", "Co", "Zs")
        for character in text
    )


def _rows(numbers: list[int], count: int) -> str:
    more = ", ..." if count > len(numbers) else ""
    return f"row{'s' * (count > 1)} {', '.join(f'{number:,}' for number in numbers)}{more}"
