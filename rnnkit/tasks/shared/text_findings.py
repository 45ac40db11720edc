"""Findings of `rnnkit check` on what the network will see of the texts: units, lengths, and whether labels differ."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from math import log, sqrt

import numpy as np

from rnnkit.codec.normalise import canonical
from rnnkit.codec.unit_tokenizers import unit_tokenizer
from rnnkit.data.findings import Finding
from rnnkit.tasks.shared.choose_unit import choose_unit

_LOOKED_AT = 20_000  # texts
_MANY_UNKNOWN = 0.3  # of the words
_FEWEST = 10  # texts with a label, or with a word, from which a difference can be told
_MARGIN = 1.0  # standard deviations above what chance gives at most
_TOLD = 20  # labels
_COMPARED = 2_000  # texts of which characters are looked at where words tell nothing
_DIGITS, _SIGNS = re.compile(r"\d+"), re.compile(r"[\W_]+")


def text_findings(rows: Iterable[tuple[str, str | Collection[str]]], options: object) -> list[Finding]:
    """Findings on texts and labels: warnings first, each with what mends it.

    Args:
        rows: Texts, each with its label or labels, of which the first 20,000 are looked at.
        options: With `delimiters`, `max_length` and `min_count`.

    Example:

    >>> from types import SimpleNamespace
    >>> options = SimpleNamespace(delimiters="words", max_length=800, min_count=2)
    >>> text_findings([(f"text {n}", "ab"[n % 2]) for n in range(60)], options)[-1].message
    'Read by word: median length 2, 95 % have 2 or fewer; 1 different that are known, 50% of all unknown.'
    """
    seen = _Seen(list(islice(rows, _LOOKED_AT)), options)
    return [Finding("warn", line) for line in _warnings(seen)] + [Finding("good", seen.described())]


class _Seen:
    """What the network will see of some texts."""

    def __init__(self, rows: list[tuple[str, str | Collection[str]]], options: object, unit: str = "") -> None:
        self.rows, self.options = rows, options
        self.unit, self.why = (unit, "") if unit else choose_unit(text for text, _ in rows)
        split = unit_tokenizer(self.unit, getattr(options, "delimiters", "words"))
        self.counts, self.with_label, everywhere = Counter[str](), Counter[str](), Counter[str]()
        self.texts_with: dict[str, Counter[str]] = {}
        lengths = []
        for text, labels in rows:
            units = split(text)
            lengths.append(len(units))
            self.counts.update(units)
            found = set(_features(units, self.unit))
            everywhere.update(found)
            for label in (labels,) if isinstance(labels, str) else labels:
                self.with_label[label] += 1
                self.texts_with.setdefault(label, Counter()).update(found)
        self.tested = [(feature, count) for feature, count in everywhere.items() if count >= _FEWEST]
        self.lengths = np.array(lengths or [0])
        least = getattr(options, "min_count", 1)
        self.known = [unit for unit, count in self.counts.items() if count >= least]
        self.unknown = 1 - sum(self.counts[unit] for unit in self.known) / max(self.counts.total(), 1)

    def described(self) -> str:
        """Units and lengths, in a line."""
        middle, high = np.percentile(self.lengths, (50, 95))
        why = f" ({self.why})" if self.why else ""
        return (
            f"Read by {self.unit}{why}: median length {middle:.0f}, 95 % have {high:.0f} or fewer; {len(self.known):,} "
            f"different that are known, {self.unknown:.0%} of all unknown."
        )


def _features(units: list[str], unit: str) -> Iterable[str]:
    """What may tell labels apart: words, or up to three characters in a row."""
    if unit == "word":
        return units
    return ("".join(units[place : place + size]) for size in (1, 2, 3) for place in range(len(units) - size + 1))


def _warnings(seen: _Seen) -> Iterator[str]:
    if seen.unit == "word" and seen.unknown > _MANY_UNKNOWN:
        yield (
            f"{seen.unknown:.0%} of the words occur only once and will be unknown; --unit subword reads parts of "
            "words, --unit character letters."
        )
    most = getattr(seen.options, "max_length", 0) - 1
    if cut := int((seen.lengths > most).sum()):
        longest = int(np.percentile(seen.lengths, 99)) + 1
        yield (
            f"{cut:,} text{'s' * (cut != 1)} of more than {most:,} {seen.unit}s, of which only the beginning is read: "
            f"--max-length {longest}"
        )
    alike = _alike(seen)
    if alike and alike == _looked_at(seen):
        other = _Seen(seen.rows[:_COMPARED], seen.options, "character") if seen.unit == "word" else seen
        if other is not seen and _alike(other) != _looked_at(other):
            yield (
                "No word is more frequent with one label than with the others, but characters are, such as signs, "
                "emoji or capitals: --unit character"
            )
            alike = []
    if alike and alike == _looked_at(seen):
        yield (
            f"No {seen.unit} is more frequent with one label than with the others, so there may be nothing to learn. "
            "Are these the right labels? rnnkit train ... --folds 5 tells."
        )
    elif alike:
        names = ", ".join(f"{label!r:.60}" for label in alike[:5]) + ", ..." * (len(alike) > 5)
        yield f"No {seen.unit} is more frequent with {names} than with other labels: merge such labels, or add rows."
    if near := _nearly_equal(text for text, _ in seen.rows):
        yield (
            f"{near:,} text{'s differ' if near != 1 else ' differs'} from an earlier one in capitals, digits or signs "
            "alone; some will be tested that were learnt, and the test figure is too good. Give a test file of other "
            "texts: --test FILE"
        )


def _looked_at(seen: _Seen) -> list[str]:
    return list(seen.with_label)[:_TOLD]


def _alike(seen: _Seen) -> list[str]:
    return [label for label in _looked_at(seen) if _is_like_the_rest(seen, label)]


def _is_like_the_rest(seen: _Seen, label: str) -> bool:
    """Whether no feature is more frequent with a label than chance makes one of so many."""
    ours, rest = seen.with_label[label], len(seen.rows) - seen.with_label[label]
    if min(ours, rest) < _FEWEST:
        return False
    bound = sqrt(2 * log(max(len(seen.tested), 2))) + _MARGIN
    for feature, count in seen.tested:
        share = count / (ours + rest)
        if share < 1:
            here = seen.texts_with[label][feature]
            difference = here / ours - (count - here) / rest
            if abs(difference) > bound * sqrt(share * (1 - share) * (1 / ours + 1 / rest)):
                return False
    return True


def _nearly_equal(texts: Iterable[str]) -> int:
    """How many texts equal an earlier one but for capitals, digits and signs."""
    forms = [_SIGNS.sub(" ", _DIGITS.sub("0", canonical(text).lower())).strip() for text in texts]
    return len(forms) - len(set(forms))
