"""Columns of a user's table matched to roles."""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from shlex import quote

from rnnkit.codec.words import UNSPACED
from rnnkit.data.remembered import Remembered, remembered_in
from rnnkit.errors import RnnkitError, did_you_mean

# What else a role's column is often called, best first.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "text": ("review", "reviewtext", "sentence", "content", "body", "comment", "message", "tweet", "comment_text"),
    "label": ("sentiment", "category", "class", "target", "stars", "rating", "polarity"),
    "labels": ("label", "tags", "categories", "topics", "genres", "classes", "emotions", "category", "sentiment"),
    "token": ("tokens", "word", "words", "form", "text"),
    "tag": ("tags", "ner", "ner_tag", "ner_tags", "label", "labels", "entity", "iob", "bio"),
    "sentence": ("sentence_id", "sentence_number", "sent", "sent_id", "sentence_idx", "sentence_no"),
    "source": ("src", "source_text", "source_sentence", "input", "from"),
    "target": ("tgt", "trg", "target_text", "target_sentence", "translation", "output", "to"),
    "image": ("image_path", "filename", "file_name", "file", "path", "picture", "photo", "img"),
    "recording": (
        "file", "filename", "file_name", "path", "file_path", "audio", "audio_path", "wav", "wav_filename", "sound",
        "clip",
    ),
    "entities": ("spans", "annotations", "labels", "label"),
}  # fmt: skip

_UNSPACED = re.compile(f"[{UNSPACED}]")
_LONGEST_UNSPACED = 12  # of a name in a script without blanks between words
_KEYS: tuple[Callable[[str], str], ...] = (
    str.strip,
    lambda name: name.strip().lower(),
    lambda name: "".join(filter(str.isalnum, name.lower())),
)


def match_columns(
    header: Sequence[str],
    roles: Sequence[str],
    columns: Mapping[str, str | None] | None = None,
    name: str = "The table",
) -> dict[str, str]:
    """Find each role's column: the one the user named, else one of the same name, else a well-known synonym.

    Args:
        header: The table's column names.
        roles: What the task needs, such as ("text", "label").
        columns: Role to column, where the user said so; None or a missing role means "find it". The columns of a
            Run's training data (`Remembered`) go before those of similar names.
        name: The table's name in messages.

    Raises:
        RnnkitError: A role has no column (the near match is named), or two roles have the same one.

    Example:

    >>> match_columns(["Review", "stars"], ["text", "label"])
    {'text': 'Review', 'label': 'stars'}
    """
    given = {role: column for role, column in (columns or {}).items() if column is not None}
    for role in given:
        if role not in roles:
            raise RnnkitError(f"Unknown column role {role!r}; expected one of: {', '.join(roles)}.")
    usual = remembered_in(columns, header)
    given = {**{role: column for role, column in usual.items() if role in roles}, **given}
    found: dict[str, str] = {}
    names = _Names(header)
    for role in roles:
        wanted = (given[role],) if role in given else (role, *SYNONYMS.get(role, ()))
        column = next(filter(None, (names.find(option, strict=role in given) for option in wanted)), None)
        if column is None and (missed := missed_column(columns, role, header)):
            raise RnnkitError(_no_remembered(header, role, missed, {*found.values(), *given.values()}, name, roles))
        if column is None:
            named = {names.find(other, strict=False) for other in roles if other not in (role, *given)}
            taken = {*found.values(), *given.values(), *named}
            known = {*given, *found, *(other for other in roles if any(is_known(one, other) for one in header))}
            lacked = [role, *(other for other in roles if other not in {role, *known})]
            raise RnnkitError(_no_column(header, lacked, wanted[0], taken, name, roles))
        if header.count(column) > 1:
            raise RnnkitError(f"{name} has {header.count(column)} columns named {column!r:.60}; rename all but one.")
        if column in found.values():
            other = next(key for key, value in found.items() if value == column)
            raise RnnkitError(
                f"{name}: the column {column!r:.60} cannot be both --{other} and --{role}. It has: {shown(header)}."
            )
        found[role] = column
    tell_other_columns(columns, found, header, name)
    return found


def is_known(column: str, role: str) -> bool:
    """Whether a column has the name of its role, or one that is usual for it.

    Example:

    >>> is_known(" Review ", "text"), is_known("A fine film.", "text")
    (True, False)
    """
    return any(_Names([column]).find(name, strict=False) for name in (role, *SYNONYMS.get(role, ())))


def looks_like_data(column: str) -> bool:
    """Whether a column's name reads like a text of someone's: many words, or a sentence's end.

    Example:

    >>> looks_like_data("what they wrote"), looks_like_data("Dull and badly acted"), looks_like_data("Great!")
    (False, True, True)
    """
    long = len(column.split()) > 3 or len(column) > 40 or len(_UNSPACED.findall(column)) > _LONGEST_UNSPACED
    return long or column.strip().endswith((".", "!", "?", "…", "。", "！", "？", "।", "؟", "။", "။"))


def missed_column(columns: Mapping[str, str | None] | None, role: str, header: Sequence[str]) -> str | None:
    """The column of a Run's training data for a role, where this table lacks it; otherwise None."""
    known = columns.remembered.get(role) if isinstance(columns, Remembered) else None
    return known if known is not None and role not in remembered_in(columns, header) else None


def tell_other_columns(
    columns: Mapping[str, str | None] | None, found: Mapping[str, str], header: Sequence[str], name: str
) -> None:
    """Say, a line for each, which columns are read in place of those of a Run's training data."""
    for role, column in found.items():
        if isinstance(columns, Remembered) and (missed := missed_column(columns, role, header)):
            columns.tell(
                f"{name} has no column {missed!r:.60}, the {role} when the Run was trained; {_short(column)} is read "
                f"as --{role}."
            )


class _Names:
    """A header's columns by their names: exactly, in other letter case, and with other joints."""

    def __init__(self, header: Sequence[str]):
        self._by_key: list[dict[str, str]] = []
        for key in _KEYS:
            self._by_key.append({key(column): column for column in reversed(header)})  # the first of a name counts

    def find(self, wanted: str, strict: bool) -> str | None:
        """The column named `wanted`: exactly, else in other letter case, else (not strict) with other joints."""
        keys = zip(self._by_key, _KEYS, strict=True)
        found = (columns.get(key(wanted)) for columns, key in list(keys)[: 2 if strict else 3])
        return next((column for column in found if column is not None), None)


def _no_column(
    header: Sequence[str],
    lacked: Sequence[str],
    wanted: str,
    taken: Container[str | None],
    name: str,
    roles: Sequence[str],
) -> str:
    free = [column for column in header if column not in taken and column.strip()]
    near = did_you_mean(wanted, free)
    best = next((column for column in free if repr(column) in near), free[0] if len(free) == 1 else "")
    flags = " and ".join(f"--{role}" for role in lacked) + (", each" if len(lacked) > 1 else "")
    use = f"Use {flags} with one of them." if free else "Add that column."
    use = _use(lacked[0], best) if best else use
    return f"{name} has no column {wanted!r:.60}. It has: {shown(header)}. {or_by_number(use, header, roles)}"


def or_by_number(use: str, header: Sequence[str], roles: Sequence[str]) -> str:
    """What to do about a missing column, with the numbers to give where the first line may be a row.

    Example:

    >>> or_by_number("Use --text body.", ["bad", "A dull film."], ["text", "label"])
    'If that line is a row, give the columns by number: --text 2 --label 1. If it names them: Use --text body.'
    """
    fits = len(header) >= len(roles) if len(roles) > 1 else len(header) > 1
    if not fits or not any(map(may_be_data, header)):  # a question of a survey looks so too
        return use
    such = ", such as" if len(header) > len(roles) else ":"
    return (
        f"If that line is a row, give the columns by number{such} {by_number(header, roles)}. If it names them: {use}"
    )


def may_be_data(column: str) -> bool:
    """Whether a column's name may be a row's text or labels: with blanks, or with a sign between labels.

    Example:

    >>> may_be_data("pos;neg"), may_be_data("opinion")
    (True, False)
    """
    return looks_like_data(column) or bool(re.search(r"\w[\s;|]+\w", column))


def by_number(header: Sequence[str], roles: Sequence[str]) -> str:
    """Flags for a table without a header: of its first line the longest is the text, and the shortest the label.

    Example:

    >>> by_number(["2", "A title", "A text about it"], ["text", "label"])
    '--text 3 --label 1'
    """
    places = list(range(len(header)))
    if "text" in roles:
        longest = max(places, key=lambda place: len(header[place]))
        places = [longest, *sorted(set(places) - {longest}, key=lambda place: len(header[place]))]
    return " ".join(f"--{role} {place + 1}" for role, place in zip(roles, places, strict=False))


def _no_remembered(
    header: Sequence[str], role: str, missed: str, taken: Container[str], name: str, roles: Sequence[str]
) -> str:
    free = [column for column in header if column not in taken and column.strip()]
    near = did_you_mean(missed, free)
    best = next((column for column in free if repr(column) in near), free[0] if len(free) == 1 else "")
    use = _use(role, best) if best else f"Name the column with --{role}."
    return (
        f"{name} has no column {missed!r:.60}, which was the {role} when the Run was trained. It has: {shown(header)}. "
        f"{or_by_number(use, header, roles)}"
    )


def shown(header: Sequence[str]) -> str:
    """A table's columns on a line, the first 12 of them."""
    more = f", ... ({len(header)} in all)" if len(header) > 12 else ""
    return ", ".join(map(_short, header[:12])) + more


def _short(column: str) -> str:
    column = " ".join(column.split())
    column = column if len(column) <= 40 else column[:37] + "..."
    return f'"{column}"' if " " in column or not column else column


def _use(role: str, column: str) -> str:
    """What to give for a role, as it can be typed; a name that cannot be shown whole is not given."""
    if column != " ".join(column.split()) or len(column) > 40:
        return f"Name the column with --{role}."
    return f"Use --{role} {column if column.isidentifier() else quote(column)}."
