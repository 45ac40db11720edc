"""The child process of `rnnkit.lite.isolation.isolated`: opens models and runs them on request."""

import os
import queue
import sys
import threading
from typing import IO, Any

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.lite.interpreter import open_here
from rnnkit.lite.isolation.guarded import FAULTS
from rnnkit.lite.isolation.wire import WireError, receive, send

#: What may be asked of an interpreter.
METHODS = frozenset(
    "get_signature_list get_input_details get_output_details get_tensor_details resize_tensor_input allocate_tensors"
    " reset_all_variables set_tensor invoke get_tensor".split()
)
_OF_DETAILS = ("name", "index", "shape", "shape_signature", "dtype", "quantization")
#: What an answer that is an array goes by.
ANSWER = "answer"


def main(memory: int) -> None:
    """Answer requests until the parent closes the pipe.

    Args:
        memory: Bytes that this process may have, where the system can hold it to that.
    """
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    _bound(memory)
    asked: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(questions, asked), daemon=True).start()
    send(answers, {}, {})  # ready
    models: dict[int, Any] = {}
    runners: dict[tuple[int, str | None], Any] = {}
    while True:
        head, arrays = asked.get()
        try:
            said, made = _answer(models, runners, head, arrays)
        except RnnkitError as error:
            said, made = {"refused": str(error)}, {}
        except FAULTS as error:
            said, made = {"failed": str(error) or type(error).__name__}, {}
        send(answers, said, made)


def _listen(questions: IO[bytes], asked: "queue.SimpleQueue[Any]") -> None:
    """End the process as soon as its parent has gone, even if a model is at work."""
    try:
        while True:
            asked.put(receive(questions))
    except WireError:
        os._exit(0)


def _bound(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, most in ((resource.RLIMIT_DATA, memory), (resource.RLIMIT_CORE, 0)):
        try:
            _, hard = resource.getrlimit(kind)
            resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
        except (OSError, ValueError):
            print(f"no limit of {most} for {kind}", file=sys.stderr)


def _answer(
    models: dict[int, Any], runners: dict[tuple[int, str | None], Any], head: dict[str, Any], arrays: Any
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    number = head["model"]
    if head["do"] == "open":
        models[number] = open_here(arrays["model"].tobytes(), head["threads"], head["delegate"])
        return {}, {}
    if head["do"] == "call":
        if head["method"] not in METHODS:
            raise ValueError("no such method")
        made = getattr(models[number], head["method"])(*head["arguments"], *arrays.values())
        return ({}, {ANSWER: made}) if isinstance(made, np.ndarray) else ({ANSWER: _plain(made)}, {})
    name = head["function"]
    if (number, name) not in runners:
        runners[number, name] = models[number].get_signature_runner(name)
    runner = runners[number, name]
    if head["do"] == "details":
        return {"given": _plain(runner.get_input_details()), "made": _plain(runner.get_output_details())}, {}
    return {}, runner(**arrays)


def _plain(value: Any) -> Any:
    """LiteRT's tensor details as JSON values."""
    if isinstance(value, dict) and "dtype" in value:
        return {name: _plain(value[name]) for name in _OF_DETAILS}
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, type):
        return np.dtype(value).name
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return value
