"""What a cell's steps need that follows from its weights alone, made once a sequence instead of at every step."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Tensor = Any


class Prepared:
    """The part of `RecurrentCell` that keeps it. A cell writes `prepare`, and its `step` reads `prepared()`.

    Example:

    >>> from rnnkit.cells import AntisymmetricCell
    >>> cell = AntisymmetricCell(4)
    >>> cell.build((None, 3))
    >>> with cell.preparing():
    ...     cell.prepared() is cell.prepared()
    True
    """

    _prepared: Any = None

    def prepare(self) -> Any:
        """A tensor made of the weights, for example U - U^T; None for nothing."""
        return None

    def prepared(self) -> Any:
        """What `prepare` gives: within `preparing` made once, elsewhere now."""
        return self.prepare() if self._prepared is None else self._prepared

    @contextmanager
    def preparing(self) -> Iterator[None]:
        """A context, that of a sequence, in which `prepare` is called once."""
        self._prepared = self.prepare()
        try:
            yield
        finally:
            self._prepared = None
