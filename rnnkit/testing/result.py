"""Points and results of the cell contract, in words; imports no Keras."""

from dataclasses import dataclass, field

#: The points of the contract.
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


@dataclass(frozen=True)
class Result:
    """The result of one point: "passed", "failed" or "skipped", why, and in how many seconds."""

    point: int
    status: str
    message: str = ""
    seconds: float = 0.0

    @property
    def title(self) -> str:
        """The point's requirement."""
        return TITLES[self.point]


@dataclass
class Report:
    """The results of a cell's points."""

    cell: str
    results: list[Result] = field(default_factory=list)

    @property
    def failed(self) -> list[Result]:
        """The points that do not hold."""
        return [result for result in self.results if result.status == "failed"]

    @property
    def failure(self) -> str:
        """The failed points with numbers and remedies; "" if all hold."""
        lines = [f"point {result.point} ({result.title}): {result.message}" for result in self.failed]
        return "\n".join([f"{self.cell} breaks the cell contract.", *lines]) if lines else ""

    def __str__(self) -> str:
        lines = [f"{each.point:2} {each.status:7} {each.title} {each.message}".rstrip() for each in self.results]
        return "\n".join([self.cell, *lines])
