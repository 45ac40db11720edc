"""The languages of a parallel text's files, from their names: train.en beside train.de, or en.train.txt."""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from rnnkit.data.file_names import neighbours
from rnnkit.data.part_files import PARTS
from rnnkit.errors import RnnkitError

#: The two-letter codes of ISO 639-1. Others, such as pt_br or ast, are recognised in names when the user gives them.
CODES = frozenset(
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv "
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne "
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st "
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu".split()
)
#: The suffixes of tables, whose rows hold both sides.
TABLES = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet"})
_TEXTS = {"", ".txt", ".text", ".tok", ".raw", ".clean"}
_TEXTS |= {f".{word}" for words in PARTS.values() for word in words}
Pair = tuple[Path, Path]


def choose_languages(
    there: Sequence[str], columns: Mapping[str, str | None] | None, where: str, usual: tuple[str, str] | None = None
) -> tuple[str, str]:
    """Choose the source and target languages: those the user names; of two unnamed ones English is the source.

    Args:
        there: The available languages.
        columns: The languages given for "source" and "target".
        where: The name of the place in messages.
        usual: The default pair where none is named and there are more than two.

    Raises:
        RnnkitError: A named language is not available, or too few are named.

    Example:

    >>> choose_languages(["de", "en"], {}, "corpus"), choose_languages(["de", "fr"], {"target": "de"}, "corpus")
    (('en', 'de'), ('fr', 'de'))
    """
    by_fold = {language.lower(): language for language in there}
    given: dict[str, str] = {}
    for role in ("source", "target"):
        language = (columns or {}).get(role)
        if language is None:
            continue
        if language.lower() not in by_fold:
            raise RnnkitError(f"{where} has no language {language!r} for --{role}; it has: {', '.join(there)}.")
        given[role] = by_fold[language.lower()]
    rest = [language for language in there if language not in given.values()]
    if len(given) == 2:
        source, target = given["source"], given["target"]
        if source == target:
            raise RnnkitError(f"--source and --target are both {source!r}; name two of: {', '.join(there)}.")
        return source, target
    if len(rest) == 1 and given:
        return given.get("source", rest[0]), given.get("target", rest[0])
    if not given and len(rest) == 2 and "en" in by_fold:
        return by_fold["en"], next(language for language in rest if language.lower() != "en")
    if not given and usual and set(usual) <= set(by_fold):
        return by_fold[usual[0]], by_fold[usual[1]]
    ask = "name two with --source and --target" if len(there) > 1 else "expected two"
    raise RnnkitError(f"{where} has the language{'s' * (len(there) > 1)} {', '.join(there)}; {ask}.")


def language_files(
    folder: Path, columns: Mapping[str, str | None] | None = None, usual: tuple[str, str] | None = None
) -> tuple[dict[str, Pair], tuple[str, str]] | None:
    """The two files of each part of a folder ("train" first) and their languages; None where names contain no language.

    Args:
        folder: A folder with files such as en.train.txt and de.train.txt, or train.en and train.de.
        columns: As for `choose_languages`.
        usual: As for `choose_languages`.

    Raises:
        RnnkitError: A side is missing, two files claim the same place, or the languages are ambiguous.

    Example:

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("en.train.txt", "fr.train.txt", "en.val.txt", "fr.val.txt"):
    ...     (folder / name).touch()
    >>> files, languages = language_files(folder)
    >>> languages, {part: [path.name for path in pair] for part, pair in files.items()}
    (('en', 'fr'), {'train': ['en.train.txt', 'fr.train.txt'], 'validation': ['en.val.txt', 'fr.val.txt']})
    """
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.iterdir()):
        words = set(re.split(r"[^a-z0-9]", path.name.lower()))
        parts = [part for part, names in PARTS.items() if words & names]
        places = _places(path.name, columns)
        if len(parts) != 1 or not places or path.name.startswith(".") or not _is_text(path, columns):
            continue
        there = found.setdefault(parts[0], {})
        language = places[0].group().lower()
        if language in there:
            both = f"{there[language].name} and {path.name}"
            raise RnnkitError(f"{folder} has two files for {parts[0]} in {language!r}, {both}; leave one there.")
        there[language] = path
    if "train" not in found:
        return None
    languages = choose_languages(list(found["train"]), columns, str(folder), usual)
    pairs: dict[str, Pair] = {}
    for part in (name for name in PARTS if name in found):
        sides = [found[part].get(language) for language in languages]
        if sides[0] and sides[1]:
            pairs[part] = (sides[0], sides[1])
        elif sides[0] or sides[1]:
            lone, lacking = (sides[0], languages[1]) if sides[0] else (sides[1], languages[0])
            raise RnnkitError(
                f"{folder} has {lone.name if lone else ''}, but no file for {part} in {lacking!r}; add it, or "
                "remove the lone one."
            )
    return pairs, languages


def other_side(
    path: Path, columns: Mapping[str, str | None] | None = None, usual: tuple[str, str] | None = None
) -> tuple[Pair, tuple[str, str]] | None:
    """Both files of a parallel text and their languages, where `path` is one of them; None where it is not.

    Args:
        path: A file such as corpus.en or en.train.txt.gz.
        columns: As for `choose_languages`.
        usual: As for `choose_languages`.

    Raises:
        RnnkitError: The other side is missing, or the languages are ambiguous.
    """
    named = {language.lower() for language in (columns or {}).values() if language}
    names = neighbours(path)
    for place in _places(path.name, columns):
        before, own, after = path.name[: place.start()], place.group(), path.name[place.end() :]
        sides = {
            name[len(before) : len(name) - len(after)]: path.with_name(name)
            for name in names
            if len(name) > len(before + after) and name.startswith(before) and name.endswith(after)
        }
        sides = {language: side for language, side in sides.items() if language.lower() in CODES | named}
        if len(sides) < 2 and own.lower() not in named:
            continue
        missing = sorted(named - {language.lower() for language in sides})
        if missing:
            raise RnnkitError(f"There is no {before}{missing[0]}{after} beside {path.name}, for its other side.")
        languages = choose_languages(sorted(sides), columns, str(path.with_name(f"{before}*{after}")), usual)
        if own not in languages:
            raise RnnkitError(f"{path.name} is neither --source {languages[0]} nor --target {languages[1]}.")
        return (sides[languages[0]], sides[languages[1]]), languages
    return None


def _places(name: str, columns: Mapping[str, str | None] | None) -> list[re.Match[str]]:
    """The places of a language in a name, the last first: the one that distinguishes the sides of train.en-de.en."""
    known: Collection[str] = {language.lower() for language in (columns or {}).values() if language} | CODES
    longest_first = "|".join(re.escape(language) for language in sorted(known, key=len, reverse=True))
    return list(re.finditer(rf"(?<![a-z0-9])(?:{longest_first})(?![a-z0-9])", name, re.IGNORECASE))[::-1]


def _is_text(path: Path, columns: Mapping[str, str | None] | None) -> bool:
    ending = (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()
    named = {f".{language.lower()}" for language in (columns or {}).values() if language}
    return path.is_file() and (ending in _TEXTS | named or ending[1:] in CODES)
