"""Two text files that are translations line by line, as a source of rows."""

import io
import os
from collections.abc import Iterator
from itertools import zip_longest
from os import PathLike
from pathlib import Path

from rnnkit.data.delimited import Oddities
from rnnkit.data.textfile import check_file, find_encoding, line_too_long
from rnnkit.data.unpacked import LONGEST_LINE, open_bytes
from rnnkit.errors import RnnkitError

ROLES = ("source", "target")


class ParallelFiles:
    """Rows (line of the first file, the same line of the second), streamed.

    Both files are read once when they are opened, to detect the encodings and to count lines; trailing blank lines do
    not count. A line ends with a line feed; other line separators within a sentence remain part of it.

    Args:
        source: A text file; may be .gz.
        target: Its translation.
        encoding: The encoding of both; detected by default.

    Raises:
        RnnkitError: A file cannot be read, both are the same, or they differ in the number of lines.

    Example:

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.en").write_text("Hello.\\nBye.\\n"), (folder / "a.de").write_text("Hallo.\\nTschau.\\n")
    >>> list(ParallelFiles(folder / "a.en", folder / "a.de"))
    [('Hello.', 'Hallo.'), ('Bye.', 'Tschau.')]
    """

    roles: tuple[str, ...] = ROLES

    def __init__(self, source: str | PathLike[str], target: str | PathLike[str], encoding: str | None = None):
        self.paths = (Path(source), Path(target))
        for path in self.paths:
            if os.path.isdir(path):
                raise RnnkitError(f"{path} is a folder; expected a text file with a sentence per line.")
            check_file(path, "a sentence per line", ".txt")
        first, second = self.paths
        if first.samefile(second):
            raise RnnkitError(f"{first} is given as source and as target; give the file with its translation.")
        self.encodings = [find_encoding(path, encoding) for path in self.paths]
        self.encoding = " and ".join(sorted(set(self.encodings)))
        self.name = f"{first.name} + {second.name}"
        self.columns = {"source": first.name, "target": second.name}
        self.oddities = Oddities()
        self._rows = self._count()

    def __len__(self) -> int:
        return self._rows

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        self.oddities = Oddities()
        sides = [self._lines(place, self.oddities) for place in (0, 1)]
        for _, source, target in zip(range(self._rows), *sides, strict=False):
            yield source, target

    def _count(self) -> int:
        """The number of lines, the same in both files."""
        counts, one_sided = [0, 0], 0
        for number, lines in enumerate(zip_longest(*(self._lines(place, Oddities()) for place in (0, 1))), 1):
            filled = [bool(line and line.strip()) for line in lines]
            counts = [number if is_filled else count for is_filled, count in zip(filled, counts, strict=True)]
            if filled[0] != filled[1] and None not in lines:
                one_sided = one_sided or number
        first, second = (path.name for path in self.paths)
        if not all(counts):
            raise RnnkitError(f"{second if counts[0] else first} is blank; expected a sentence per line.")
        if counts[0] != counts[1]:
            hint = f" Line {one_sided:,} is the first that is blank in only one." if one_sided else ""
            raise RnnkitError(
                f"{first} has {counts[0]:,} lines and {second} {counts[1]:,}; expected a line for each line.{hint}"
            )
        return counts[0]

    def _lines(self, place: int, odd: Oddities) -> Iterator[str]:
        path, encoding = self.paths[place], self.encodings[place]
        with open_bytes(path) as file, io.TextIOWrapper(file, encoding, newline="") as text:
            ending = "\r" if "\n" not in (head := text.read(2**16)) and "\r" in head else "\n"  # "\r" on old Macs
        with open_bytes(path) as file, io.TextIOWrapper(file, encoding, newline=ending) as text:
            number = 0
            while line := text.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE:
                    raise line_too_long(path, number)
                if "\0" in line:
                    odd.nul_lines += 1
                    line = line.replace("\0", " ")
                yield line.rstrip("\r\n")
