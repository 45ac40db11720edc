"""Point 10: the docstring has the mathematics, where it comes from, and an example that runs."""

import contextlib
import doctest
import importlib
import io

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
        doctest.DocTestRunner(optionflags=FLAGS, verbose=False).run(example, out=said.write)
    require(
        not said.getvalue(), f"The docstring's example does not run as written: {' '.join(said.getvalue().split())}"
    )
