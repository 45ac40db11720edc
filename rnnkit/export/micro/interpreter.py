"""TFLite Micro's own interpreter (PyPI `tflite-micro`): what a board would compute, and the memory that it needs."""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.export import flatbuffer
from rnnkit.export.micro.contract import Calls
from rnnkit.export.micro.interface import interface_of
from rnnkit.installed import missing

_ROOM = 2**26  # bytes of memory that are offered; what is not used costs nothing
_ROUND = 1024  # the arena that is advised is a multiple of these bytes
_TOTAL = re.compile(r"Arena allocation total (\d+) bytes")


def require_micro() -> None:
    """Require the interpreter.

    Raises:
        RnnkitError: It is not installed; with the command that does.
    """
    try:
        import tflite_micro  # noqa: F401
    except ImportError:
        raise missing("tflite_micro", "An export for microcontrollers is run in their interpreter first, and") from None


class MicroModel:
    """A `.tflite` file in TFLite Micro's interpreter.

    Args:
        model: The file's bytes, with one signature; inputs that are outputs as well are states.
        advice: What to choose instead where the interpreter refuses the file.

    Attributes:
        interface: What it takes and gives.
        used: Bytes of the arena that are used while it runs, on this machine; a 32-bit board uses less.
        arena: Bytes with which it opens, in whole KiB, as was tried: planning the memory takes some too, of files with
            many operators several times what is used then.

    Raises:
        RnnkitError: The interpreter is not installed, or refuses the file.
    """

    def __init__(self, model: bytes, advice: str = "") -> None:
        require_micro()
        self.interface = interface_of(flatbuffer.read_tree(model))
        self._advice = advice
        with self._faults() as said:
            self._opened(model, _ROOM).print_allocations()
            found = _TOTAL.search(said())
        if found is None:
            raise RnnkitError("TFLite Micro did not say how much memory the file needs. Install another tflite-micro.")
        self.used = int(found.group(1))
        self.arena = _ROUND * self._least(model, -(-self.used // _ROUND))
        with self._faults():
            self._run = self._opened(model, self.arena)

    def run(self, calls: Calls) -> list[dict[str, np.ndarray]]:
        """The answers of calls one after the other; states begin with zeros and go from call to call.

        Args:
            calls: For each the inputs by name.

        Raises:
            RnnkitError: The interpreter fails.
        """
        states = {port.name: port.zeros() for port in self.interface.states}
        answers = []
        with self._faults():
            for call in calls:
                made = self.call({**call, **states})
                states = {name: made.pop(name) for name in states}
                answers.append(made)
        return answers

    def call(self, given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The outputs of one call, new states among them.

        Args:
            given: All inputs by name.
        """
        for place, port in enumerate(self.interface.inputs):
            self._run.set_input(np.ascontiguousarray(given[port.name], port.dtype), place)
        self._run.invoke()
        return {port.name: self._run.get_output(place) for place, port in enumerate(self.interface.outputs)}

    def _least(self, model: bytes, low: int) -> int:
        """The least KiB, from `low` on, with which the interpreter opens."""
        if self._opens(model, low):
            return low
        high = 2 * low
        while not self._opens(model, high):
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._opens(model, middle) else (middle, high)
        return high

    def _opens(self, model: bytes, kib: int) -> bool:
        with _standard_error():
            try:
                self._opened(model, kib * _ROUND)
            except RuntimeError:
                return False
        return True

    def _opened(self, model: bytes, arena: int) -> Any:
        from tflite_micro import runtime

        return runtime.Interpreter.from_bytes(model, arena_size=arena)

    @contextmanager
    def _faults(self) -> Iterator[Callable[[], str]]:
        """Turn what the interpreter raises, and says on standard error, into one line; gives what reads that."""
        with _standard_error() as said:
            try:
                yield said
            except (RuntimeError, ValueError, IndexError) as error:
                lines = [line.strip() for line in said().splitlines() if line.strip()]
                why = next((line for line in lines if "not supported" in line or "find op" in line), None)
                why = why or (lines[0] if lines else str(error))
                raise RnnkitError(
                    f"TFLite Micro cannot run this file: {why.rstrip('.')[:300]}. {self._advice}".strip()
                ) from error


@contextmanager
def _standard_error() -> Iterator[Callable[[], str]]:
    """Hold back what is written to the file descriptor of standard error; gives what reads it."""
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)

        def said() -> str:
            held.seek(0)
            return held.read().decode("utf-8", "replace")

        try:
            yield said
        finally:
            os.dup2(saved, 2)
            os.close(saved)
