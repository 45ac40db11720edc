"""Does every reader answer hostile input, or refuse it in one line? Fuzzes all of them for a while and counts.

The cases are those of `tests/fuzz`: sound files that are edited, for every reader of data, Runs, bundles, checkpoints
and texts. A fault is printed with the smallest input found for it.

    python benchmarks/fuzzing.py --seconds 600
    RNNKIT_FUZZ_CASES=bundle python benchmarks/fuzzing.py --seconds 60 --no-keep      only one kind of reader
    RNNKIT_FUZZ_CASES=sound,speech,recordings,frame python benchmarks/fuzzing.py --to fuzzing_sounds
"""

import os
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from _record import record

_ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(_ROOT), str(_ROOT / "tests")]


def main(
    seconds: Annotated[float, typer.Option(help="duration per worker, without making the cases")] = 600,
    workers: Annotated[int, typer.Option(help="processes")] = min(2, os.cpu_count() or 1),
    seed: Annotated[int, typer.Option(help="random seed of the examples")] = 1,
    keep: Annotated[bool, typer.Option(help="write the counts to benchmarks/results")] = True,
    to: Annotated[str, typer.Option(help="name of the results")] = "fuzzing",
) -> None:
    """Fuzz every reader and count answers, refusals and faults."""
    from fuzz.campaign import campaign
    from fuzz.judge import MEMORY, SECONDS

    result = campaign(seconds, seed, workers)
    print("\n".join(result.lines()))
    kinds = [fault.kind for fault in result.found]
    if keep:
        counts = {name: _rounded(asdict(count)) for name, count in sorted(result.counts.items())}
        totals = {name: sum(count[name] for count in counts.values()) for name in ("examples", "answers", "refusals")}
        found = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
        limits = {"seconds": SECONDS, "memory": MEMORY}
        record(to, {"seconds": seconds, "workers": workers, "limits": limits, **totals, "faults": found,
                        "cases": counts}, seed=seed, packages=("hypothesis",))  # fmt: skip
    if kinds:
        raise SystemExit(f"{len(kinds)} faults with hypothesis {version('hypothesis')}, seed {seed}.")


def _rounded(count: dict[str, float]) -> dict[str, float]:
    return {**count, "slowest": round(count["slowest"], 2)}


if __name__ == "__main__":
    typer.run(main)
