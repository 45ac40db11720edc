"""One pass over a labelled text source before training: usable rows and suspicious ones."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from re import compile as pattern

import numpy as np

from rnnkit.codec.normalise import canonical
from rnnkit.data.delimited import Oddities
from rnnkit.data.labels import normalise_labels, sort_labels
from rnnkit.data.tables import Source

_LETTER = pattern(r"\w")


@dataclass
class Survey:
    """The result of `survey`. "Row 1" is the first after the header; arrays are in the order of the kept rows."""

    name: str
    encoding: str
    columns: dict[str, str]
    rows: int = 0
    blank_texts: int = 0
    blank_labels: int = 0  # with a text
    duplicates: int = 0  # same text and label as an earlier row
    conflicts: int = 0  # same text as an earlier row, another label
    wordless: int = 0  # texts with no letter or digit, such as emoji alone
    non_ascii: int = 0  # texts with a character outside ASCII
    longest: int = 0  # characters
    longest_row: int = 0
    labels: dict[str, int] = field(default_factory=dict)  # name to kept rows, in natural order
    label_names: dict[str, str] = field(default_factory=dict)  # as it stands in the source to name
    kept: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))  # row places from 0
    label_ids: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))  # place in `labels`
    digests: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint64))  # of the stripped texts
    oddities: Oddities = field(default_factory=Oddities)


def survey(source: Source, passing: Callable[[Iterable[tuple[str, ...]]], Iterable[tuple[str, ...]]] = iter) -> Survey:
    """Read all (text, label) rows once and decides which to keep: the first of each text, with both cells filled.

    A repeated text is dropped even under another label, so that none can stand in both the training and the test
    split. Per row only its place, label and a 64-bit digest are held: 10^6 rows take some 50 MB.

    Args:
        source: A `Table` or `Rows` with the roles text and label.
        passing: Gives the rows on, and may show how many have come.

    Example:

    >>> from rnnkit.data.tables import Rows
    >>> seen = survey(Rows([("good", 1), ("bad", 0), (" good", 1), ("bad", 1), ("", 0)]))
    >>> seen.kept.tolist(), seen.labels, seen.duplicates, seen.conflicts, seen.blank_texts
    ([0, 1], {'0': 1, '1': 1}, 1, 1, 1)
    """
    seen = Survey(source.name, source.encoding, dict(source.columns))
    places, raw_ids, digests = array("q"), array("i"), bytearray()
    ids: dict[str, int] = {}
    for place, (text, label) in enumerate(passing(source)):
        seen.rows += 1
        text, label = text.strip(), label.strip()
        if is_missing(text):
            seen.blank_texts += 1
        elif is_missing(label):
            seen.blank_labels += 1
        else:
            places.append(place)
            raw_ids.append(ids.setdefault(label, len(ids)))
            digests += text_digest(text)
            seen.wordless += _LETTER.search(text) is None
            seen.non_ascii += not text.isascii()
            if len(text) > seen.longest:
                seen.longest, seen.longest_row = len(text), place + 1
    seen.oddities = source.oddities
    seen.label_names = normalise_labels(ids)
    _keep_first(seen, np.array(places, np.int64), np.array(raw_ids, np.int32), np.frombuffer(digests, "<u8"))
    return seen


def kept_rows(source: Source, seen: Survey) -> Iterator[tuple[str, str]]:
    """The rows that `survey` kept, read again: (stripped text, label name), in the order of `seen.kept`.

    Args:
        source: The source that was surveyed.
        seen: What `survey(source)` returned.
    """
    places = iter(seen.kept.tolist())
    wanted = next(places, None)
    for place, (text, label) in enumerate(source):
        if place == wanted:
            yield text.strip(), seen.label_names[label.strip()]
            wanted = next(places, None)
            if wanted is None:
                return


def is_missing(value: str) -> bool:
    """Whether a stripped cell holds nothing: blank, or NaN as Python and numpy write it. NA and null are words.

    Example:

    >>> [is_missing(value) for value in ("", "nan", "NaN", "NA", "null")]
    [True, True, True, False, False]
    """
    return not value or value in ("nan", "NaN")


def text_digest(text: str) -> bytes:
    """An 8-byte hash of a text in one spelling, to find it again in any source."""
    return blake2b(canonical(text).strip().encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _keep_first(seen: Survey, places: np.ndarray, raw_ids: np.ndarray, digests: np.ndarray) -> None:
    names = sort_labels(set(seen.label_names.values()))
    places_of = {name: place for place, name in enumerate(names)}
    name_ids = np.array([places_of[name] for name in seen.label_names.values()], np.int32)
    labels = name_ids[raw_ids] if len(raw_ids) else raw_ids
    order = np.argsort(digests, kind="stable")
    starts = np.flatnonzero(np.diff(digests[order], prepend=~digests[order[:1]]))
    group = np.zeros(len(order), np.int64)
    group[starts[1:]] = 1
    first = order[starts]
    other = labels[order] != labels[first][np.cumsum(group)] if len(order) else np.zeros(0, bool)
    seen.conflicts = int(other.sum())
    seen.duplicates = len(order) - len(first) - seen.conflicts
    kept = np.sort(first)
    seen.kept, seen.label_ids, seen.digests = places[kept], labels[kept], digests[kept]
    seen.labels = dict(zip(names, np.bincount(seen.label_ids, minlength=len(names)).tolist(), strict=True))
    if 0 in seen.labels.values():  # a label whose every row repeats an earlier text
        present = np.flatnonzero(np.bincount(seen.label_ids, minlength=len(names)))
        seen.label_ids = np.searchsorted(present, seen.label_ids).astype(np.int32)
        seen.labels = {name: count for name, count in seen.labels.items() if count}
