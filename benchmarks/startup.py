"""Startup time for a user: `rnnkit --help`, and a first answer from the shipped bundle.

python benchmarks/startup.py
"""

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
    result = {}
    for name, arguments in COMMANDS.items():
        seconds = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
            seconds.append(time.perf_counter() - began)
        result[name] = {"median_seconds": round(statistics.median(seconds), 3), "rounds": ROUNDS}
    print(result)
    record("startup", result, seed=0)


if __name__ == "__main__":
    main()
