"""Model files with flipped bits and a matching checksum: what running such bundles does to the process.

Run plainly in an expendable process, and with `rnnkit.lite.load(..., isolated=True)` in this one.

    python benchmarks/altered_models.py              2,000 of each; about ten minutes on an idle machine
    python benchmarks/altered_models.py --count 200
"""

import argparse
import hashlib
import json
import random
import shutil
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rnnkit.child import ChildError
from rnnkit.errors import RnnkitError
from rnnkit.lite import load
from rnnkit.lite.isolation.isolated import Isolated
from rnnkit.lite.isolation.session import Session
from rnnkit.testing.shared import Child

LIMIT_S = 20
SHARED = 40  # bundles that one child is asked for, isolated: its start would take most of the time
ASK = {
    "text_classifier": lambda runner: runner.predict("A warm, funny film."),
    "token_tagger": lambda runner: runner.predict("Ann Lee sings in Berlin."),
    "multilabel_classifier": lambda runner: runner.predict("My card was charged twice."),
    "forecaster": lambda runner: runner.predict([3.0, 5, 4, 2, 3, 5, 4, 2]),
    "sequence_classifier": lambda runner: runner.predict([np.full((9, 6), 0.5)]),
    "translator": lambda runner: runner.predict("Two dogs play."),
    "language_model": lambda runner: runner.generate("once", length=8, seed=1),
    "music_model": lambda runner: runner.generate(length=8, seed=1),
    "image_captioner": lambda runner: runner.predict(np.full((32, 32, 3), 99, np.uint8)),
    "tree_classifier": lambda runner: runner.predict("((a film) (so good))"),
}


def altered(content: bytes, chance: random.Random) -> tuple[str, bytes]:
    """What was done to a file, and the file: mostly some bits, at any place or, half the time, behind its weights."""
    changed, way = bytearray(content), chance.choice(["bit"] * 6 + ["bits", "byte", "number", "swap", "cut"])

    def place() -> int:
        return chance.randrange(max(len(content) - 40_000, 0) if chance.random() < 0.5 else 0, len(content))

    if way == "cut":
        del changed[chance.randrange(len(changed)) :]
    elif way == "swap":
        one, other, width = place() & ~3, place() & ~3, chance.choice([4, 4, 8, 64])
        one, other = min(one, len(content) - width), min(other, len(content) - width)
        changed[one : one + width], changed[other : other + width] = (
            content[other : other + width],
            content[one : one + width],
        )
    elif way == "number":
        first = min(place() & ~3, len(content) - 4)
        changed[first : first + 4] = chance.choice([0, 1, 2, 9, 2**20, 2**31 - 1, 2**31, 2**32 - 1]).to_bytes(
            4, "little"
        )
    else:
        for _ in range(chance.randint(2, 8) if way == "bits" else 1):
            changed[place()] ^= 255 if way == "byte" else 1 << chance.randrange(8)
    return way, bytes(changed)


def answer_of(folder: str) -> Iterator[str]:
    """What comes of asking a bundle: "answer", "refused: ..." or "traceback: ..."; for a child to run."""
    task = json.loads((Path(folder) / "bundle.json").read_text("utf-8"))["task"]
    yield _said(lambda: ASK[task](load(folder)))


def _said(ask) -> str:
    try:
        ask()
    except RnnkitError as error:
        return f"refused: {error}" if "\n" not in str(error) else f"traceback: {error}"
    except Exception as error:
        return f"traceback: {type(error).__name__}: {error}"
    return "answer"


def bundles(to: Path, runs: Path) -> list[Path]:
    """Copies of the bundles to be altered: those that come along, and a tree classifier's."""
    found = [
        Path(shutil.copytree(run / "lite", to / run.name)) for run in sorted(runs.iterdir()) if (run / "lite").is_dir()
    ]
    from rnnkit.tasks.tree_classifier.sample import make_trees
    from rnnkit.tasks.tree_classifier.task import TreeClassifier

    options = {"units": 12, "embedding_size": 10, "epochs": 1, "min_count": 1}
    TreeClassifier(**options).fit(list(make_trees(100)), to=to / "run").export(to / "tree", quantize="none")
    return [*found, to / "tree" / "lite"]


def campaign(folders: list[Path], count: int, seed: int) -> dict:
    """Asks so many altered bundles in both ways, and counts what came of it."""
    chance, counts = random.Random(seed), {"plain": Counter(), "isolated": Counter()}
    ways, faults, session, began = Counter(), [], None, time.monotonic()
    with Child() as child:
        for number in range(count):
            folder = folders[number % len(folders)]
            model = chance.choice(sorted(folder.glob("*.tflite")))
            content, said = model.read_bytes(), (folder / "bundle.json").read_text("utf-8")
            way, changed = altered(content, chance)
            ways[way] += 1
            model.write_bytes(changed)
            settings = json.loads(said)
            settings["sha256"][model.name] = hashlib.sha256(changed).hexdigest()
            (folder / "bundle.json").write_text(json.dumps(settings), "utf-8")
            try:
                [plain] = child.run(f"{Path(__file__).stem}:answer_of", str(folder), limit=LIMIT_S)
            except ChildError as error:
                plain = "hang" if error.late else f"crash: {error.crash or error.said}"
            if session is None or number % SHARED == 0:
                session = _next(session)
            session.name = str(folder)
            apart = _isolated(folder, settings["task"], session)
            for name, what in (("plain", plain), ("isolated", apart)):
                counts[name][what.partition(":")[0]] += 1
                if what.partition(":")[0] not in ("answer", "refused"):
                    faults.append([name, settings["task"], number, way, what[:200]])
            model.write_bytes(content)
            (folder / "bundle.json").write_text(said, "utf-8")
            if number % 100 == 99:
                print(number + 1, {name: dict(found) for name, found in counts.items()}, flush=True)
    if session:
        session.close()
    return {
        "bundles": count, "seconds": round(time.monotonic() - began), "ways": dict(ways), "limit_s": LIMIT_S,
        **{name: dict(found) for name, found in counts.items()}, "faults": faults,
    }  # fmt: skip


def _next(session: Session | None) -> Session:
    if session is not None:
        session.close()
    return Session("", LIMIT_S, 4 * 2**30)


def _isolated(folder: Path, task: str, session: Session) -> str:
    """As `load(folder, isolated=True)` answers, but for the child, which is shared."""
    began = time.monotonic()
    said = _said(lambda: ASK[task](Isolated(lambda: load(folder), session)))
    if "so its process was stopped" in said:
        return "refused: late"
    return said if time.monotonic() - began < 2 * LIMIT_S + 60 else f"hang: {said}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    warnings.simplefilter("error", ResourceWarning)
    from _record import record

    with tempfile.TemporaryDirectory() as folder:
        result = campaign(bundles(Path(folder), Path("saved_models")), given.count, given.seed)
    print(json.dumps(result, indent=2))
    record("altered_models", result, seed=given.seed)


if __name__ == "__main__":
    main()
