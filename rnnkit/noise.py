"""A filter for the notes that TensorFlow, LiteRT and others write to the screen, bypassing Python."""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

#: Starts of lines that say nothing about the user's work.
_NOISE = ("WARNING: All log messages before absl::InitializeLog", "I0000 ", "INFO: Created TensorFlow Lite")


@contextmanager
def without_noise(noise: tuple[str, ...] = _NOISE) -> Iterator[list[str]]:
    """Filter writes to the file descriptor of standard error: only noise is held back.

    Args:
        noise: Starts of lines that are.

    Returns:
        The lines that were held back, once the block is left.
    """
    import tempfile  # here, since `import rnnkit` is to be instant

    kept: list[str] = []
    try:
        sys.stderr.flush()
        saved = os.dup(2)
    except (OSError, AttributeError, ValueError):  # no standard error to speak of
        yield kept
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield kept
        finally:
            sys.stderr.flush()
            os.dup2(saved, 2)
            os.close(saved)
            held.seek(0)
            for line in held.read().decode("utf-8", "replace").splitlines():
                if line.startswith(noise):
                    kept.append(line)
                elif line.strip():
                    print(line, file=sys.stderr)


@contextmanager
def old_npy_headers() -> Iterator[None]:
    """Read headers of `.npy` files as Python 2 wrote them without NumPy's advice to save such files again."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Reading `.npy` or `.npz` file required additional header parsing")
        yield
