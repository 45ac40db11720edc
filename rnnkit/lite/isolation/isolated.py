"""A runner whose models are run by a child process, for bundles from strangers."""

import inspect
import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.lite.interpreter import OPENER
from rnnkit.lite.isolation.remote import RemoteInterpreter
from rnnkit.lite.isolation.session import SECONDS_LEFT, Session

TIMEOUT_S = 60.0
MEMORY_GIB = 4.0


def isolated(make: Callable[[], Any], name: str, timeout_s: float, memory_gib: float) -> "Isolated":
    """A runner with a child of its own.

    Args:
        make: Makes the runner.
        name: The bundle's, for messages.
        timeout_s: Seconds for an answer; a call with a list has as many times that.
        memory_gib: GiB of memory that the child may have, where the system can hold it to that.

    Raises:
        RnnkitError: As `Isolated`, or a number is none above 0.
    """
    for what, value in (("timeout_s", timeout_s), ("memory_gib", memory_gib)):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not 0 < value <= 1e6:
            raise RnnkitError(f"{what} is {value!r}; expected a number above 0, at most a million.")
    session = Session(name, float(timeout_s), int(memory_gib * 2**30))
    try:
        return Isolated(make, session)
    except BaseException:
        session.close()
        raise


class Isolated:
    """Has all public methods and attributes of the runner of a bundle; `rnnkit.lite.load(..., isolated=True)` makes it.

    Words, labels and searches are this process's business; LiteRT, which a made-up model can crash or keep busy for
    ever, runs in a child. The two exchange names and numbers alone. A child that has died is replaced at the next call.
    It has the rights of the user all the same: this is for accidents and crashes, and no jail.

    Args:
        make: Makes the runner.
        session: The child; several runners may share one.

    Raises:
        RnnkitError: As the runner's; or the model crashed or had no answer in time.

    Example:

    >>> with rnnkit.lite.load("stranger/lite", isolated=True) as classifier:  # doctest: +SKIP
    ...     classifier.predict("A warm, funny film.")
    """

    def __init__(self, make: Callable[[], Any], session: Session) -> None:
        self._session = session
        token = OPENER.set(partial(RemoteInterpreter, session))
        try:
            self._runner = self._timed(make)()
        finally:
            OPENER.reset(token)

    def __enter__(self) -> "Isolated":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child. It also ends with this object, and with this process."""
        self._session.close()

    @property
    def pid(self) -> int | None:
        """The number of the child's process; None while there is none."""
        return self._session.pid

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        value = getattr(self._runner, name)
        return self._timed(value) if inspect.ismethod(value) else value

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(name for name in dir(self._runner) if not name.startswith("_"))})

    def _timed(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            if given and isinstance(given[0], Iterator):
                given = (list(given[0]), *given[1:])
            answers = len(given[0]) if given and isinstance(given[0], list | tuple) else 1
            token = SECONDS_LEFT.set([self._session.timeout_s * max(answers, 1)])
            try:
                return method(*given, **named)
            finally:
                SECONDS_LEFT.reset(token)

        timed.__doc__, timed.__name__ = method.__doc__, getattr(method, "__name__", "timed")
        return timed
