"""Findings of `rnnkit check` on sentences and their translations, before training."""

import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from rnnkit.data.findings import Finding, reading_warnings, too_long
from rnnkit.data.survey import text_digest
from rnnkit.tasks.translator.cleaning import REASONS, CleanPairs, source_digests
from rnnkit.tasks.translator.source import ParallelText, open_parallel

_FEWEST = 3  # sources: one for each part, since training keeps the pairs of a source together
_FEW = 5_000  # pairs: fewer teach little
_MANY_TRANSLATIONS = 0.1  # of the sources
_FREQUENT, _OWN = (
    200,
    5,
)  # a side's typical words: its most frequent ones, this many times more frequent than on the other
_SWAPPED_WORDS = 2  # of the other side's, at least


def parallel_findings(source: Any) -> list[Finding]:
    """Findings on pairs of sentences: failures first, then warnings, then what is good.

    Args:
        source: Anything that `open_parallel` accepts.

    Raises:
        RnnkitError: A row cannot be read.

    Example:

    >>> found = parallel_findings([("A dog.", "Ein Hund."), ("A dog.", "Ein Hund.")])
    >>> [finding.level for finding in found], found[0].message
    (['fail', 'warn', 'good', 'good', 'good'], 'The list: 1 usable pair; 3 or more are needed, ...')
    """
    text = open_parallel(source)
    seen = _Seen(text)
    fails = [Finding("fail", f"{text.name}: {message}") for message in _fails(text, seen)]
    warnings = [Finding("warn", message) for message in _warnings(text, seen)]
    return fails + warnings + [Finding("good", message) for message in _goods(text, seen)]


class _Seen:
    """The statistics of one pass through the pairs; of a sentence only counts and 8 bytes are kept."""

    def __init__(self, text: ParallelText):
        self.clean = CleanPairs(text.pairs)
        self.same = 0  # source and target
        self.lengths = (array("i"), array("i"))  # words
        self.characters = (Counter[str](), Counter[str]())
        self.words = (Counter[str](), Counter[str]())
        self.sources = Counter[bytes]()
        for pair in self.clean:
            self.same += pair[0] == pair[1]
            self.sources[text_digest(pair[0])] += 1
            for place, sentence in enumerate(pair):
                words = sentence.lower().split()
                self.lengths[place].append(len(words))
                self.characters[place].update(sentence)
                self.words[place].update(words)
        self.pairs = self.clean.kept
        self.swapped = _swapped(text.pairs, self.words)
        held = {part: rows for part, rows in text.parts.items() if part != "train"}
        self.leaks = {part: sum(text_digest(row[0]) in self.sources for row in rows) for part, rows in held.items()}
        self.held = {part: len(source_digests(rows)) for part, rows in held.items()}

    def scripts(self, place: int) -> dict[str, float]:
        """The writing systems of a side, with their shares of its letters."""
        counts = Counter[str]()
        for character, count in self.characters[place].items():
            if character.isalpha():
                counts[unicodedata.name(character, "unknown").split()[0].title()] += count
        return {script: count / counts.total() for script, count in counts.most_common(3)}


def _fails(text: ParallelText, seen: _Seen) -> Iterator[str]:
    odd, read = text.pairs.oddities, seen.clean.read
    untranslated = seen.same + seen.clean.dropped["untranslated"]
    needed = max(_FEWEST - len(seen.held), 1)
    if odd.long_rows > read:
        yield f"{odd.long_rows:,} of {read + odd.long_rows:,} rows cannot be used: {too_long(odd)}"
    elif read == 0:
        yield "there are no rows. Add pairs of a sentence and its translation."
    elif untranslated > read / 2:
        source, target = (text.columns.get(role, role) for role in ("source", "target"))
        yield (
            f"source and target are the same in {untranslated:,} of {_count(read, 'pair')}. Are {source!r} and "
            f"{target!r} the right ones?"
        )
    elif len(seen.sources) < needed:
        pairs = _count(seen.pairs, "usable pair")
        sources = "" if seen.pairs == len(seen.sources) else f" of {_count(len(seen.sources), 'different source')}"
        yield f"{pairs}{sources}; {needed} or more are needed, to train, choose and test on."


def _warnings(text: ParallelText, seen: _Seen) -> Iterator[str]:
    clean = seen.clean
    for reason, count in clean.dropped.items():
        if count:
            rows = ", ".join(f"{number:,}" for number in clean.first_rows[reason])
            more = ", ..." if count > len(clean.first_rows[reason]) else ""
            yield f"{_count(count, 'pair')} {REASONS[reason]}, left out when training (row {rows}{more})."
    yield from reading_warnings(text.pairs.oddities, text.encoding, clean.read)
    if seen.swapped:
        count, rows = len(seen.swapped), ", ".join(f"{number:,}" for number in seen.swapped[:5])
        yield f"{_count(count, 'pair')} whose sides seem to be swapped (row {rows}{', ...' * (count > 5)})."
    for place, side in enumerate(("source", "target")):
        mixed = [f"{script} {share:.0%}" for script, share in seen.scripts(place).items() if share >= 0.05]
        if len(mixed) > 1 and not _is_japanese(mixed):
            yield f"The {side} mixes writing systems: {', '.join(mixed)}. Is it one language?"
    many = sum(count > 1 for count in seen.sources.values())
    if many > _MANY_TRANSLATIONS * len(seen.sources):
        yield f"{many:,} of {len(seen.sources):,} sources have several translations; one answer cannot match them all."
    for part, leaks in seen.leaks.items():
        if leaks:
            yield f"{leaks:,} of the {seen.held[part]:,} sources of the {part} part are also in the training part."
    if len(seen.sources) >= _FEWEST and seen.pairs < _FEW:
        yield f"Only {_count(seen.pairs, 'pair')}; expect {_FEW:,} or more for a useful model."


def _goods(text: ParallelText, seen: _Seen) -> Iterator[str]:
    parts = ", ".join(f"{part} {count:,}" for part, count in seen.held.items())
    held = f" (sources held out: {parts})" if parts else ""
    columns = ", ".join(f"{role} = {column!r}" for role, column in text.columns.items())
    yield f"{_count(seen.pairs, 'usable pair')} of {seen.clean.read:,}{held}; {columns}; encoding {text.encoding}."
    for place, side in enumerate(("source", "target")):
        if seen.pairs:
            middle, high = np.percentile(np.frombuffer(seen.lengths[place], np.int32), (50, 95))
            scripts = (
                ", ".join(script for script, share in seen.scripts(place).items() if share >= 0.01) or "no letters"
            )
            yield (
                f"The {side}: median length {middle:.0f} words, 95 % have {high:.0f} or fewer; "
                f"{len(seen.words[place]):,} different words, {len(seen.characters[place]):,} characters ({scripts})."
            )


def _swapped(rows: Iterable[tuple[str, ...]], words: tuple[Counter[str], Counter[str]]) -> list[int]:
    """The numbers of pairs whose source has only frequent words of the target side, and vice versa."""
    own = [
        {word for word, count in words[place].most_common(_FREQUENT) if count >= _OWN * words[1 - place][word]}
        for place in (0, 1)
    ]
    found = []
    if all(own):
        for number, pair in enumerate(rows, 1):
            hits = [[len(own[place].intersection(side.lower().split())) for place in (0, 1)] for side in pair]
            right, wrong = (hits[0][0], hits[1][1]), (hits[0][1], hits[1][0])
            if not any(right) and min(wrong) >= _SWAPPED_WORDS:
                found.append(number)
    return found


def _is_japanese(mixed: list[str]) -> bool:
    return {script.split()[0] for script in mixed} <= {"Cjk", "Hiragana", "Katakana", "Katakana-Hiragana", "Latin"}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + "s" * (number != 1)
