"""The recordings that the shipped Run of spoken digits is trained on, as a table for `pipelines/speech_digits.py`.

The Free Spoken Digit Dataset, 3,000 digits of six speakers, in its official split: index 0 to 4 is the test part, 5 to
9 stand for validation. Beside them, in the training part alone, the synthesised voices of `_voices.py`, so that the
network has heard more than six people. (With sixty voices of eSpeak NG besides, it heard the six people less well.)

    python benchmarks/digit_recordings.py --data FOLDER --to DIGITS      the folder `recordings`, or one above it
    python pipelines/speech_digits.py --data DIGITS/digits.csv --unit word --to saved_models/my_speech_digits
"""

import argparse
import csv
import shutil
from pathlib import Path

from speech_fsdd import RATE, official, recordings, voices

from rnnkit.tasks.speech_recognizer.sample import wav_bytes


def main() -> None:
    """Write the table and its recordings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True, help="a new folder")
    given = parser.parse_args()
    given.to.mkdir(parents=True)
    rows = [("file", "text", "group", "split")]
    for row in [*official(recordings(given.data), choose=False), *voices()]:
        name = row.name if isinstance(row.given, Path) else f"{row.name}_{row.target}.wav".replace(" ", "_")
        if isinstance(row.given, Path):
            shutil.copyfile(row.given, given.to / name)
        else:
            (given.to / name).write_bytes(wav_bytes(row.given, RATE))
        rows.append((name, str(row.target), row.group, row.part))
    with (given.to / "digits.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    print(f"written {given.to / 'digits.csv'}: {len(rows) - 1:,} recordings")


if __name__ == "__main__":
    main()
