"""Goes round the cases with hypothesis: a number of examples of each, other ones in each round, until time is over."""

import atexit
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fuzz.case import Case
from fuzz.faults import Fault
from fuzz.judge import Judge
from fuzz.made import Made
from hypothesis import HealthCheck, Phase, configuration, given, seed, settings

_NOTES = tempfile.mkdtemp(prefix="hypothesis-")  # hypothesis keeps notes, by default where it is run
configuration.set_hypothesis_home_dir(_NOTES)
atexit.register(shutil.rmtree, _NOTES, ignore_errors=True)
_SMALLER = 200  # examples judged to find a smaller one with the same fault
_FAULTS = 3  # of a case in one turn
_NEVER = float("inf")
Before = Callable[[Case, Made], None]


@dataclass
class Count:
    """What was counted of one case; seconds and bytes are those of the most demanding example."""

    examples: int = 0
    answers: int = 0
    refusals: int = 0
    faults: int = 0
    slowest: float = 0.0
    memory: int = 0

    def add(self, other: "Count") -> None:
        """Counts what another one has counted, too."""
        for name in ("examples", "answers", "refusals", "faults"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.slowest, self.memory = max(self.slowest, other.slowest), max(self.memory, other.memory)


@dataclass(frozen=True)
class Found:
    """A fault, the smallest input that was found for it, and the seed of the round that found it."""

    case: str
    kind: str
    said: str
    made: str
    seed: int


class _Search:
    """Examples of a case up to the first fault, and smaller ones with the same fault."""

    def __init__(self, case: Case, judge: Judge, count: Count, known: set[Any], until: float, before: Before) -> None:
        self.case, self.judge, self.count, self.known = case, judge, count, known
        self.until, self.before = until, before
        self.last: list[tuple[Made, Fault]] = []
        self.slow: list[tuple[Made, Fault]] = []
        self.left = _SMALLER

    def run(self, number: int, start: int) -> tuple[Made, Fault] | None:
        """The smallest input with a new fault, if there is one."""
        phases = (Phase.generate, Phase.shrink)
        decorate = settings(max_examples=number, database=None, deadline=None, suppress_health_check=list(HealthCheck),
                            phases=phases, report_multiple_bugs=False, print_blob=False)  # fmt: skip

        def one(made: Made) -> None:
            self.judged(made)

        try:
            seed(start)(decorate(given(self.case.made)(one)))()
        except Exception:
            if not self.last:
                raise
            return min(self.last, key=lambda each: each[0].size)
        return None

    def judged(self, made: Made) -> None:
        """Judges an example; raises for one with the fault whose smallest input is looked for."""
        if time.monotonic() > self.until or self.left < 0:
            return
        self.left -= bool(self.last)
        self.before(self.case, made)
        try:
            self._counted(made)
        except Fault as fault:
            first = self.last[0][1].signature if self.last else None
            if fault.signature == first or (first is None and (self.case.name, *fault.signature) not in self.known):
                if not fault.slow:
                    self.last.append((made, fault))
                    raise
                self.known.add((self.case.name, *fault.signature))
                self.slow.append((made, fault))

    def _counted(self, made: Made) -> None:
        count = self.count
        count.examples += 1
        try:
            verdict = self.case.judged(made, self.judge)
        except Fault:
            count.faults += 1
            raise
        count.answers += not verdict.said
        count.refusals += bool(verdict.said)
        count.slowest, count.memory = max(count.slowest, verdict.seconds), max(count.memory, verdict.memory)


def examples(
    case: Case, judge: Judge, number: int, start: int, count: Count, *, known: set[Any] | None = None,
    until: float = _NEVER, before: Before = lambda case, made: None,
) -> list[Found]:  # fmt: skip
    """Judges so many examples of a case. For a fault a smaller input is looked for; then the rest goes on.

    Args:
        case: The case.
        judge: A judge who sits.
        number: Examples.
        start: The seed; the same gives the same examples.
        count: Is added to.
        known: Signatures of faults that have been found already, which are counted alone; grows.
        until: The time (`time.monotonic`) after which nothing more is judged.
        before: Told of each example before it is judged.
    """
    known = set() if known is None else known
    found: list[Found] = []
    for attempt in range(_FAULTS):
        search = _Search(case, judge, count, known, until, before)
        smallest = search.run(number, start + attempt)
        for made, fault in [*search.slow, *filter(None, [smallest])]:
            known.add((case.name, *fault.signature))
            found.append(Found(case.name, fault.kind, str(fault), repr(made), start + attempt))
        if smallest is None:
            break
    return found


def rounds(
    cases: Sequence[Case], judge: Judge, seconds: float, start: int, *, number: int = 40,
    before: Before = lambda case, made: None, after: Callable[[Case, Count, list[Found]], None],
) -> None:  # fmt: skip
    """Goes round the cases until the time is over.

    Args:
        cases: The cases.
        judge: A judge who sits.
        seconds: For all of them.
        start: The first round's seed.
        number: Examples of each case in a round, times its share.
        before: Told of each example before it is judged.
        after: Told what was counted and found, after each turn of a case.
    """
    until, known, turn = time.monotonic() + seconds, set[Any](), 0
    while time.monotonic() < until:
        for case in cases:
            if time.monotonic() > until:
                return
            count = Count()
            found = examples(case, judge, max(2, round(number * case.share)), start + 1000 * turn, count,
                             known=known, until=until, before=before)  # fmt: skip
            after(case, count, found)
        turn += 1
