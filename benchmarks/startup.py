"""Startup time for a user: `rnnkit --help`, and a first answer from the shipped bundle.

    python benchmarks/startup.py [--beside ANOTHER_CHECKOUT]

With another checkout, an earlier commit for one, both are timed in turn, and the ratio of the medians is recorded.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from _record import record

ROOT = Path(__file__).parents[1]
COMMANDS = {
    "rnnkit --help": ["-m", "rnnkit.cli", "--help"],
    "import rnnkit": ["-c", "import rnnkit, sys; assert 'tensorflow' not in sys.modules"],
    "first answer of a bundle": ["-m", "rnnkit.lite", str(ROOT / "saved_models/imdb_sentiment/lite"), "A fine film."],
}
ROUNDS = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--beside", type=Path, help="another checkout, timed in turn with this one")
    beside = parser.parse_args().beside
    places = [ROOT] if beside is None else [ROOT, beside.resolve()]
    result = {}
    for name, arguments in COMMANDS.items():
        seconds: list[list[float]] = [[] for _ in places]
        for _ in range(ROUNDS):
            for place, taken in zip(places, seconds, strict=True):
                taken.append(run(arguments, place))
        medians = [statistics.median(taken) for taken in seconds]
        result[name] = {"median_seconds": round(medians[0], 3), "rounds": ROUNDS}
        if beside is not None:
            result[name] |= {"beside_commit": commit(beside), "beside_median_seconds": round(medians[1], 3),
                             "ratio": round(medians[0] / medians[1], 3)}  # fmt: skip
    print(result)
    record("startup", result, seed=0)


def run(arguments: list[str], place: Path) -> float:
    """Seconds of a process that imports the rnnkit of a checkout."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=place,
                   env={**os.environ, "PYTHONPATH": str(place)})  # fmt: skip
    return time.perf_counter() - began


def commit(place: Path) -> str:
    """The commit of a checkout, in short."""
    said = subprocess.run(["git", "-C", str(place), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return said.stdout.strip()


if __name__ == "__main__":
    main()
