"""Do the tunes of the Nottingham collection sound as abc2midi has them, as they are written and as they are played?

Each tune's text is given to abc2midi (Debian's `abcmidi`) and to rnnkit; the pitches and beginnings of all notes are
compared: once without repeats and parts, once with both, and once in the plain form that a network learns. Where the
text does not say where a repeat begins or ends, players differ; such tunes are listed apart by name. Writes
`results/nottingham_sound.json`.

    python benchmarks/nottingham_sound.py --data FOLDER --earlier ANOTHER_CHECKOUT
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from _record import record
from abc_judge import alike, as_written, judged, notes_of

from rnnkit.codec.abc import Skipped, parse_tune, split_tunes
from rnnkit.codec.abc_text import plain_text
from rnnkit.errors import RnnkitError
from rnnkit.tasks.music_model.notation import midi_bytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="the folder of the collection's .abc files")
    parser.add_argument("--earlier", help="a checkout of an earlier version, measured too")
    parser.add_argument("--print", action="store_true", help="print the counts as JSON, and write nothing")
    given = parser.parse_args()
    result = measured(Path(given.data))
    if given.print:
        print(json.dumps(result))
        return
    if given.earlier:
        command = [sys.executable, __file__, "--data", given.data, "--print"]
        environment = {**os.environ, "PYTHONPATH": str(Path(given.earlier).resolve())}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        before = json.loads(done.stdout.splitlines()[-1])
        result["earlier"] = {form: before[form]["equal"] for form in ("as_written", "as_learnt", "as_played")}
    print({form: result[form] for form in result if form != "earlier"}, result.get("earlier", ""))
    judge = subprocess.run(["abc2midi", "-ver"], capture_output=True, text=True, check=False).stdout.strip()
    record("nottingham_sound", {"judge": judge, **result}, seed=0, packages=("mido", "music21"))


def measured(folder: Path) -> dict[str, Any]:
    """How many tunes sound alike, and the names of the others."""
    forms: dict[str, dict[str, Any]] = {
        form: {"tunes": 0, "equal": 0, "others": []} for form in ("as_written", "as_learnt", "as_played")
    }
    left_out: dict[str, list[str]] = {}
    doubtful: list[str] = []
    tunes = 0
    with tempfile.TemporaryDirectory() as place:
        for file, abc in _texts(folder):
            tunes += 1
            title = (re.findall(r"^T:\s*(.*?)\s*$", abc, re.MULTILINE) or ["untitled"])[0]
            skipped = Skipped()
            if not list(split_tunes(abc.splitlines(), file, skipped)):
                left_out.setdefault(next(iter(skipped.counts)), []).append(f"{file}: {title}")
                continue
            once = as_written(abc)
            if not _clear(abc):
                doubtful.append(f"{file}: {title}")
            learnt = f"X:1\nT:t\n{plain_text(parse_tune(once))}\n"
            for form, text in zip(forms.values(), (once, learnt, abc), strict=True):
                form["tunes"] += 1
                if _sounds_alike(text, Path(place)):
                    form["equal"] += 1
                else:
                    form["others"].append(f"{file}: {title}")
    played = forms["as_played"]
    played["others_with_doubtful_repeats"] = [name for name in played["others"] if name in doubtful]
    played["others"] = [name for name in played["others"] if name not in doubtful]
    return {"tunes": tunes, "left_out": left_out, **forms}


def _sounds_alike(abc: str, folder: Path) -> bool:
    try:
        return alike(notes_of(midi_bytes(abc)), judged(abc, folder))
    except RnnkitError:
        return False


def _clear(abc: str) -> bool:
    try:
        from rnnkit.tasks.music_model.repeats import repeats_are_clear
    except ImportError:  # an earlier version
        return True
    return repeats_are_clear(parse_tune(abc))


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    """The name of each file, and the text of each tune in it."""
    for file in sorted(folder.rglob("*.abc")):
        for text in re.split(r"(?m)^(?=X:)", file.read_text(encoding="utf-8"))[1:]:
            yield file.name, re.split(r"\n\s*\n", text)[0] + "\n"


if __name__ == "__main__":
    main()
