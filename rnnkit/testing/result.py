"""Points and results of the cell contract and of the task contract; imports no Keras."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: The points of the cell contract.
TITLES: dict[int, str] = {
    1: "every argument is kept, saved and obeyed",
    2: "steps == sequence",
    3: "sequence == the NumPy reference",
    4: "padding changes nothing",
    5: "gradients are finite, non-zero and right",
    6: ".keras and SavedModel give the same numbers",
    7: "TFLite: builtin operators, same numbers",
    8: "streaming TFLite == the sequence",
    9: "float16 and bfloat16 policies run",
    10: "the docstring is whole and its example runs",
}

#: The points of the task contract.
TASK_TITLES: dict[int, str] = {
    1: "options come back from config.json",
    2: "the digest changes with the data",
    3: "encoded numbers keep type and value",
    4: "an input alone == the same beside a longer one",
    5: "same seed, same weights",
    6: "saved and loaded, the same figures",
    7: "resumed == undisturbed",
    8: "fine-tuning leaves the old task alone",
    9: "every refusal is one line, and nothing is written",
    10: "the exported file agrees, and its runner answers",
}


@dataclass(frozen=True)
class Result:
    """The result of one point: "passed", "failed" or "skipped", why, and in how many seconds."""

    point: int
    status: str
    message: str = ""
    seconds: float = 0.0
    titles: Mapping[int, str] = field(default_factory=lambda: TITLES, repr=False)

    @property
    def title(self) -> str:
        """The point's requirement."""
        return self.titles[self.point]


@dataclass
class Report:
    """The results of the points of a cell or a task."""

    cell: str
    results: list[Result] = field(default_factory=list)
    kind: str = "cell"

    @property
    def failed(self) -> list[Result]:
        """The points that do not hold."""
        return [result for result in self.results if result.status == "failed"]

    @property
    def failure(self) -> str:
        """The failed points with numbers and remedies; "" if all hold."""
        lines = [f"point {result.point} ({result.title}): {result.message}" for result in self.failed]
        return "\n".join([f"{self.cell} breaks the {self.kind} contract.", *lines]) if lines else ""

    def __str__(self) -> str:
        lines = [f"{each.point:2} {each.status:7} {each.title} {each.message}".rstrip() for each in self.results]
        return "\n".join([self.cell, *lines])
