"""Files of a folder matched to parts of the data by name."""

import re
from pathlib import Path

from rnnkit.data.foreign import refuse_foreign_folder
from rnnkit.errors import RnnkitError

#: The words of a file's name that tell its part, as in train.txt, eng.testa and my-dev.conll.
PARTS = {
    "train": {"train", "training"},
    "validation": {"dev", "valid", "validation", "val", "testa"},
    "test": {"test", "testb"},
}
#: The endings of files that are looked at, also before .gz.
_ENDINGS = {"", ".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet", ".txt"}
_ENDINGS |= {".conll", ".ner", ".iob", ".iob2", ".bio", ".bioes"}
_ENDINGS |= {f".{word}" for words in PARTS.values() for word in words}


def part_files(folder: Path) -> dict[str, Path]:
    """The file of each part: "train", and "validation" and "test" if present.

    Raises:
        RnnkitError: No file is for training, or two are for the same part, or another program saved the folder.

    Example:

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("eng.train", "eng.testa", "eng.testb", "README.md"):
    ...     (folder / name).touch()
    >>> {part: path.name for part, path in part_files(folder).items()}
    {'validation': 'eng.testa', 'test': 'eng.testb', 'train': 'eng.train'}
    """
    refuse_foreign_folder(folder)
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        ending = path.with_suffix("").suffix if path.suffix.lower() == ".gz" else path.suffix
        words = set(re.split(r"[^a-z0-9]", path.name.lower()))
        parts = [part for part, names in PARTS.items() if words & names]
        if len(parts) != 1 or path.name.startswith(".") or ending.lower() not in _ENDINGS or not path.is_file():
            continue
        if parts[0] in found:
            both = f"{found[parts[0]].name} and {path.name}"
            raise RnnkitError(f"{folder} has two files for {parts[0]}, {both}; leave one there.")
        found[parts[0]] = path
    if "train" not in found:
        others = ", ".join(sorted(path.name for path in folder.iterdir())[:5]) or "no file"
        raise RnnkitError(
            f"{folder} has no training file; expected train.txt and perhaps dev.txt and test.txt. It has {others}."
        )
    return found
