"""What was found out about large files, so that a second start need not read them whole to know it again."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from rnnkit.data.samples import cache_folder
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import open_regular, read_json
from rnnkit.files.writing import write_text

#: Bytes from which on data count as large, and a file is known again: large data may be many small files.
LARGE, KNOWN = 2**26, 2**21
_SAMPLES, _SAMPLE, _BLOCK = 64, 2**14, 2**22


def known(path: Path, what: str, find: Callable[[], str]) -> str:
    """What is known of a file, or is found out now and remembered; of a small one it is found out each time.

    A file is the same one while its place, size, time of change, and bytes at 64 places are.

    Args:
        path: The file.
        what: A short name, such as "encoding".
        find: Finds it out.

    Raises:
        RnnkitError: As `find`, or the file cannot be read.
    """
    if (size := os.stat(path).st_size) < KNOWN:
        return find()
    kept = cache_folder() / "files" / f"{_identity(path, size)}.json"
    try:
        content = read_json(kept) if kept.is_file() else {}
    except RnnkitError:
        content = {}
    content = content if isinstance(content, dict) else {}
    if isinstance(content.get(what), str):
        return str(content[what])
    found = find()
    with suppress(OSError, RnnkitError):  # it is found out again the next time
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_text(kept, json.dumps({**content, what: found}))
    return found


def content_digest(path: Path) -> str:
    """A hash of a file's bytes, hexadecimal."""

    def find() -> str:
        digest = blake2b(digest_size=16)
        with open_regular(path) as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()

    return known(path, "content", find)


def _identity(path: Path, size: int) -> str:
    digest = blake2b(f"{os.path.realpath(path)} {size} {os.stat(path).st_mtime_ns}".encode(), digest_size=16)
    with open_regular(path) as file:
        for place in range(_SAMPLES):
            file.seek((size - _SAMPLE) * place // (_SAMPLES - 1))
            digest.update(file.read(_SAMPLE))
    return digest.hexdigest()
