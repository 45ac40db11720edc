"""The part of a task that all tasks have in common which hear: recordings come as files, and are few."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.streams import file_name
from rnnkit.tasks.base.task import Task
from rnnkit.tasks.shared.runner_inputs import preprocessing_of

_MOST_EPOCHS = 100


class HearingTask(Task):
    """A front end that makes frames of samples, convolutions, a recurrent network over the frames.

    A task extends it with its loss, its batches, its answers and its figures; its options extend `SoundOptions` and
    `SoundAugmentationOptions`, and its preprocessing has a `Hearing`, and `opened(given, name)`, which reads one input.
    """

    input_role = "recording"
    inputs_are_files = True
    reading_names = ("rate",)
    min_steps: ClassVar[int]
    #: What messages call an input that has no name.
    one_input: ClassVar[str]

    @classmethod
    def parse(cls, text: str, from_line: bool = False) -> str:
        """Parse the name of a recording, whatever the locale."""
        return file_name(text) if from_line else text

    def faults(self, inputs: Sequence[Any]) -> dict[int, str]:
        found = {}
        for place, given in enumerate(inputs):
            try:
                self.preprocessing.opened(given, f"{self.one_input} {place + 1}")
            except RnnkitError as error:
                found[place] = str(error)
        return found

    def opened_input(self, given: str) -> np.ndarray:
        """The samples of a file, which `predict` takes in its place, or the ready-made frames in it.

        Raises:
            RnnkitError: It cannot be read, is too short or too long.
        """
        found: np.ndarray = self.preprocessing.opened(given, given)
        return found

    @classmethod
    def runner_input(cls, given: str, runner: Any) -> np.ndarray:
        """The same of a file of any kind for a bundle's runner."""
        found: np.ndarray = preprocessing_of(cls, runner).opened(given, given)
        return found

    def epochs(self, steps: int) -> int:
        """The option `epochs`, or where that is 0 more of them than of texts: recordings are few, and take seconds."""
        return self.options.epochs or int(np.clip(-(-self.min_steps // max(steps, 1)), self.min_epochs, _MOST_EPOCHS))
