"""Goes round the cases with hypothesis: a number of examples of each, other ones in each round, until time is over."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, configuration, given, seed, settings

from fuzz.case import Case
from fuzz.judge import Fault, Judge
from fuzz.made import Made

configuration.set_hypothesis_home_dir(tempfile.mkdtemp(prefix="hypothesis-"))  # it keeps notes wherever it is run
_SHRINKING = 200  # examples judged to find a smaller one with the same fault


@dataclass
class Count:
    """What was counted of one case."""

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


def examples(
    case: Case, judge: Judge, number: int, start: int, count: Count, *, known: set[Any] | None = None,
    until: float = float("inf"), before: Callable[[Case, Made], None] | None = None,
) -> list[Found]:  # fmt: skip
    """Judges so many examples of a case; a fault is looked for in smaller inputs, and the rest goes on.

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
    for attempt in range(3):  # after a fault the rest, without it
        last: list[tuple[Made, Fault]] = []
        left = [_SHRINKING]

        @seed(start + attempt)
        @settings(max_examples=number, database=None, deadline=None, suppress_health_check=list(HealthCheck),
                  phases=(Phase.generate, Phase.shrink), report_multiple_bugs=False, print_blob=False)  # fmt: skip
        @given(case.made)
        def one(made: Made) -> None:
            if time.monotonic() > until or (last and left[0] <= 0):
                if last and made == last[-1][0]:
                    raise last[-1][1]
                return
            if before:
                before(case, made)
            try:
                _judged(case, made, judge, count)
            except Fault as fault:
                if (case.name, *fault.signature) in known and not (last and last[0][1].signature == fault.signature):
                    return
                if fault.slow:
                    known.add((case.name, *fault.signature))
                    found.append(Found(case.name, fault.kind, str(fault), repr(made), start))
                    return
                if last and last[0][1].signature != fault.signature:
                    return
                last.append((made, fault))
                raise
            finally:
                left[0] -= bool(last)

        try:
            one()
            return found
        except BaseException as error:
            if not last:
                raise
            if not isinstance(error, Fault | ExceptionGroup) and type(error).__module__.partition(".")[0] != "hypothesis":
                raise
            made, fault = min(last, key=lambda each: each[0].size)
            known.add((case.name, *fault.signature))
            found.append(Found(case.name, fault.kind, str(fault), repr(made), start + attempt))
    return found


def _judged(case: Case, made: Made, judge: Judge, count: Count) -> None:
    count.examples += 1
    try:
        verdict = case.judged(made, judge)
    except Fault:
        count.faults += 1
        raise
    count.answers += not verdict.said
    count.refusals += bool(verdict.said)
    count.slowest, count.memory = max(count.slowest, verdict.seconds), max(count.memory, verdict.memory)


def rounds(
    cases: Sequence[Case], judge: Judge, seconds: float, start: int, *, number: int = 40,
    before: Callable[[Case, Made], None] | None = None, after: Callable[[Case, Count, list[Found]], None],
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
