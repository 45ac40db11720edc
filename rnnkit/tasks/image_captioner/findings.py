"""Findings of `rnnkit check` on pictures and captions, before training."""

from collections import Counter
from collections.abc import Iterator, Mapping
from os import PathLike
from typing import Any

import numpy as np

from rnnkit.data.findings import Finding, reading_warnings, too_long
from rnnkit.errors import RnnkitError
from rnnkit.tasks.image_captioner.source import CaptionedPictures, open_captions

_FEWEST, _FEW = 3, 1_000  # pictures: fewer than the first cannot be split, fewer than the second teach little
_LONG = 40  # words
_COMMON = 0.05  # share of pictures with the same caption
_SHOWN = 100  # pictures named in a report


def captions_findings(
    source: Any,
    columns: Mapping[str, str | None] | None = None,
    encoding: str | None = None,
    images: str | PathLike[str] | None = None,
) -> list[Finding]:
    """Findings on pictures and captions: failures first, then warnings, then what is good.

    Every picture is decoded. An unreadable picture is a warning with its name, or a failure when most are unreadable.

    Args:
        source: As for `open_captions`.
        columns: As for `open_captions`.
        encoding: As for `open_captions`.
        images: As for `open_captions`.

    Example:

    >>> [(finding.level, finding.message) for finding in captions_findings([("no.jpg", "a dog")])]
    [('fail', 'The list: none of 1 pictures can be used: There is no file no.jpg. Name the folder ... --images.')]
    """
    try:
        found = open_captions(source, columns, encoding, images)
    except RnnkitError as error:
        return [Finding("fail", str(error))]
    fails = [Finding("fail", f"{found.name}: {message}") for message in _fails(found)]
    warnings = [Finding("warn", message) for message in _warnings(found)]
    return [*fails, *warnings, *(Finding("good", message) for message in _goods(found))]


def _fails(found: CaptionedPictures) -> Iterator[str]:
    usable, faulty, odd = len(found), len(found.faults), found.oddities
    rows = sum(len(picture.captions) for picture in found)
    if odd.long_rows > rows:
        yield f"{odd.long_rows:,} of {rows + odd.long_rows:,} rows cannot be used: {too_long(odd)}"
    elif faulty > usable:
        first = next(iter(found.faults.values()))
        yield f"{faulty:,} of {_count(usable + faulty, 'picture')} cannot be read, the first one: {first}"
    elif len({picture.digest for picture in found}) < _FEWEST:
        yield f"{_count(usable, 'usable picture')}; {_FEWEST} or more are needed, to train, choose and test on."


def _warnings(found: CaptionedPictures) -> Iterator[str]:
    yield from (f"left out: {line}" for line in found.fault_lines(_SHOWN))
    for reason, text in (
        ("no caption", "without a picture or a caption of words left out."),
        ("repeated", "left out: the same picture and caption as an earlier one."),
        ("part", "of a picture that is also in another part; the first part counts for all."),
    ):
        if found.dropped[reason]:
            yield f"{_count(found.dropped[reason], 'row')} {text}"
    rows = sum(len(picture.captions) for picture in found)
    yield from reading_warnings(found.oddities, found.encoding, rows)
    same = Counter(picture.digest for picture in found)
    twins = sum(count - 1 for count in same.values())
    if twins:
        names = [picture.path.name for picture in found if same[picture.digest] > 1][:2]
        yield f"{_count(twins, 'picture')} with the content of another one ({' and '.join(names)}); kept in one part."
    captions = Counter(caption.lower() for picture in found for caption in picture.captions)
    most, count = captions.most_common(1)[0]
    if count > max(_COMMON * len(found), 2):
        yield f"{count:,} of {len(found):,} pictures have the caption {most[:60]!r}; a model may learn only that one."
    long = sum(count for caption, count in captions.items() if len(caption.split()) > _LONG)
    if long:
        yield f"{_count(long, 'caption')} with over {_LONG} words."
    if _FEWEST <= len(found) < _FEW:
        yield f"Only {_count(len(found), 'picture')}; expect {_FEW:,} or more for a useful model."


def _goods(found: CaptionedPictures) -> Iterator[str]:
    columns = ", ".join(f"{role} = {column!r}" for role, column in found.columns.items())
    parts = ", ".join(f"{part} {len(pictures):,}" for part, pictures in found.parts.items())
    yield f"{_count(len(found), 'usable picture')} ({parts}); {columns}; encoding {found.encoding}."
    each = np.array([len(picture.captions) for picture in found])
    lengths = np.array([len(caption.split()) for picture in found for caption in picture.captions])
    words = {word for picture in found for caption in picture.captions for word in caption.lower().split()}
    yield (
        f"{_count(int(each.sum()), 'caption')}, {each.min()} to {each.max()} per picture; median length "
        f"{np.median(lengths):.0f} words, 95 % have {np.percentile(lengths, 95):.0f} or fewer; {len(words):,} "
        "different words."
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + "s" * (number != 1)
