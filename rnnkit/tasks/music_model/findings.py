"""Findings of `rnnkit check` on tunes: what was left out, and what a network does not learn of the others."""

from collections.abc import Iterator, Sequence

from rnnkit.codec.abc import Skipped, Tune
from rnnkit.codec.abc_text import plain_text
from rnnkit.codec.abc_tokens import abc_tokens
from rnnkit.data.findings import Finding
from rnnkit.tasks.language_model.findings import plain_text_findings
from rnnkit.tasks.music_model.lengths import metre_length
from rnnkit.tasks.music_model.repeats import repeats_are_clear

_ORDER = "an order of parts (P:), which is played but not learnt"
_REPEATS = "a repeat that does not say where it begins or ends; players differ in what they repeat"
_METRE = "a metre that is not understood; their bars are not counted"
_CHARACTERS = "characters that are no ABC, which are not learnt"


def tune_findings(tunes: Sequence[Tune], skipped: Skipped, noun: str = "tunes") -> list[Finding]:
    """Findings on tunes: number, lengths, repeated ones, those left out, and what of the others is not kept.

    Args:
        tunes: Those that are kept.
        skipped: The others.
        noun: What they are called, in the plural.

    Example:

    >>> tunes = [Tune({"K": "C", "P": "AB"}, "P:A\\nAB#|\\nP:B\\ncd|", "mine.abc line 1")]
    >>> for finding in tune_findings(tunes, Skipped({"several voices": 2}, {"several voices": "mine.abc line 9"}))[-3:]:
    ...     print(finding.level, finding.message)
    warn 2 tunes left out: several voices (first: mine.abc line 9)
    warn 1 tune with an order of parts (P:), which is played but not learnt (mine.abc line 1)
    warn 1 tune with characters that are no ABC, which are not learnt (mine.abc line 1 has '#')
    """
    lost = Skipped()
    for tune in tunes:
        for what, meant in _not_kept(tune):
            lost.add(what, f"{tune.place or 'a tune'}{meant and f' has {meant!r:.20}'}")
    unkept = (line.replace(" left out: ", " with ", 1) for line in lost.lines())
    found = plain_text_findings([plain_text(tune) for tune in tunes], noun, "characters")
    found += [Finding("warn", line) for line in (*skipped.lines(), *unkept)]
    return sorted(found, key=lambda finding: finding.level == "good")


def _not_kept(tune: Tune) -> Iterator[tuple[str, str]]:
    tokens = list(abc_tokens(tune.body))
    if tune.header.get("P", "")[1:] and any(text.lstrip("[").startswith("P:") for _, text in tokens):
        yield _ORDER, ""
    if not repeats_are_clear(tune):
        yield _REPEATS, ""
    metres = [text.strip("[]")[2:] for kind, text in tokens if kind in ("field", "inline") and "M:" in text[:3]]
    for metre in (tune.header.get("M", ""), *metres):
        if metre_length(metre.partition("%")[0]) is None and metre.strip() not in ("", "none"):
            yield _METRE, f"M:{metre}"
            break
    if strange := "".join(text for kind, text in tokens if kind == "unknown"):
        yield _CHARACTERS, strange
