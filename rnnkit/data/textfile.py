"""Text files of unknown origin: existence, kind and encoding."""

import codecs
import io
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple
from unicodedata import category

import numpy as np

from rnnkit.data.file_names import require_there
from rnnkit.data.foreign import refuse_foreign, refuse_foreign_folder
from rnnkit.data.known_files import known
from rnnkit.data.unpacked import LONGEST_LINE, MOST_BYTES, open_bytes
from rnnkit.errors import RnnkitError

_BLOCK = 2**20
_HEAD = 2**12  # bytes by which kind and encoding are told
_MARK = "\ufeff"
_RARELY = 200  # characters of a text, of which one at most may be unknown
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT = (
    (b"PK\x03\x04", "an Excel or zip file"),
    (b"PAR1", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"%PDF-", "a PDF"),
    (b"{\\rtf", "an RTF document"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"\x1f\x8b", "a gzip file, packed twice"),
    (b"BZh91AY&", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file"),
    (b"Rar!\x1a", "a RAR file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"SQLite f", "an SQLite database"),
)
_PACKED = (".zip", ".bz2", ".xz", ".7z", ".rar")
_NOT_READ = (".xlsx", ".xls", ".ods", ".parquet", ".feather", ".pkl", ".h5", ".sqlite")


class _Fault(NamedTuple):
    line: int
    byte: int


def check_file(
    path: Path,
    expected: str = "a header line and rows",
    formats: str = ".csv, .tsv or .jsonl",
    most: int = MOST_BYTES,
    any_text: bool = False,
) -> None:
    """Raise `RnnkitError` when `path` is no file that could hold what is expected, suggesting similar names.

    Args:
        path: A file's name.
        expected: What is in such a file.
        formats: How such files are named.
        most: Bytes it may have; see `rnnkit.data.unpacked.open_bytes`.
        any_text: It is read as running text, of whatever kind.
    """
    advice = f"Save it as {formats} (may be .gz)."
    if os.path.isdir(path):
        refuse_foreign_folder(path)
        tables = sorted(entry.name for entry in path.iterdir() if entry.suffix in (".csv", ".tsv", ".jsonl"))
        inside = f" It holds: {', '.join(tables[:5])}." if tables else ""
        raise RnnkitError(f"{path} is a folder; expected a {formats} file.{inside}")
    require_there(path)
    if not os.path.isfile(path):
        raise RnnkitError(f"{path} is no ordinary file, and it must be read more than once. Save it to disk first.")
    if path.suffix.lower() in (*_PACKED, *_NOT_READ):
        packed = path.suffix.lower() in _PACKED
        mend = f"Unpack it, and give the {formats} file in it." if packed else advice
        raise RnnkitError(f"{path.name}: {path.suffix} files are not read. {mend}")
    with open_bytes(path, most) as file:
        head = file.read(_HEAD)
    if kind := next((kind for magic, kind in _NOT_TEXT if head.startswith(magic)), ""):
        raise RnnkitError(f"{path.name} is {kind}, not text. {advice}")
    if not head:
        raise RnnkitError(f"{path.name} is empty; expected {expected}.")
    refuse_foreign(path, head, any_text)


def find_encoding(path: Path, encoding: str | None = None, whole: bool = False) -> str:
    """The encoding that decodes the whole file, found in one cheap pass that keeps nothing.

    UTF-8 (with or without a byte order mark) and UTF-16/32 are recognised for certain; then Windows-1252, the usual
    export of spreadsheets, is taken where the bytes look like Western text. Nothing is ever decoded with loss.

    Args:
        path: A file that passed `check_file`.
        encoding: Use this one instead of looking.
        whole: A line may have any length, since the file is read as one text.

    Raises:
        RnnkitError: No encoding fits, or the given one does not; names the line and the byte. Or a line is too long.
    """
    found = partial(_find_encoding, path, encoding, whole)
    return known(path, "encoding" if encoding is None else f"encoding {encoding}", found)


def _find_encoding(path: Path, encoding: str | None, whole: bool) -> str:
    with open_bytes(path) as file:
        head = file.read(_HEAD)
    if encoding is not None:
        encoding = _known_encoding(encoding, head)
        fault = _first_fault(path, encoding, whole)
        if fault:
            raise RnnkitError(
                f"{path.name} is not {encoding}: line {fault.line} has the byte 0x{fault.byte:02x}. "
                "Give another encoding, or none to have it found."
            )
        return encoding
    guess = next((name for mark, name in _BOMS if head.startswith(mark)), None) or _wide_without_mark(head) or "utf-8"
    fault = _first_fault(path, guess, whole)
    if fault is None:
        return guess
    if guess == "utf-8" and _looks_western(path):
        return "cp1252"
    raise RnnkitError(
        f"{path.name} is not {guess.removesuffix('-sig').upper()}: line {fault.line} has the byte 0x{fault.byte:02x}, "
        "and no other encoding fits. Mend that line, save it as UTF-8, or give its encoding, such as "
        "--encoding cp1251 or shift_jis."
    )


def text_lines(path: Path, encoding: str) -> Iterator[str]:
    """The lines of `path`, their ends kept as they are, one in memory at a time.

    A byte order mark at the beginning of a line, as where files were joined, is none of the text.

    Raises:
        RnnkitError: A line is longer than `LONGEST_LINE`.
    """
    with open_bytes(path) as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        number = 0
        while line := text.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise line_too_long(path, number)
            yield line.lstrip(_MARK) if line[0] == _MARK else line


def line_too_long(path: Path, number: int) -> RnnkitError:
    """The error for an implausibly long line."""
    return RnnkitError(f"{path.name} line {number} has over {LONGEST_LINE:,} characters; is it a text of lines?")


def _known_encoding(encoding: str, head: bytes) -> str:
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    except (LookupError, ValueError):  # a name with a NUL, or with signs that no name has
        raise RnnkitError(f"Unknown encoding {encoding!r}; expected a name such as utf-8, utf-16, cp1252.") from None
    same = codecs.lookup(encoding).name == "utf-8" and head.startswith(codecs.BOM_UTF8)
    return "utf-8-sig" if same else encoding


def _first_fault(path: Path, encoding: str, whole: bool) -> _Fault | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = unended = 0  # of the last line
    with open_bytes(path) as file:
        while True:
            block = file.read(_BLOCK)
            ends = max(block.rfind(b"\n"), block.rfind(b"\r") if b"\n" not in block else -1)
            unended = len(block) - ends - 1 + (unended if ends < 0 else 0)
            if unended > 4 * LONGEST_LINE and not whole:  # 4 bytes a character at most
                raise line_too_long(path, lines + 1)
            try:
                lines += decoder.decode(block, final=not block).count("\n")
            except UnicodeDecodeError as error:
                before = error.object[: error.start].decode(encoding, "ignore").count("\n")
                return _Fault(lines + before + 1, error.object[error.start])
            except UnicodeError:  # such as UTF-16 without its mark
                return _Fault(lines + 1, block[0] if block else 0)
            if not block:
                return None


def _wide_without_mark(head: bytes) -> str | None:
    """UTF-32 of any script has a zero in every fourth byte and most of the third, UTF-16 in one byte of each line end,
    blank and ASCII sign, and Western text in every other byte."""
    bytes_of_four = np.frombuffer(head[: len(head) // 4 * 4], dtype=np.uint8).reshape(-1, 4)
    first, second, third, fourth = (bytes_of_four == 0).mean(axis=0) if len(bytes_of_four) else (0.0,) * 4
    if fourth == 1 and third > 0.9 and first < 0.1:
        return "utf-32-le"
    if first == 1 and second > 0.9 and fourth < 0.1:
        return "utf-32-be"
    zeros = np.frombuffer(head[: len(head) // 2 * 2], dtype=np.uint8).reshape(-1, 2) == 0
    even, odd = zeros.mean(axis=0) if len(zeros) else (0.0, 0.0)
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    if even > 0.4 and odd < 0.1:
        return "utf-16-be"
    signs = {name: _ascii_signs(head, name) for name in ("utf-16-le", "utf-16-be") if b"\0" in head}
    best = max(signs, key=lambda name: signs[name], default=None)
    return best if best is not None and signs[best] else None


def _ascii_signs(head: bytes, encoding: str) -> int:
    """How many ASCII signs a text of lines has in UTF-16; 0 where it reads as none, with what is no character."""
    text = head[: len(head) // 2 * 2].decode(encoding, "ignore")
    odd = sum(category(sign) in ("Cc", "Cn") and sign not in "\t\r\n" for sign in text)
    return sum(sign <= "~" for sign in text) if "\n" in text and odd * _RARELY <= len(text) else 0


def _looks_western(path: Path) -> bool:
    """Whether Windows-1252 is plausible: a few accented letters among plain ones, and no damaged UTF-8."""
    counts = np.zeros(256, dtype=np.int64)
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    whole = broken = 0
    with open_bytes(path) as file:
        while block := file.read(_BLOCK):
            counts += np.bincount(np.frombuffer(block, dtype=np.uint8), minlength=256)
            text = decoder.decode(block)
            faults = text.count("\ufffd")
            broken += faults
            whole += len(text) - len(text.encode("ascii", "ignore")) - faults
    undefined = counts[[0x81, 0x8D, 0x8F, 0x90, 0x9D]].sum() + counts[1:9].sum() + counts[14:32].sum()
    plain, high = counts[65:91].sum() + counts[97:123].sum(), counts[128:].sum()
    return bool(undefined == 0 and whole <= broken / 4 and high <= plain / 3)
