"""Findings of `rnnkit check` on plain text."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from rnnkit.data.findings import Finding
from rnnkit.data.survey import text_digest

_LONG = 100  # minimum characters of one long text
_FEW = 100_000  # words, or characters of tunes; with fewer, a language model learns little of use


def plain_text_findings(source: Any, noun: str = "texts", unit: str = "words") -> list[Finding]:
    """Findings on texts without labels: number, lengths, repeated texts.

    Args:
        source: Gives the texts.
        noun: What they are, in the plural.
        unit: What their lengths are counted in: "words" or "characters".

    Example:

    >>> [finding.level for finding in plain_text_findings(["a good film", "a good film"])]
    ['fail', 'warn', 'warn']
    """
    return sorted(_findings(source, noun, unit), key=lambda finding: finding.level == "good")


def _findings(source: Any, noun: str, unit: str) -> Iterator[Finding]:
    digests = Counter[bytes]()
    words = blank = longest = characters = 0
    for row in source:
        text = row[0] if isinstance(row, tuple) else row
        count = len(text.split())
        characters += len(text)
        words, blank = words + count, blank + (count == 0)
        longest = max(longest, count if unit == "words" else len(text))
        digests[text_digest(text)] += 1
    texts, units = digests.total(), words if unit == "words" else characters
    spoken = f", {words:,} words" if unit == "words" else ""
    counts = f"{texts:,} {noun}, {characters:,} characters{spoken}, the longest {longest:,} {unit}"
    if texts < 3 and words and characters >= _LONG and getattr(source, "whole", None):
        yield Finding("warn", f"{counts}; enough as one long text (--unit character), words need 3 texts or more")
    elif len(digests) < 3 or not words:
        yield Finding("fail", f"{counts}; 3 different {noun} or more are needed, to train, choose and test on")
    else:
        yield Finding("good", counts)
    if units < _FEW:
        yield Finding("warn", f"fewer than {_FEW:,} {unit}: a language model learns little from so few")
    if blank:
        yield Finding("warn", f"{blank:,} {noun} are blank")
    if repeated := texts - len(digests):
        yield Finding("warn", f"{repeated:,} {noun} are there more than once")
