"""How a Run's training data were read: the defaults for reading more of them."""

from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from rnnkit.codec.tag_schemes import SCHEMES
from rnnkit.data.textfile import find_encoding
from rnnkit.errors import RnnkitError, one_line

#: Characters of a value that a Run's file may name; and columns.
LONGEST, _MOST = 1_000, 100
#: Encodings that are recognised by their bytes.
CERTAIN = ("utf-8", "utf-8-sig", "utf-16", "utf-32")


class Remembered(dict[str, str | None]):
    """Columns by role, as the user gives them now, with those of a Run's training data as defaults.

    Args:
        given: Role to column; None or a missing role means "as in training".
        reading: What `reading_of` gave for the training data.
        tell: Called with a line where a file is read in another way than the training data.

    Attributes:
        remembered: Role to column of the training data, without the given roles.
        delimiter: That of the training data, or None.
        scheme: The tag scheme of the training data, or None.
    """

    def __init__(
        self,
        given: Mapping[str, str | None] | None,
        reading: Mapping[str, Any],
        tell: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(given or {})
        known = reading.get("columns", {})
        self.remembered: dict[str, str] = {role: known[role] for role in known if self.get(role) is None}
        self.delimiter: str | None = reading.get("delimiter")
        self.scheme: str | None = reading.get("scheme")
        self._tell, self._told = tell or default_tell, set[str]()

    def tell(self, line: str) -> None:
        """Say a line, once."""
        if line not in self._told:
            self._told.add(line)
            self._tell(line)


def default_tell(line: str) -> None:
    """Print one line on standard error."""
    from rnnkit.wrapping import console_of, print_wrapped

    print_wrapped(console_of(stderr=True), one_line(line))


def remembered_in(columns: Mapping[str, str | None] | None, header: Iterable[str]) -> dict[str, str]:
    """The remembered columns that a table has, by role; its spelling counts, whatever the letter case.

    Example:

    >>> remembered_in(Remembered({}, {"columns": {"text": "Opinion", "label": "stars"}}), ["opinion", "note"])
    {'text': 'opinion'}
    """
    names = list(header)
    low = {name.strip().lower(): name for name in reversed(names)}
    wanted = columns.remembered.items() if isinstance(columns, Remembered) else ()
    found = {role: name if name in names else low.get(name.strip().lower()) for role, name in wanted}
    return {role: name for role, name in found.items() if name is not None}


def reading_of(source: Any) -> dict[str, Any]:
    """How an opened source was read: its `reading`, without what is unknown.

    Returns:
        "columns" (role to column), "encoding", "delimiter" and "scheme", as far as the source has them.
    """
    found = getattr(source, "reading", None) or {}
    return {name: value for name, value in found.items() if value}


def checked_reading(content: Any, where: str) -> dict[str, Any]:
    """The entry `reading` of a Run's `config.json`, which may come from anyone.

    Raises:
        RnnkitError: It is not what `reading_of` gives.
    """
    if content is None:
        return {}
    content = content if isinstance(content, dict) else {"": ""}
    columns = content.get("columns", {})
    texts = [content.get(name) for name in ("encoding", "delimiter", "scheme") if name in content]
    if isinstance(columns, dict):
        texts += [*columns, *columns.values()]
    fits = all(isinstance(text, str) and 0 < len(text) <= LONGEST for text in texts)
    known = content.get("scheme", "iob2") in SCHEMES if fits else False
    single = len(content.get("delimiter", ",")) == 1 if fits else False
    if not (isinstance(columns, dict) and len(columns) <= _MOST and fits and known and single and "" not in content):
        raise RnnkitError(
            f"{where}: 'reading' should have columns by role, and an encoding, a delimiter and a tag scheme where they "
            "are known. The Run is broken; train or copy it again."
        )
    return {name: content[name] for name in ("columns", "encoding", "delimiter", "scheme") if content.get(name)}


def remembered_encoding(source: Any, encoding: str | None, reading: Mapping[str, Any]) -> str | None:
    """The encoding to read a file with: the given one, else that of the training data where the file's bytes allow it.

    UTF-8, 16 and 32 are recognised by the bytes, so a file in one of these is never read as another.

    Args:
        source: Any source; only a file's name matters.
        encoding: The given encoding, or None.
        reading: What `reading_of` gave for the training data.

    Returns:
        An encoding, or None for "find out".

    Raises:
        RnnkitError: Of several files, some are in that encoding and others are not.
    """
    usual = reading.get("encoding")
    if encoding is not None or usual in (None, *CERTAIN) or not isinstance(source, str | PathLike):
        return encoding
    from rnnkit.data.shards import shard_files

    found = {path: _as_before(path, str(usual)) for path in shard_files(source) or [Path(source)] if path.is_file()}
    if len(set(found.values())) > 1:
        other = next(path for path, each in found.items() if each is None)
        raise RnnkitError(
            f"{source}: some of its files are {usual}, as the training data were, and {other.name} is not. Save all as "
            "UTF-8, or give the files one at a time."
        )
    return next(iter(found.values()), None)


def _as_before(path: Path, usual: str) -> str | None:
    """The encoding of the training data, where a file's bytes allow it and do not say another; or None."""
    try:
        if find_encoding(path) in CERTAIN and not _only_ascii(path):
            return None
    except RnnkitError:  # no encoding fits by itself
        pass
    try:
        return find_encoding(path, usual)
    except RnnkitError:
        return None


def _only_ascii(path: Path) -> bool:
    try:
        find_encoding(path, "ascii")
    except RnnkitError:
        return False
    return True
