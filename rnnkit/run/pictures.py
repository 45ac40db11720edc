"""Which files in a Run's `plots` folder rnnkit wrote, and which its owner put there."""

import stat
from pathlib import Path

from rnnkit.errors import RnnkitError
from rnnkit.files.reading import open_regular

#: What every picture that rnnkit draws says of itself, in its PNG chunk `tEXt`.
SOFTWARE = "rnnkit"
#: The names of those that the tasks, `rnnkit diagnose` and the pipelines write; earlier ones say nothing of themselves.
PICTURES = frozenset(
    (
        "attention.png",
        "bleu_by_length.png",
        "captions.png",
        "alignment.png",
        "confused_words.png",
        "confusion.png",
        "entities.html",
        "examples.png",
        "forecasts.png",
        "gradient_flow.png",
        "learning_curves.png",
        "lengths.png",
        "own_tree.png",
        "precision_recall.png",
        "steps.png",
        "stream.png",
        "transitions.png",
        "tree.png",
        "tune.svg",
        "types.png",
        "words.png",
    )
)
_MARK = f"tEXtSoftware\0{SOFTWARE}".encode()
_BEGINNING = 1024  # bytes, among which the mark is


def is_ours(path: Path) -> bool:
    """Whether a file in a Run's `plots` folder was written by rnnkit: by its name, or by what it says of itself.

    Links count as ours, for without them nothing is lost; folders do not.
    """
    kind = path.lstat().st_mode
    if stat.S_ISLNK(kind) or not stat.S_ISREG(kind):
        return stat.S_ISLNK(kind)
    return path.name in PICTURES or _is_marked(path)


def _is_marked(path: Path) -> bool:
    try:
        with open_regular(path) as file:
            return _MARK in file.read(_BEGINNING)
    except (OSError, RnnkitError):
        return False
