"""Findings of `rnnkit check` on tagged sentences, before training: good, doubtful or unusable."""

from collections import Counter
from collections.abc import Iterator, Sequence

from rnnkit.data.findings import Finding, name_warnings
from rnnkit.data.labels import MOST_TYPES, too_many
from rnnkit.tasks.token_tagger.source import TaggedSentence, TaggedText

_FEW_ENTITIES = 10  # of a type
_FEW_SENTENCES = 100
_VERY_LONG = 200  # tokens
#: The counts in `TaggedText.oddities`, and their messages.
ODDITIES = {
    "blank_rows": ("row", "left out: no token or no text."),
    "long_rows": ("row", "left out: more fields than the header; put quotes around what holds the delimiter."),
    "dropped": ("entity", "left out: overlapping a longer one, outside the text, or without a word in it."),
    "cut_tokens": ("word", "cut, since an entity begins or ends inside."),
    "unlabelled": ("row", "left out: nobody has annotated it yet."),
    "labelled_again": ("row", "annotated more than once; the first annotation counts."),
    "scattered": ("sentence id", "again after another one; each run of rows is a sentence of its own."),
}


def tagged_findings(text: TaggedText) -> list[Finding]:
    """Findings on readable sentences: failures first, then warnings, then what is good.

    Example:

    >>> from rnnkit.tasks.token_tagger.source import open_tagged
    >>> for finding in tagged_findings(open_tagged([(["Ada", "sang"], ["B-PER", "O"])] * 2)):
    ...     print(finding.level, finding.message)
    fail The list: 1 different sentence; 3 or more are needed, to learn from, to choose by and to score on.
    warn 1 sentence comes again with the same tags; the copies are left out.
    warn Few entities of a type ('PER' 2); expect 10 or more for a useful model.
    warn Only 2 sentences; expect 100 or more for a useful model.
    good 2 sentences, 4 tokens, 2 entities of 1 type: 'PER' 2. Tags as found: iob2; encoding utf-8.
    """
    everything = [sentence for part in text.parts.values() for sentence in part]
    types = entity_counts(text.sentences)
    found = [] if types else [Finding("fail", f"{text.name}: no word is part of an entity; every tag is O.")]
    every = set[str]().union(*(entity_counts(rows) for part, rows in text.parts.items() if part != "test"))
    if fault := too_many(len(every), MOST_TYPES, "type"):
        found.append(Finding("fail", f"{text.name}: {fault}"))
    found += [Finding("fail", f"{text.name}: {message}") for message in _too_few(text)]
    warnings = [*_mended(text), *name_warnings({}, types), *_repeated(text), *_lengths(everything), *_few(text, types)]
    found += [Finding("warn", message) for message in warnings]
    return found + [Finding("good", message) for message in _goods(text, everything)]


def entity_counts(sentences: Sequence[TaggedSentence]) -> dict[str, int]:
    """The number of entities of each type, in alphabetical order."""
    counts = Counter(kind for sentence in sentences for _, _, kind in sentence.entities)
    return dict(sorted(counts.items()))


def _too_few(text: TaggedText) -> Iterator[str]:
    """The message where there are too few sentences outside the given parts: each part to be drawn needs one."""
    least = 4 - len(text.parts)
    given = {sentence.tokens for part, rows in text.parts.items() if part != "train" for sentence in rows}
    different = {sentence.tokens for sentence in text.sentences} - given
    if 1 < least > len(different):
        unseen = " that is in no given part" if len(different) == 1 else " that are in no given part"
        uses = ["to learn from"] + ["to choose by"] * ("validation" not in text.parts)
        uses += ["to score on"] * ("test" not in text.parts)
        count = _count(len(different), "different sentence")
        yield (f"{count}{unseen if given else ''}; {least} or more are needed, {', '.join(uses[:-1])} and {uses[-1]}.")


def _mended(text: TaggedText) -> Iterator[str]:
    if text.repaired:
        yield f"{_count(text.repaired, 'tag')} repaired: {text.scheme} does not allow them at their positions."
    for name, (noun, message) in ODDITIES.items():
        if text.oddities[name]:
            yield f"{_count(text.oddities[name], noun)} {message}"
    if not text.encoding.startswith("utf-8"):
        yield f"Read as {text.encoding}, not as UTF-8; check the accented letters, or save it as UTF-8."


def _repeated(text: TaggedText) -> Iterator[str]:
    copies = len(text.sentences) - len(set(text.sentences))
    texts = {sentence.tokens for sentence in text.sentences}
    otherwise = len(set(text.sentences)) - len(texts)
    if copies:
        comes = "comes" if copies == 1 else "come"
        fate = "the copies are kept, since the parts are given" if len(text.parts) == 3 else "the copies are left out"
        yield f"{_count(copies, 'sentence')} {comes} again with the same tags; {fate}."
    if otherwise:
        yield f"{_count(otherwise, 'sentence')} with the words of another, but different tags."
    for part, sentences in text.parts.items():
        shared = sum(sentence.tokens in texts for sentence in sentences) if part != "train" else 0
        if shared:
            yield f"{_count(shared, 'sentence')} of the {part} part that are also in the training part."


def _lengths(sentences: Sequence[TaggedSentence]) -> Iterator[str]:
    longest = max(sentences, key=len)
    if len(longest) > _VERY_LONG:
        many = sum(len(sentence) > _VERY_LONG for sentence in sentences)
        begin = " ".join(longest.tokens[:6])
        yield (
            f"{_count(many, 'sentence')} of more than {_VERY_LONG} tokens; the longest has {len(longest):,} and begins "
            f"{begin!r:.60}. Is a blank line or a sentence id missing?"
        )
    elif len(longest) == 1:
        yield "Every sentence is a single token; is the column with the sentence's id the right one?"


def _few(text: TaggedText, types: dict[str, int]) -> Iterator[str]:
    small = {name: count for name, count in types.items() if count < _FEW_ENTITIES}
    if small:
        yield f"Few entities of a type ({_shown(small, 5)}); expect {_FEW_ENTITIES} or more for a useful model."
    if len(text.sentences) < _FEW_SENTENCES:
        yield f"Only {_count(len(text.sentences), 'sentence')}; expect {_FEW_SENTENCES} or more for a useful model."
    for part, sentences in text.parts.items():
        unseen = {name: count for name, count in entity_counts(sentences).items() if name not in types}
        if unseen and types:
            yield f"The {part} part has types that the training part lacks: {_shown(unseen, 5)}."


def _goods(text: TaggedText, everything: Sequence[TaggedSentence]) -> Iterator[str]:
    types = entity_counts(everything)
    tokens = sum(map(len, everything))
    shares = "".join(f", {len(part):,} {name}" for name, part in text.parts.items())
    tags = ", ".join([text.scheme, *text.notes])
    shares = f" ({shares[2:]})" if len(text.parts) > 1 else ""
    yield (
        f"{_count(len(everything), 'sentence')}{shares}, {tokens:,} tokens, {_count(sum(types.values()), 'entity')} of "
        f"{_count(len(types), 'type')}{': ' * bool(types)}{_shown(types, 10)}. Tags as found: {tags}; "
        f"encoding {text.encoding}."
    )


def _shown(counts: dict[str, int], most: int) -> str:
    more = f" and {len(counts) - most} more" if len(counts) > most else ""
    return ", ".join(f"{name!r:.60} {count:,}" for name, count in list(counts.items())[:most]) + more


def _count(number: int, noun: str) -> str:
    plural = noun.removesuffix("y") + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {noun if number == 1 else plural}"
