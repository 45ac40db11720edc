"""Screen output of the commands: lines, small tables, the next command, errors."""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from rnnkit.ending import one_line
from rnnkit.streams import visible
from rnnkit.wrapping import console_of, print_wrapped

if TYPE_CHECKING:
    from rich.console import Console

#: A word of a shell command, with its quotes.
_SHELL_WORD = re.compile(r"""(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+""")
#: What a command begins with: variables, and the program.
_PROGRAM = re.compile(r"((?:[A-Z_]+=\S+ )*)(rnnkit|python)(?= )")
_PADDED, _LEAST = 30, 20  # columns of the screen: labels are aligned up to so many, texts keep at least so many


def screen(**options: Any) -> "Console":
    """A console on the current standard output; see `rnnkit.wrapping.console_of`."""
    return console_of(**options)


def say(line: str, style: str = "", indent: int = 0) -> None:
    """Print a line; see `rnnkit.wrapping.print_wrapped`."""
    print_wrapped(screen(), line, style, indent)


def next_step(command: str) -> None:
    """Print the command that is useful next; a terminal's is broken so that it can be copied whole; see `runnable`."""
    from rich.text import Text

    console = screen()
    lines = [one_line(runnable(command))]
    if console.is_terminal:
        lines = shell_lines(lines[0], console.width - len("next: "))
    console.print(Text.assemble(("next:", "bold green"), " ", " \\\n    ".join(lines)), soft_wrap=True)


def shell_lines(command: str, width: int) -> list[str]:
    """A shell command in pieces of whole words, an option with its value, to be joined by a backslash and a line end.

    Args:
        command: The command.
        width: Characters of a piece, its backslash among them; a longer word stays whole.

    Example:

    >>> shell_lines('rnnkit predict saved_models/my_run "a good film"', 30)
    ['rnnkit predict', 'saved_models/my_run', '"a good film"']
    >>> shell_lines("rnnkit train mine.csv --units 8 --to run", 27)
    ['rnnkit train mine.csv', '--units 8 --to run']
    """
    words: list[str] = []
    for one in _SHELL_WORD.findall(command):
        if words and re.fullmatch(r"--[\w-]+", words[-1]) and not one.startswith("-"):
            words[-1] += f" {one}"
        else:
            words.append(one)
    lines: list[str] = []
    for one in words:
        if lines and len(lines[-1]) + len(one) + 3 <= width:
            lines[-1] += f" {one}"
        else:
            lines.append(one)
    return lines


def runnable(command: str) -> str:
    """A command that begins with `rnnkit` or `python`, by its path where typing its name would not run this one.

    So it is where the virtual environment is not activated, as after `make demo`.

    Example:

    >>> runnable("ls -l")
    'ls -l'
    """
    found = _PROGRAM.match(command)
    if not found or not os.path.dirname(sys.argv[0]):  # called by its name
        return command
    here = Path(sys.executable).parent
    program = shutil.which(found[2], path=str(here))
    on_path = shutil.which(found[2])
    if program is None or (on_path and os.path.realpath(on_path) == os.path.realpath(program)):  # as pipx links it
        return command
    path = Path(program)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"{found[1]}{word(shown)}{command[found.end() :]}"


def note(line: str) -> None:
    """Print a line on standard error, beside what a program prints for others to read."""
    print_wrapped(screen(stderr=True), line)


def complain(message: str) -> None:
    """Print one line on standard error."""
    _headed("error:", "bold red", one_line(message), stderr=True)


def fail(message: str, code: int = 1) -> NoReturn:
    """End the process with one line on standard error."""
    complain(message)
    raise SystemExit(code)


def _headed(head: str, style: str, line: str, **options: Any) -> None:
    from rich.text import Text

    print_wrapped(screen(**options), Text.assemble((head, style), " ", line))


def table(rows: Iterable[Iterable[str]], *heads: str, styles: Iterable[str] = (), numbers: bool = False) -> None:
    """Print a table as wide as the screen allows.

    Args:
        rows: The cells.
        heads: Names of the columns, if they have any.
        styles: A style for each column, such as "bold".
        numbers: Whether the columns after the first hold numbers, which stand to the right.
    """
    from rich.table import Table
    from rich.text import Text

    made = [[Text(visible(cell)) for cell in row] for row in rows]
    drawn = Table(*heads, box=None, pad_edge=False, show_header=bool(heads), padding=(0, 2, 0, 0))
    for _ in range(0 if heads else max(map(len, made), default=0)):
        drawn.add_column(overflow="fold")
    for column in drawn.columns[1:] if numbers else ():
        column.justify = "right"
    for column, style in zip(drawn.columns, styles, strict=False):
        column.style = style
    for row in made:
        drawn.add_row(*row)
    console = screen()
    if console.is_terminal:
        console.print(drawn)
        return
    with console.capture() as plain:
        console.print(drawn)
    for line in plain.get().rstrip("\n").split("\n"):  # without the blanks that fill the last column
        console.print(line.rstrip(), soft_wrap=True)


def answer_lines(rows: Iterable[tuple[str, float, str]]) -> None:
    """Print labels, probabilities and as much of each text as fits on a line."""
    from rich.text import Text

    console = screen()
    made = [
        (Text.assemble((visible(label), "bold")), probability, Text(visible(" ".join(text.split()))))
        for label, probability, text in rows
    ]
    width = min(max(label.cell_len for label, _, _ in made), _PADDED)
    for label, probability, text in made:
        head = label.append(f"{'':{max(0, width - label.cell_len)}}  {probability:6.1%}  ")
        text.truncate(max(console.width - head.cell_len, _LEAST), overflow="ellipsis")
        console.print(head + text, soft_wrap=True)


def named_lines(rows: Iterable[tuple[str, str]], styles: Iterable[str] = ()) -> None:
    """Print names and their descriptions: wrapped in a terminal, one line each in a file or pipe.

    Args:
        rows: Names and texts.
        styles: A style for each name; bold where there are none.
    """
    from rich.table import Table
    from rich.text import Text

    pairs, console = [(visible(name), visible(text)) for name, text in rows], screen()
    names = [Text(name, style) for (name, _), style in zip(pairs, list(styles) or ["bold"] * len(pairs), strict=True)]
    if console.is_terminal:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for name, (_, text) in zip(names, pairs, strict=True):
            grid.add_row(name, Text(text))
        console.print(grid)
        return
    width = max(map(len, names), default=0)
    for name, (_, text) in zip(names, pairs, strict=True):
        console.print(f"{name.plain:{width}}  {text}", soft_wrap=True)


def word(value: Any) -> str:
    """A path or value as one word of a shell command."""
    return shlex.quote(str(value))


def column_flags(columns: Mapping[str, str] | None) -> str:
    """Column names as flags of a shell command, with a blank before each."""
    return "".join(f" --{role} {word(column)}" for role, column in (columns or {}).items())


def option_flags(options: dict[str, Any]) -> str:
    """Options as flags of a shell command, with a blank before each.

    Example:

    >>> option_flags({"cell": "lstm", "lowercase": False, "input_layers": 2})
    ' --cell lstm --no-lowercase --input-layers 2'
    """
    flags = []
    for name, value in options.items():
        flag = name.replace("_", "-")
        flags.append(f" --{'' if value else 'no-'}{flag}" if isinstance(value, bool) else f" --{flag} {word(value)}")
    return "".join(flags)
