"""A filter for the notes that TensorFlow and LiteRT write to the screen, bypassing Python."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: Starts of lines that say nothing about the user's work.
_NOISE = ("WARNING: All log messages before absl::InitializeLog", "I0000 ", "INFO: Created TensorFlow Lite")


@contextmanager
def without_noise() -> Iterator[None]:
    """Filter writes to the file descriptor of standard error: only noise is held back."""
    import tempfile  # here, since `import rnnkit` is to be instant

    try:
        sys.stderr.flush()
        saved = os.dup(2)
    except (OSError, AttributeError, ValueError):  # no standard error to speak of
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(saved, 2)
            os.close(saved)
            held.seek(0)
            for line in held.read().decode("utf-8", "replace").splitlines():
                if line.strip() and not line.startswith(_NOISE):
                    print(line, file=sys.stderr)
