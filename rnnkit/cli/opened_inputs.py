"""The runner of a bundle behind `rnnkit predict --tflite`, which is given what files of any kind hold."""

from collections.abc import Sequence
from typing import Any

from rnnkit.errors import RnnkitError


class OpenedInputs:
    """A runner whose inputs are files that the task opens, since the runner alone reads fewer kinds.

    Args:
        runner: What `rnnkit.lite.load` returned.
        kind: The task's class; its `runner_input` opens an input.
    """

    def __init__(self, runner: Any, kind: Any) -> None:
        self.runner, self.kind = runner, kind
        self.key = kind.key

    def __getattr__(self, name: str) -> Any:
        return getattr(self.runner, name)

    def faults(self, inputs: Sequence[Any]) -> dict[int, str]:
        """The faults of inputs that cannot be answered, by index."""
        found, opened = dict[int, str](), dict[int, Any]()
        for place, given in enumerate(inputs):
            try:
                opened[place] = self.kind.runner_input(given, self.runner)
            except RnnkitError as error:
                found[place] = str(error)
        if hasattr(self.runner, "faults"):
            places = list(opened)
            found |= {places[number]: fault for number, fault in self.runner.faults(list(opened.values())).items()}
        return found

    def predict(self, inputs: Sequence[Any], **how: Any) -> list[Any]:
        """The runner's answers.

        Raises:
            RnnkitError: An input cannot be answered.
        """
        answers: list[Any] = self.runner.predict([self.kind.runner_input(one, self.runner) for one in inputs], **how)
        return answers
