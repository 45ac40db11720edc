"""An interpreter whose model is run by a child process: the interface of LiteRT's, for `guarded`."""

from typing import Any

import numpy as np

from rnnkit.lite.isolation.child import ANSWER, METHODS
from rnnkit.lite.isolation.session import Session
from rnnkit.lite.isolation.wire import TYPES


class RemoteInterpreter:
    """Has the methods of `ai_edge_litert.interpreter.Interpreter` that the runners use.

    Args:
        session: The child.
        model: The bytes of a `.tflite` file.
        num_threads: Threads the runtime may use.
        delegate: As for `rnnkit.lite.interpreter.open_model`.

    Raises:
        RnnkitError: The model is damaged, or the child crashed.
        RuntimeError: LiteRT cannot run the model.
    """

    def __init__(self, session: Session, model: bytes, num_threads: int, delegate: bool) -> None:
        self._session, self._number = session, session.add(model, num_threads, delegate)
        self.get_signature_list()

    def __getattr__(self, name: str) -> Any:
        if name not in METHODS:
            raise AttributeError(name)

        def call(*arguments: Any) -> Any:
            plain = [each for each in arguments if not isinstance(each, np.ndarray)]
            arrays = {str(place): each for place, each in enumerate(arguments) if isinstance(each, np.ndarray)}
            head = {"do": "call", "model": self._number, "method": name, "arguments": _plain(plain)}
            said, made = self._session.ask(head, **arrays)
            return made[ANSWER] if made else _details(said.get(ANSWER))

        return call

    def get_signature_runner(self, name: str | None = None) -> "RemoteFunction":
        """One of the model's functions."""
        return RemoteFunction(self._session, self._number, name)


class RemoteFunction:
    """Has the methods of LiteRT's `SignatureRunner`."""

    def __init__(self, session: Session, number: int, name: str | None) -> None:
        self._session, self._about = session, {"model": number, "function": name}
        said, _ = session.ask({"do": "details", **self._about})
        self._given, self._made = _details(said["given"]), _details(said["made"])

    def get_input_details(self) -> Any:
        """The inputs, by name."""
        return self._given

    def get_output_details(self) -> Any:
        """The outputs, by name."""
        return self._made

    def __call__(self, **arrays: Any) -> dict[str, np.ndarray]:
        given = {name: np.asarray(array) for name, array in arrays.items()}
        return self._session.ask({"do": "run", **self._about}, **given)[1]


def _details(value: Any) -> Any:
    """LiteRT's tensor details, restored from JSON."""
    if isinstance(value, list):
        return [_details(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "dtype" not in value:
        return {name: _details(each) for name, each in value.items()}
    if value["dtype"] not in TYPES:
        raise TypeError(f"a tensor of the type {value['dtype']!r:.30}")
    shapes = {name: np.array(value[name], np.int32) for name in ("shape", "shape_signature")}
    scale, zero = value["quantization"]
    return {
        "name": str(value["name"]),
        "index": int(value["index"]),
        **shapes,
        "dtype": np.dtype(value["dtype"]).type,
        "quantization": (float(scale), int(zero)),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value
