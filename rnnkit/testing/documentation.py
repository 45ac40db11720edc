"""Point 10: the docstring has the mathematics, where it comes from, and an example that runs."""

import contextlib
import doctest
import importlib
import io
import re

from rnnkit.testing.require import require
from rnnkit.testing.subject import Subject

SECTIONS = ("Equations:", "Example:", "Reference:")
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def whole(subject: Subject) -> None:
    """Sections there, example right."""
    text = subject.cell_class.__dict__.get("__doc__") or ""
    missing = [section for section in SECTIONS if section not in text]
    require(not missing, f"The docstring of {subject.cell_class.__name__} has no {' and no '.join(missing)}")
    globs = dict(vars(importlib.import_module(subject.cell_class.__module__)))
    example = doctest.DocTestParser().get_doctest(text, globs, subject.cell_class.__name__, None, None)
    require(example.examples, "The docstring's Example has no line that begins with >>>.")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):  # doctest prints warnings of its own kind, too
        doctest.DocTestRunner(_AnyShape(), optionflags=FLAGS, verbose=False).run(example, out=said.write)
    require(
        not said.getvalue(), f"The docstring's example does not run as written: {' '.join(said.getvalue().split())}"
    )


class _AnyShape(doctest.OutputChecker):
    """Takes `TensorShape([2, 8])`, as TensorFlow writes a shape, for `(2, 8)`, as the other backends do."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return super().check_output(_plain_shape(want), _plain_shape(got), optionflags)


def _plain_shape(text: str) -> str:
    return re.sub(r"TensorShape\(\[(.*?)\]\)", lambda shape: f"({shape[1]}{'' if ',' in shape[1] else ','})", text)
