"""What answers behind `rnnkit predict`, given what the files among its inputs hold, each of which is opened once."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rnnkit.cli.screen import complain
from rnnkit.data.file_names import meant_name
from rnnkit.errors import RnnkitError

_MEANT = 10  # files that are not there, for which a near name is looked for


class OpenedInputs:
    """A task or a runner whose inputs are files, which it is given opened: a runner alone reads fewer kinds, and what
    `faults` has opened is there for the next `predict`.

    Args:
        answerer: The task, or what `rnnkit.lite.load` returned.
        key: The task's key.
        open_one: Opens an input.
    """

    def __init__(self, answerer: Any, key: str, open_one: Callable[[str], Any]) -> None:
        self.answerer, self.key, self.open_one = answerer, key, open_one
        self._opened = dict[str, Any]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.answerer, name)

    def faults(self, inputs: Sequence[str]) -> dict[int, str]:
        """The faults of inputs that cannot be answered, by index."""
        found, opened = dict[int, str](), dict[int, Any]()
        for place, given in enumerate(inputs):
            try:
                opened[place] = self.open_one(given)
            except RnnkitError as error:
                found[place] = str(error)
        self._opened = {inputs[place]: each for place, each in opened.items()}
        if hasattr(self.answerer, "faults"):
            places = list(opened)
            found |= {places[number]: fault for number, fault in self.answerer.faults(list(opened.values())).items()}
        return found

    def predict(self, inputs: Sequence[str], **how: Any) -> list[Any]:
        """The answers.

        Raises:
            RnnkitError: An input cannot be answered.
        """
        opened, self._opened = self._opened, {}
        given = [opened[one] if one in opened else self.open_one(one) for one in inputs]
        answers: list[Any] = self.answerer.predict(given, **how)
        return answers


def with_opened_inputs(answerer: Any, kind: Any = None) -> Any:
    """What answers, as `OpenedInputs` where its inputs are files that are to be opened for it.

    Args:
        answerer: A task, or the runner of a bundle.
        kind: The class of the runner's task.
    """
    if kind is not None and hasattr(kind, "runner_input"):
        return OpenedInputs(answerer, kind.key, lambda given: kind.runner_input(given, answerer))
    if kind is None and hasattr(answerer, "opened_input"):
        return OpenedInputs(answerer, answerer.key, answerer.opened_input)
    return answerer


def without_faults(answerer: Any, given: list[Any], are_files: bool) -> list[Any]:
    """The usable inputs; the fault of each other one, such as a broken file, is printed, for the first files that are
    not there with a name that may be meant.

    Args:
        answerer: A task, or the runner of a bundle.
        given: Inputs.
        are_files: Whether they are names of files.
    """
    faults = answerer.faults(given) if hasattr(answerer, "faults") else {}
    for number, (place, fault) in enumerate(faults.items()):
        missing = are_files and number < _MEANT and not os.path.lexists(given[place])
        complain(fault + (meant_name(Path(given[place])) if missing else ""))
    return [one for place, one in enumerate(given) if place not in faults]
