"""CSV and TSV files with any delimiter, any quoting, and rows that do not fit."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rnnkit.data.delimiters import delimiters
from rnnkit.data.remembered import Remembered, remembered_in
from rnnkit.data.textfile import text_lines
from rnnkit.data.unpacked import LONGEST_LINE
from rnnkit.errors import RnnkitError

_DELIMITERS = ("\t", ",", ";", "|")  # the first of equal ones counts: texts have commas and hardly a tab
NO_DELIMITER = "\x1f"  # for a single column, whose text may hold any of the others
_SAMPLE = 2**16  # characters from which the delimiter is found
_MOST_COLUMNS = 2**16
_ENCLOSED = re.compile(r'"(?:[^"]|"")*"')
_Quoting = Literal[0, 3]


@dataclass
class Oddities:
    """The rows skipped or mended by the last full reading of a table."""

    long_rows: int = 0  # more fields than the header; left out, since no one knows which field is which
    first_long_line: int = 0
    short_rows: int = 0  # fewer fields than the header; the missing ones are blank
    nul_lines: int = 0  # lines with NUL bytes; these become spaces
    most_lines: int = 1  # physical lines of the tallest row; many mean a quote left open
    tallest_line: int = 0  # where that row ends
    run_together: int = 0  # rows over several lines with a quote that closes within a field: perhaps several rows
    first_together_line: int = 0  # where the first of them begins
    unlabelled: int = 0  # rows of an annotation program that nobody has annotated; left out
    labelled_again: int = 0  # rows that several people annotated; the first counts


class DelimitedFile:
    """The header and rows of a CSV or TSV file; `delimiter` and `header` hold what was found.

    The standard library's parser is used because it streams, names lines, and lets ragged rows be counted.

    Args:
        path: A file that passed `check_file`.
        encoding: How to decode it.
        delimiter: None takes the one of `split_at`, or finds it from the header and the first rows.
        named: The first row names the columns; without names they are called 1, 2, 3, and quotes in a TSV are text.

    Raises:
        RnnkitError: There is no header, or the delimiter of `split_at` splits nothing where another one does.
    """

    def __init__(self, path: Path, encoding: str, delimiter: str | None = None, named: bool = True):
        self.path = path
        self.encoding = encoding
        self.named = named
        sample = sample_lines(self._lines(Oddities()))
        first = next((line.strip().strip('"') for line in sample if line.strip()), "")
        hint = first[4] if first.lower().startswith("sep=") and len(first) == 5 else None  # Excel's own first line
        given, usual = delimiters()
        tab = "\t" if ".tsv" in map(str.lower, path.suffixes[-2:]) and _all_have_tabs(sample) else None
        self.delimiter = delimiter or given or hint or tab or _sniff(sample, usual)
        plain = self.delimiter == "\t" and (_quotes_are_text(sample) or (not named and not _quotes_enclose(sample)))
        self.quoting: _Quoting = csv.QUOTE_NONE if plain else csv.QUOTE_MINIMAL
        #: Blanks before a quote are none of the field's; elsewhere they are, and places in a text count them.
        self.blanks_before_quotes = not plain and _has_blanks_before_quotes(sample, self.delimiter)
        self.header = [name.strip() for name in next(self._records(Oddities()), (0, [""]))[1]]
        if not any(self.header):
            raise RnnkitError(f"{path.name} is blank; expected a header line and rows.")
        check_width(self.header, path.name)
        if delimiter is None and given and len(self.header) == 1 and (other := hint or _sniff(sample)) != NO_DELIMITER:
            raise RnnkitError(
                f"{path.name} is not split by the delimiter {given!r}: its first line is {first!r:.60}. Give "
                f"--delimiter {other!r}, or leave it out."
            )
        if not named:
            self.header = [str(number) for number in range(1, len(self.header) + 1)]

    def rows(self, odd: Oddities) -> Iterator[list[str]]:
        """Each row's fields; misfits are counted in `odd`. A short row lacks its last fields."""
        width = len(self.header)
        records = self._records(odd)
        before = next(records)[0] if self.named else 0
        for line, row in records:
            if line - before > odd.most_lines:
                odd.most_lines, odd.tallest_line = line - before, line
            before = line
            if len(row) > width and any(map(str.strip, row[width:])):
                odd.long_rows += 1
                odd.first_long_line = odd.first_long_line or line
                continue
            if len(row) < width:
                odd.short_rows += 1
            yield row

    def records(self, odd: Oddities | None = None) -> Iterator[tuple[int, list[str]]]:
        """Each record as it stands in the file, the header first: (number of its last line, its fields).

        Unlike with `rows`, only what is blank before the header and empty lines are left out: ragged rows, empty cells
        and NUL bytes stay.

        Args:
            odd: Counts the rows that may have run together.
        """
        return self._records(odd or Oddities(), as_is=True)

    def _records(self, odd: Oddities, as_is: bool = False) -> Iterator[tuple[int, list[str]]]:
        """(number of the row's last line, its fields) for every row that is not blank, the header first."""
        begun = False  # the header came out
        done = size = 0  # the last line of the last row, and the characters taken since
        taken: list[str] = []  # the lines since

        def feed() -> Iterator[str]:
            nonlocal size
            for line in self._lines(odd, as_is):
                taken.append(line)
                size += len(line)
                if size > LONGEST_LINE:
                    raise RnnkitError(
                        f"{self.path.name}: the row after line {done} has over {LONGEST_LINE:,} characters. Is a quote "
                        "left open?"
                    )
                yield line
            if taken:
                raise RnnkitError(
                    f"{self.path.name}: the row after line {done} has a quote that is never closed. "
                    'Close it, or double it ("") if it belongs to the text.'
                )

        reader = _reader(feed(), self.delimiter, self.quoting, self.blanks_before_quotes)
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                message = f"{self.path.name} line {done + 1} cannot be read ({error}). Is a quote left open?"
                raise RnnkitError(message) from None
            if len(taken) > 1 and self._run_together(taken):
                odd.run_together, odd.first_together_line = odd.run_together + 1, odd.first_together_line or done + 1
            done, size = reader.line_num, 0
            taken.clear()
            if (any(row) or (begun and as_is and row)) and not (done == 1 and row[0].lower().startswith("sep=")):
                begun = True
                yield done, row

    def _run_together(self, lines: list[str]) -> bool:
        """Whether these lines, read as one row, have a quote that closes within a field."""
        try:
            list(_reader(iter(lines), self.delimiter, self.quoting, self.blanks_before_quotes, strict=True))
        except csv.Error:
            return True
        return False

    def _lines(self, odd: Oddities, as_is: bool = False) -> Iterator[str]:
        for line in text_lines(self.path, self.encoding):
            if "\0" in line and not as_is:
                odd.nul_lines += 1
                line = line.replace("\0", " ")
            yield line


def open_delimited(
    path: Path, encoding: str, delimiter: str | None, named: bool, columns: Mapping[str, str | None] | None
) -> DelimitedFile:
    """A table's file, split at the given delimiter, otherwise at the one found; at that of a Run's training data where
    only that one gives their columns.

    Args:
        path: As for `DelimitedFile`.
        encoding: As for `DelimitedFile`.
        delimiter: As for `DelimitedFile`.
        named: As for `DelimitedFile`.
        columns: As for `match_columns`.
    """
    file = DelimitedFile(path, encoding, delimiter, named)
    usual = columns.delimiter if isinstance(columns, Remembered) else None
    if delimiter is None and delimiters()[0] is None and usual not in (None, file.delimiter):
        other = DelimitedFile(path, encoding, usual, named)
        if len(remembered_in(columns, other.header)) > len(remembered_in(columns, file.header)):
            return other
    return file


def check_width(header: Sequence[str], name: str) -> None:
    """Refuse a table with implausibly many columns.

    Raises:
        RnnkitError: It has more than 65,536.
    """
    if len(header) > _MOST_COLUMNS:
        raise RnnkitError(f"{name} has {len(header):,} columns; tables of up to {_MOST_COLUMNS:,} are read.")


def sample_lines(lines: Iterator[str]) -> list[str]:
    """The first lines, enough to recognise the format."""
    kept: list[str] = []
    size = 0
    for line in lines:
        kept.append(line)
        size += len(line)
        if size > _SAMPLE:
            break
    return kept


def _sniff(sample: list[str], usual: str | None = None) -> str:
    """The delimiter that splits the header and then most rows into as many fields; the usual one where none does."""
    best, best_score = NO_DELIMITER, (0.0, 0)
    for delimiter in _DELIMITERS:
        widths = _widths(sample, delimiter, csv.QUOTE_MINIMAL)
        if widths and widths[0] > 1:
            score = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
            if score > best_score:
                best, best_score = delimiter, score
    if best == NO_DELIMITER and usual and _widths(sample, usual, csv.QUOTE_MINIMAL)[:1] > [1]:
        return usual
    return best


def _all_have_tabs(sample: list[str]) -> bool:
    """Whether each line has as many tabs, and some."""
    counts = {line.count("\t") for line in sample if line.strip()}
    return len(counts) == 1 and counts != {0}


def _quotes_are_text(sample: list[str]) -> bool:
    """Many TSV files quote nothing: a `"` is then a character, and pairing it up would swallow rows."""
    plain = _widths(sample, "\t", csv.QUOTE_NONE)
    return len(set(plain)) == 1 and len(plain) != len(_widths(sample, "\t", csv.QUOTE_MINIMAL))


def _quotes_enclose(sample: list[str]) -> bool:
    """Whether the quotes of a TSV without a header are none of its texts': all that have one are enclosed in quotes as
    a whole, and every field is, or one has doubled quotes within."""
    fields = [field for line in sample for field in line.rstrip("\r\n").split("\t")]
    quoted = [field for field in fields if '"' in field]
    whole = all(_ENCLOSED.fullmatch(field) for field in quoted)
    return bool(quoted) and whole and (len(quoted) == len(fields) or any('""' in field[1:-1] for field in quoted))


def _has_blanks_before_quotes(sample: list[str], delimiter: str) -> bool:
    """Whether a field is written as in `1, "a, b"`; a quote within a quoted field is doubled, so that is none."""
    quoted = re.compile(rf'(?:^|{re.escape(delimiter)}) +"(?!")')
    return any(quoted.search(line) for line in sample)


def _widths(sample: list[str], delimiter: str, quoting: _Quoting) -> list[int]:
    widths = [len(row) for row in _reader(iter(sample), delimiter, quoting) if any(row)]
    return widths if len(widths) < 3 else widths[:-1]  # the sample may end inside its last row


def _reader(  # type: ignore[no-untyped-def]
    lines: Iterator[str], delimiter: str, quoting: _Quoting, skip_blanks: bool = True, strict: bool = False
):
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))
    return csv.reader(lines, delimiter=delimiter, quoting=quoting, skipinitialspace=skip_blanks, strict=strict)
