"""Tagged text that is neither columns nor a table, by name, with the command that makes columns or rows of it."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from rnnkit.data.foreign import command_of
from rnnkit.errors import RnnkitError

_LINES = 200  # by which a file is told
_STANDOFF = re.compile(r"(?:[TREAMN]\d+|[#*]\d*)\t\S.*")
_MARKED = re.compile(r"<([A-Za-z][\w-]*)>[^<>]+</\1>")
_JOINED = re.compile(r"\S+([/_])[A-Za-z.,:$'`-]{1,20}")


def refuse_foreign_tags(path: Path, lines: Sequence[str]) -> None:
    """Refuse brat's places, tags behind their words on one line, and tags around words.

    Args:
        path: The file.
        lines: Its first lines.

    Raises:
        RnnkitError: It is of such a kind.

    Example:

    >>> refuse_foreign_tags(Path("a.conll"), ["Rome B-LOC", "fell O"])
    """
    rows = [line.strip() for line in lines if line.strip()][:_LINES]
    if path.suffix.lower() == ".ann" or (rows and all(map(_STANDOFF.fullmatch, rows))):
        raise RnnkitError(f"{path.name} has brat's places in another file's text. {_from_brat(path)}")
    if sign := _joined_by(rows):
        command = rf"sed -E 's#(\S+){sign}(\S+) *#\1\t\2\n#g' {shlex.quote(str(path))}"
        made = shlex.quote(str(path.with_suffix(".conll")))
        raise RnnkitError(
            f"{path.name} has each tag behind its word, such as {rows[0].split()[0]:.60}; expected a word and its tag "
            f"a line. Write it so: {command} > {made}"
        )
    if any(map(_MARKED.search, rows)) and len({len(row.split()) for row in rows}) > 1:
        raise RnnkitError(
            f"{path.name} has names between tags, such as {next(filter(None, map(_MARKED.search, rows)))[0]:.60}. "
            'Write it as JSONL, a line such as {"text": "Ada sang.", "entities": [[0, 3, "PER"]]} for each sentence.'
        )


def _joined_by(rows: Sequence[str]) -> str:
    """What joins words and tags where lines have several of these, all so; "" elsewhere."""
    parts = [part for row in rows for part in row.split(" ")]
    signs = {match[1] for part in parts if (match := _JOINED.fullmatch(part))}
    several = any(" " in row for row in rows) and not any("\t" in row for row in rows)
    return signs.pop() if several and len(signs) == 1 and all(map(_JOINED.fullmatch, parts)) else ""


def _from_brat(path: Path) -> str:
    text, made = str(path.with_suffix(".txt")), shlex.quote(str(path.with_suffix(".jsonl")))
    code = (
        f"import json; rows = [line.split() for line in open({str(path)!r}, encoding='utf-8') if line[0] == 'T']; "
        f"print(json.dumps(dict(text=open({text!r}, encoding='utf-8', newline='').read(), "
        "entities=[[int(row[2]), int(row[3]), row[1]] for row in rows if ';' not in row[3]])))"
    )
    return f"Write both as JSONL: {command_of(code)} > {made}"
