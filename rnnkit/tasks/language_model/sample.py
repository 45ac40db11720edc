"""The text of the pipeline: Shakespeare, the offline sample, or a file of your own, as long strings."""

import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rnnkit.data.samples import first_available, is_named_file
from rnnkit.data.tables import Table
from rnnkit.data.textfile import check_file, find_encoding
from rnnkit.data.tfds import find_set
from rnnkit.data.unpacked import MOST_HELD, open_bytes
from rnnkit.errors import RnnkitError

CHOICES = ("auto", "tfds", "sample")
SHAKESPEARE = "tiny_shakespeare"
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
_TRAIN = 0.9  # of all text; the rest is the test part
_VALIDATION = 0.05  # of all text, by default: the beginning
_LEAST = 100  # characters
_SAMPLE_SIZE = 2_000_000  # characters


@dataclass(frozen=True)
class LongText:
    """A text in three parts: validation, train and test, joined in this order, are the whole text."""

    name: str
    train: str
    validation: str
    test: str

    @property
    def whole(self) -> str:
        """The whole text."""
        return self.validation + self.train + self.test


def text_data(
    choice: str = "auto",
    data_dir: str | None = None,
    say: Callable[[str], None] = print,
    column: str | None = None,
    encoding: str | None = None,
) -> LongText:
    """A long text in parts: the first 5 % for validation, then 85 % for training, the last 10 % for testing.

    The validation and training parts together are the first 90 % of the characters, nanoGPT's training part; the test
    part is its validation part. As there, the test text directly follows the training text: in the middle of a play
    whose characters have already been named.

    Args:
        choice: "tfds" (Shakespeare), "sample" (Python's standard library), "auto" (the first, or with a message the
            second where it is unavailable), or the name of a text file or a table.
        data_dir: The TFDS data folder; by default TFDS_DATA_DIR.
        say: Called with progress messages.
        column: The column of a table, by default "text" or a similar name; rows are joined by line ends.
        encoding: The file's encoding; detected by default.

    Raises:
        RnnkitError: The data are unavailable or too short, or a column is given for anything but a table.

    Reference: Karpathy, nanoGPT (https://github.com/karpathy/nanoGPT), data/shakespeare_char/prepare.py.
    """
    named = is_named_file(choice, CHOICES)
    table = named and any(suffix.lower() in _TABLES for suffix in Path(choice).suffixes[-2:])
    if column is not None and not table:
        raise RnnkitError(
            f"The column {column!r} is that of a table; give a .csv, .tsv or .jsonl file, or leave it out."
        )
    if table:
        rows = Table(choice, {"text": column}, ("text",), encoding)
        return split_text("\n".join(text for (text,) in rows), rows.name)
    if named:
        return split_text(read_text(Path(choice), encoding), Path(choice).name)
    loaders: dict[str, Callable[[], LongText]] = {
        "tfds": lambda: load_tiny_shakespeare(data_dir, say),
        "sample": lambda: split_text(load_text_sample(), "Python's standard library (offline sample)"),
    }
    return first_available(loaders, say)[1] if choice == "auto" else loaders[choice]()


def split_text(text: str, name: str, validation: float = _VALIDATION) -> LongText:
    """Split off the first 5 % of the characters for validation, the next 85 % for training, the last 10 % for testing.

    Args:
        text: The whole text.
        name: Its name in messages.
        validation: Another share for validation, at the cost of training.

    Raises:
        RnnkitError: It is too short.

    Example:

    >>> parts = split_text("To be, or not to be. " * 10, "Hamlet")
    >>> len(parts.train), len(parts.validation), len(parts.test)
    (179, 10, 21)
    """
    if len(text) < _LEAST:
        raise RnnkitError(f"{name} has {len(text)} characters; expected {_LEAST} or more to train and test on.")
    known = int(len(text) * _TRAIN)
    chosen_by = round(len(text) * validation)
    return LongText(name, text[chosen_by:known], text[:chosen_by], text[known:])


def load_tiny_shakespeare(data_dir: str | None = None, say: Callable[[str], None] = print) -> LongText:
    """1,115,394 characters of Shakespeare's plays, split as in `text_data`.

    TFDS splits the text into 90, 5 and 5 %; joined they are the whole text, which is split again.

    Args:
        data_dir: As for `rnnkit.data.tfds.load_imdb`.
        say: Called with a message before a download.

    Raises:
        RnnkitError: The data set is unavailable.

    Reference: Karpathy, "The Unreasonable Effectiveness of Recurrent Neural Networks", 2015.
    """
    prepared = find_set(SHAKESPEARE, "1 MB", data_dir, say=say)
    import tensorflow_datasets as tfds

    builder = tfds.builder_from_directory(str(prepared))
    whole = ""
    for split in ("train", "validation", "test"):
        for example in builder.as_dataset(split=split, shuffle_files=False).as_numpy_iterator():
            whole += example["text"].decode("utf-8")
    return split_text(whole, "tiny_shakespeare")


def load_text_sample() -> str:
    """The source of the running Python's own standard library: two million characters, the modules by name.

    Top-level modules are taken by name until there are enough, without tests and installed packages;
    other versions of Python give a slightly different text.

    Raises:
        RnnkitError: This Python has no source files, for example because they are packed or omitted.
    """
    folder = Path(sysconfig.get_paths()["stdlib"])
    pieces: list[str] = []
    size = 0
    for path in sorted(folder.glob("*.py")):
        if size >= _SAMPLE_SIZE:
            break
        try:
            pieces.append(path.read_text(encoding="utf-8").replace("\r\n", "\n"))
        except (OSError, UnicodeDecodeError):
            continue
        size += len(pieces[-1])
    if size < _LEAST:
        raise RnnkitError(
            f"This Python has no source of its standard library in {folder}; use a text file of your own."
        )
    return "".join(pieces)[:_SAMPLE_SIZE]


def read_text(path: Path, encoding: str | None = None) -> str:
    """Read a text file as one string, with line ends as `\\n`.

    Args:
        path: The file; may be gzipped.
        encoding: Its encoding; detected by default.

    Raises:
        RnnkitError: It cannot be read as text.
    """
    check_file(path, "text", ".txt", MOST_HELD, any_text=True)
    found = find_encoding(path, encoding, whole=True)
    with open_bytes(path, MOST_HELD) as file:
        return file.read().decode(found).replace("\r\n", "\n").replace("\r", "\n")
