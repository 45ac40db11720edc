"""The small data set that a task brings along, for `rnnkit example`."""

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.files.disk import check_folder, disk_errors
from rnnkit.files.writing import new_folder, whole

#: The file that says where the data come from, beside them.
README = "README.txt"
_ADVICE = "Give another folder with --to."


@dataclass(frozen=True)
class ExampleFiles:
    """A small data set that a program makes, the same each time.

    Attributes:
        about: What is in the files, line by line, and their licence.
        names: The files that the user is told of, those to train on first.
        make: Gives the path of each file in the folder, with `/`, and its content; a text is written as UTF-8.
        settings: Options of the task with which a minute's training on the first file shows something.
        to_try: Gives inputs that a page offers, in JSON's kinds.
    """

    about: str
    names: tuple[str, ...]
    make: Callable[[], Iterable[tuple[str, str | bytes]]]
    settings: dict[str, int | float | str | bool]
    to_try: Callable[[], Sequence[Any]] = tuple

    def contents(self) -> dict[str, bytes]:
        """All files, the README among them.

        Example:

        >>> ExampleFiles("Two rows.", ("a.csv",), lambda: [("a.csv", "text")], {}).contents()
        {'README.txt': b'Two rows.\\n', 'a.csv': b'text'}
        """
        made = {README: f"{self.about}\n", **dict(self.make())}
        return {name: text.encode("utf-8") if isinstance(text, str) else text for name, text in made.items()}


def example_of(task_class: Any) -> ExampleFiles:
    """The example that a task brings: what its class gives by a method `example`, else `EXAMPLE` beside its module.

    Args:
        task_class: The class. Beside its module is the module `example` of the same package.

    Raises:
        RnnkitError: There is none.
    """
    if hasattr(task_class, "example"):
        return task_class.example()
    package = task_class.__module__.rpartition(".")[0]
    ours = package.startswith("rnnkit.")  # a module of that name beside somebody's own task may be anything
    if not ours or importlib.util.find_spec(f"{package}.example") is None:
        raise RnnkitError(f"The task {task_class.key} brings no example. Its class gives one by a method `example`.")
    return importlib.import_module(f"{package}.example").EXAMPLE


def inputs_to_try(task_class: Any) -> list[Any]:
    """Inputs that a page offers for a task; none where it brings no example."""
    try:
        return list(example_of(task_class).to_try())
    except RnnkitError:
        return []


def write_example(contents: dict[str, bytes], folder: Path) -> None:
    """Write files into a folder, which is made where it is not there; files of these names are replaced.

    Args:
        contents: What `ExampleFiles.contents` gave.
        folder: The folder.

    Raises:
        RnnkitError: The folder cannot be written to, or a name in it belongs to a folder; nothing is written then.

    Example:

    >>> import tempfile
    >>> made = Path(tempfile.mkdtemp(), "made")
    >>> write_example({"images/a.png": b"1", "b.csv": b"2"}, made)
    >>> sorted(path.name for path in made.rglob("*")), (made / "b.csv").read_text()
    (['a.png', 'b.csv', 'images'], '2')
    """
    if folder.exists() and not folder.is_dir():
        raise RnnkitError(f"{folder} is a file; expected a folder, a new one or one that is there. {_ADVICE}")
    for name in contents:
        if (folder / name).is_dir():
            raise RnnkitError(f"{folder / name} is a folder, and the example has a file of that name. {_ADVICE}")
    check_folder(folder, folder / max(contents, key=len), _ADVICE)
    with disk_errors(folder, _ADVICE):
        if not folder.exists():
            with new_folder(folder) as new:
                _write(contents, new)
                new.rename(folder)
            return
        _write(contents, folder)


def _write(contents: dict[str, bytes], folder: Path) -> None:
    """Write all files under temporary names, and name them once all are whole."""
    with ExitStack() as all_whole:
        for name, content in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            all_whole.enter_context(whole(path)).write(content)
