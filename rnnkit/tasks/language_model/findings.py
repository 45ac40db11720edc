"""Findings of `rnnkit check` on plain text."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from rnnkit.data.findings import Finding
from rnnkit.data.survey import text_digest

_LONG = 100  # minimum characters of one long text
_FEW_WORDS = 100_000  # with fewer, a language model learns little of use to other tasks


def plain_text_findings(source: Any, noun: str = "texts") -> list[Finding]:
    """Findings on texts without labels: number, lengths, repeated texts.

    Args:
        source: Gives the texts.
        noun: What they are, in the plural.

    Example:

    >>> [finding.level for finding in plain_text_findings(["a good film", "a good film"])]
    ['fail', 'warn', 'warn']
    """
    return sorted(_findings(source, noun), key=lambda finding: finding.level == "good")


def _findings(source: Any, noun: str) -> Iterator[Finding]:
    digests = Counter[bytes]()
    words = blank = longest = characters = 0
    for row in source:
        text = row[0] if isinstance(row, tuple) else row
        count = len(text.split())
        characters += len(text)
        words, longest, blank = words + count, max(longest, count), blank + (count == 0)
        digests[text_digest(text)] += 1
    texts = digests.total()
    counts = f"{texts:,} {noun}, {characters:,} characters, {words:,} words, the longest {longest:,} words"
    if texts < 3 and words and characters >= _LONG and getattr(source, "whole", None):
        yield Finding("warn", f"{counts}; enough as one long text (--unit character), words need 3 texts or more")
    elif len(digests) < 3 or not words:
        yield Finding("fail", f"{counts}; 3 different {noun} or more are needed, to train, choose and test on")
    else:
        yield Finding("good", counts)
    if words < _FEW_WORDS:
        yield Finding("warn", f"fewer than {_FEW_WORDS:,} words: a language model learns little from so few")
    if blank:
        yield Finding("warn", f"{blank:,} {noun} are blank")
    if repeated := texts - len(digests):
        yield Finding("warn", f"{repeated:,} {noun} are there more than once")
