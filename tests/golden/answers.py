"""Record what the shipped Runs answer to fixed inputs: `python tests/golden/answers.py`. tests/test_golden.py holds it.

Recorded once, before the code was moved about; record again only when a Run is trained anew.
"""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
RUNS = HERE.parents[1] / "saved_models"
TEXTS = [
    "A wonderful film: funny, touching and beautifully played.",
    "Badly acted, far too long, and the story makes no sense.",
    "Two dogs are playing in the snow.",
    "A man in a blue shirt is standing on a ladder cleaning a window.",
    "Japan began the defence of their Asian Cup title with a lucky 2-1 win against Syria.",
    "Angela Merkel met Barack Obama in Berlin on Tuesday, the United Nations said.",
    "I expected nothing and still it was worse; what a waste of two hours!",
    "not bad at all",
    "Young people are sitting around a table.",
    "It's neither good nor bad, it's just there.",
    "The café in Zürich wasn't open - naïve of me, I guess...",
    "<br /><br />10/10, would watch again &amp; again",
    "A",
    "?!",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "AL-AIN , United Arab Emirates 1996-12-06",
    "Three women wearing red hats laugh while a boy rides his bicycle past the market in the rain.",
    "Ein Hund rennt über die Wiese.",
    "The the the the the the the the the the.",
    "This is one of those films that one either loves or hates, and I, for one, loved every minute of it, "
    "from the first scene in London to the last one on the beach, with its quiet music and its tired heroes.",
]
#: Ten digits of each of two made-up speakers (voices of eSpeak NG), all of them equally long.
DIGITS, DIGITS_RATE = HERE / "digits.wav", 8000
PREFIXES = ["", "ROMEO:", "The ", "To be, or not", "KING RICHARD III:\nNow is"]


def inputs(key: str) -> list[Any]:
    """Twenty inputs of a task: texts; for what writes the keyword arguments of `generate`; pictures."""
    if key == "language_model":
        return [{"prefix": PREFIXES[seed % 5], "seed": seed + 1, "length": 60} for seed in range(20)]
    if key == "music_model":
        return [{"seed": seed + 1, "length": 60} for seed in range(20)]
    if key == "image_captioner":
        from rnnkit.data.scenes_sample import scenes

        return [scene.picture for scene in scenes(25)["train"]][:20]
    if key == "sequence_classifier":
        from rnnkit.tasks.sequence_classifier.sample import make_gestures

        return [gesture.values for gesture in make_gestures(20, seed=7)]
    if key == "speech_recognizer":
        from rnnkit.data.sounds import open_sound

        return list(np.array_split(open_sound(DIGITS, DIGITS_RATE).samples, 20))
    if key == "forecaster":
        return [_history(f"shop {shop + 1}") for shop in range(20)]
    return TEXTS


def _history(shop: str) -> dict[str, Any]:
    """The last days of a shop, of which the sample's training has the first ones."""
    from rnnkit.tasks.forecaster.sample import make_sales

    days = [day for day in make_sales(20, 730, ahead=14) if day.shop == shop][-114:]
    return {
        "series": shop,
        "values": [day.sales for day in days if day.sales is not None],
        "start": str(days[0].day),
        "known": {"known_promotion": [day.promotion for day in days], "known_holiday": [day.holiday for day in days]},
        "static": {"static_kind": days[0].kind},
    }


def answers(runner: Any, key: str, asked: list[Any]) -> list[Any]:
    """What a task or a bundle's runner answers to inputs, in JSON's kinds."""
    if key in ("language_model", "music_model"):
        return [runner.generate(**how) for how in asked]
    return [plain(dataclasses.asdict(answer)) for answer in runner.predict(asked)]


def same(now: Any, then: Any) -> bool:
    """Whether two answers are equal but for the last digits of numbers."""
    if isinstance(then, float):
        return abs(now - then) <= 2e-3 * max(1.0, abs(then))
    if isinstance(then, dict):
        return now.keys() == then.keys() and all(same(now[name], then[name]) for name in then)
    if isinstance(then, list):
        return len(now) == len(then) and all(map(same, now, then))
    return bool(now == then)


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        known = {name: each for name, each in value.items() if name != "nothing_read"}  # which is younger than these
        return {str(name): plain(each) for name, each in known.items()}
    if isinstance(value, list | tuple) or hasattr(value, "tolist"):
        return [plain(each) for each in value] if not hasattr(value, "tolist") else plain(value.tolist())
    return round(value, 6) if isinstance(value, float) else value


def both(run: str) -> dict[str, Any]:
    """What the Run and its TFLite file answer."""
    import rnnkit

    task = rnnkit.load(RUNS / run)
    bundle = rnnkit.lite.load(RUNS / run / "lite")
    return {
        "task": task.key,
        "keras": answers(task, task.key, inputs(task.key)),
        "tflite": answers(bundle, task.key, inputs(task.key)),
    }


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(path.parent.name for path in RUNS.glob("*/config.json")):
        said = both(name)
        (HERE / f"{name}.json").write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(name, len(said["keras"]), len(said["tflite"]))
