"""The shared part of cells that read the time between two steps."""

from typing import Any, ClassVar

from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.time_columns import split_times, with_times

#: Where the time comes from.
TIMES = ("count", "last")


class ElapsedCell(RecurrentCell):
    """A cell to which a step after a long gap is another than one at once; `step` gets the time from `elapsed`.

    Args:
        time: "count": every step takes a time of 1. "last": the last feature of the input is the time since the step
            before, which the input weights do not meet.

    Raises:
        RnnkitError: For another `time`, or an input of times alone.
    """

    family: ClassVar[str] = "clocks"
    reads_time: ClassVar[bool] = True

    def __init__(self, units: int, *, time: str = "count", **shared: Any) -> None:
        super().__init__(units, **shared)
        if time not in TIMES:
            raise RnnkitError(
                f"time is {time!r}; expected 'count', where a step takes 1, or 'last', where the last feature is the "
                f"time since the step before.{did_you_mean(str(time), TIMES)}"
            )
        self.time, self.time_columns = time, int(time == "last")

    def build(self, input_shape: Any) -> None:
        super().build((*input_shape[:-1], self.features_of(input_shape)))

    def features_of(self, input_shape: Any) -> int:
        """How many features the input weights meet."""
        features: int = input_shape[-1] - self.time_columns
        if features < 1:
            raise RnnkitError(
                "With time='last' the last feature is the time, and here it is the only one; expected more."
            )
        return features

    def project(self, x: Tensor) -> Tensor:
        features, times = split_times(x, self.time_columns)
        return with_times(super().project(features), times)

    def elapsed(self, x: Tensor) -> tuple[Tensor, Any]:
        """What `project` made of the features, and the time since the step before."""
        columns, times = split_times(x, self.time_columns)
        return columns, 1.0 if times is None else times
