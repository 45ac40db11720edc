"""Tag schemes for entities in a sentence: IOB1, IOB2 (BIO), IOBES (BIOES), BILOU, or the type alone.

The kit works with IOB2 throughout: B-X begins an entity of type X, I-X continues it, O is outside. The other schemes
are read into it and written from it.

Reference: Ramshaw and Marcus, "Text Chunking using Transformation-Based Learning", WVLC 1995 (IOB1); Ratinov and Roth,
"Design Challenges and Misconceptions in Named Entity Recognition", CoNLL 2009 (BILOU).
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from rnnkit.errors import RnnkitError, did_you_mean

OUTSIDE = "O"
#: The type of entities whose tags are a bare B, I or O.
UNNAMED = "ENTITY"
#: The letters of each scheme before the hyphen. Those that end an entity: E and L, of one token S and U.
SCHEMES = {"iob1": "BI", "iob2": "BI", "iobes": "BIES", "bilou": "BILU", "plain": ""}
_ALIASES = {"bio": "iob2", "bioes": "iobes"}
_BEGIN_ONLY, _LAST = "BSU", "ESLU"
#: How the last token of several and the only token are written.
_ENDINGS = {"iobes": ("E", "S"), "bilou": ("L", "U")}

Span = tuple[int, int, str]


class Fault(NamedTuple):
    """A tag that the scheme does not allow where it stands."""

    place: int
    message: str


def known_scheme(scheme: str) -> str:
    """The scheme's own name for a name of it, "bio" being "iob2" and "bioes" being "iobes".

    Raises:
        RnnkitError: There is no such scheme.
    """
    name = _ALIASES.get(scheme.lower(), scheme.lower())
    if name not in SCHEMES:
        options = [*SCHEMES, *_ALIASES]
        raise RnnkitError(
            f"Unknown tag scheme {scheme!r}; expected one of: {', '.join(options)}.{did_you_mean(scheme, options)}"
        )
    return name


@lru_cache(maxsize=4096)
def split_tag(tag: str, scheme: str = "iob2") -> tuple[str, str]:
    """A tag's letter and its type, split at the first hyphen; a bare B or I has the type "ENTITY".

    Raises:
        RnnkitError: The scheme has no such tag.

    Example:

    >>> split_tag("B-GEO-CITY"), split_tag("O"), split_tag("CITY", "plain")
    (('B', 'GEO-CITY'), ('O', ''), ('S', 'CITY'))
    """
    if tag == OUTSIDE:
        return OUTSIDE, ""
    if scheme == "plain" and tag:
        return "S", tag
    letter, hyphen, kind = tag.partition("-")
    if len(letter) == 1 and letter in SCHEMES[scheme] and bool(hyphen) == bool(kind):
        return letter, kind or UNNAMED
    options = ", ".join(f"{letter}-TYPE" for letter in SCHEMES[scheme])
    raise RnnkitError(f"the tag {tag!r} is none of {scheme}; expected {options or 'a TYPE'} or O")


def spans(tags: Sequence[str], strict: bool = False) -> list[Span]:
    """The entities that IOB2 tags mark, from left to right: (first token, one past the last, type).

    An I-X after anything but B-X or I-X begins an entity too, as in the CoNLL script `conlleval` and in seqeval's
    default mode. With `strict`, as in seqeval's strict mode with IOB2, only B-X begins one and such an I-X is outside.

    Args:
        tags: B-X, I-X and O.
        strict: Whether an entity must begin with B-X.

    Raises:
        RnnkitError: A tag is none of IOB2.

    Example:

    >>> spans(["B-PER", "I-PER", "O", "I-LOC"])
    [(0, 2, 'PER'), (3, 4, 'LOC')]
    >>> spans(["B-PER", "I-PER", "O", "I-LOC"], strict=True)
    [(0, 2, 'PER')]
    """
    found: list[Span] = []
    begin, current = 0, ""
    for place, tag in enumerate(tags):
        letter, kind = split_tag(tag)
        if letter == "I" and kind == current:
            continue
        if current:
            found.append((begin, place, current))
        begin, current = place, "" if strict and letter == "I" else kind
    if current:
        found.append((begin, len(tags), current))
    return found


def from_spans(found: Iterable[Span], length: int, scheme: str = "iob2") -> list[str]:
    """The tags of `length` tokens that mark these entities; entities must not overlap.

    Example:

    >>> from_spans([(0, 2, "PER"), (3, 4, "LOC")], 5)
    ['B-PER', 'I-PER', 'O', 'B-LOC', 'O']
    >>> from_spans([(0, 2, "PER"), (3, 4, "LOC")], 5, "iobes")
    ['B-PER', 'E-PER', 'O', 'S-LOC', 'O']
    """
    scheme = known_scheme(scheme)
    last, only = _ENDINGS.get(scheme, ("I", "B"))
    tags = [OUTSIDE] * length
    before = (0, "")
    for begin, end, kind in sorted(found):
        letters = ["B"] + ["I"] * (end - begin - 2) + [last] if end - begin > 1 else [only]
        if scheme == "iob1" and before != (begin, kind):
            letters[0] = "I"
        tags[begin:end] = [kind if scheme == "plain" else f"{letter}-{kind}" for letter in letters]
        before = (end, kind)
    return tags


def to_iob2(tags: Sequence[str], scheme: str) -> list[str]:
    """Tags of any scheme as IOB2. Invalid tags are read as `repair` reads them.

    In the plain scheme each token that is not O becomes an entity of its own.

    Args:
        tags: Those of one sentence.
        scheme: "iob1", "iob2" ("bio"), "iobes" ("bioes"), "bilou" or "plain".

    Raises:
        RnnkitError: The scheme has no such tag.

    Example:

    >>> to_iob2(["I-PER", "I-PER", "B-PER", "O"], "iob1")
    ['B-PER', 'I-PER', 'B-PER', 'O']
    >>> to_iob2(["B-PER", "E-PER", "S-LOC"], "iobes"), to_iob2(["PER", "O"], "plain")
    (['B-PER', 'I-PER', 'B-LOC'], ['B-PER', 'O'])
    """
    scheme = known_scheme(scheme)
    converted = []
    before = (OUTSIDE, "")
    for tag in tags:
        letter, kind = split_tag(tag, scheme)
        converted.append(f"{'I' if _continues(before, letter, kind) else 'B'}-{kind}" if kind else OUTSIDE)
        before = (letter, kind)
    return converted


def from_iob2(tags: Sequence[str], scheme: str) -> list[str]:
    """IOB2 tags in another scheme. "plain" keeps the types alone, so where one entity ends and the next begins is lost.

    Example:

    >>> from_iob2(["B-PER", "I-PER", "B-PER", "O"], "iobes")
    ['B-PER', 'E-PER', 'S-PER', 'O']
    """
    return from_spans(spans(tags), len(tags), scheme)


def repair(tags: Sequence[str]) -> list[str]:
    """IOB2 tags with each I-X that continues nothing made B-X.

    Example:

    >>> repair(["O", "I-PER", "I-PER", "I-LOC"])
    ['O', 'B-PER', 'I-PER', 'B-LOC']
    """
    return to_iob2(tags, "iob2")


def faults(tags: Sequence[str], scheme: str = "iob2") -> list[Fault]:
    """The tags that the scheme does not allow after the one before, or before the one after.

    Raises:
        RnnkitError: The scheme has no such tag.

    Example:

    >>> faults(["O", "I-PER"])
    [Fault(place=1, message='I-PER follows O; in iob2 an entity begins with B-PER')]
    >>> faults(["B-PER", "O"], "iobes")[0].message
    'B-PER is followed by O; in iobes an entity ends with E-PER, or S-PER where it is one token'
    """
    scheme = known_scheme(scheme)
    found = []
    before = (OUTSIDE, "")
    for place, tag in enumerate([*tags, OUTSIDE]):
        letter, kind = split_tag(tag, scheme)
        goes_on = _continues(before, letter, kind)
        if scheme in _ENDINGS and before[0] in ("B", "I") and not goes_on:
            was, (last, only) = before[1], _ENDINGS[scheme]
            what = "ends the sentence" if place == len(tags) else f"is followed by {tag}"
            ending = f"in {scheme} an entity ends with {last}-{was}, or {only}-{was} where it is one token"
            found.append(Fault(place - 1, f"{tags[place - 1]} {what}; {ending}"))
        right = "I" if scheme == "iob1" else "B"
        if letter == "B" and before[1] != kind if scheme == "iob1" else letter in "IEL" and not goes_on:
            follows = f"follows {tags[place - 1]}" if place else "begins the sentence"
            found.append(Fault(place, f"{tag} {follows}; in {scheme} an entity begins with {right}-{kind}"))
        before = (letter, kind)
    return found


def guess_scheme(sequences: Iterable[Sequence[str]]) -> str:
    """The scheme of a text's tags, from all its sentences.

    No letters: "plain". E or S: "iobes"; L or U: "bilou". Of B and I alone it is "iob1" where entities begin with I-X,
    and with B-X only right after another of type X; else "iob2". Both read the same, they differ in what is a fault.

    Args:
        sequences: The tags of each sentence.

    Example:

    >>> guess_scheme([["I-PER", "O"], ["I-PER", "B-PER"]]), guess_scheme([["B-PER", "I-PER", "O"]])
    ('iob1', 'iob2')
    >>> guess_scheme([["B-PER", "E-PER"]]), guess_scheme([["PER", "PER", "O"]]), guess_scheme([["O"]])
    ('iobes', 'plain', 'iob2')
    """
    pairs = {pair for tags in sequences for pair in zip([OUTSIDE, *tags], tags, strict=False)}
    tags = {tag for _, tag in pairs} - {OUTSIDE}
    bare = tags <= set("BIESLU") and not tags.isdisjoint("BI")
    lettered = {tag for tag in tags if tag[:1] in set("BIESLU") and (bare or tag[1:2] == "-")}
    letters = {tag[0] for tag in lettered}
    if not letters:
        return "plain" if tags else "iob2"
    if letters & set("ESLU"):
        return "bilou" if letters & set("LU") else "iobes"
    begins = {tag[0] for before, tag in pairs if tag in lettered and (before == OUTSIDE or before[1:] != tag[1:])}
    return "iob1" if "I" in begins and "B" not in begins else "iob2"


def _continues(before: tuple[str, str], letter: str, kind: str) -> bool:
    """Whether a tag goes on with the entity of the tag before."""
    return bool(kind) and letter not in _BEGIN_ONLY and before[0] not in _LAST and before[1] == kind
