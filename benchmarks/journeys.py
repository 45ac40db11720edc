"""Record what a newcomer sees: five journeys from `rnnkit example` to an answer, in a terminal of 80 columns.

    python benchmarks/journeys.py [--only opinions]

Writes docs/journeys/NAME.txt: all lines that the terminal showed. With --cast FOLDER also NAME.cast there, which
`asciinema play` shows in motion. A traceback or a command that fails ends the recording with exit code 1.
"""

import argparse
import codecs
import fcntl
import json
import os
import pty
import select
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

import pyte

ROOT = Path(__file__).parents[1]
TO = ROOT / "docs" / "journeys"
COLUMNS, LINES = 80, 24
MOST_LINES = 4000
#: What is typed, in this order; each journey begins in an empty folder.
JOURNEYS = {
    "opinions": (
        "rnnkit example text_classifier --to opinions",
        "rnnkit check text_classifier opinions/reviews.csv",
        "rnnkit train text_classifier opinions/reviews.csv --units 32 --epochs 15 --learning-rate 0.01 "
        "--to saved_models/my_opinions",
        "rnnkit evaluate saved_models/my_opinions opinions/more_reviews.csv",
        "rnnkit predict saved_models/my_opinions 'Would buy again'",
        "rnnkit predict saved_models/my_opinions opinions/more_reviews.csv --to answers.csv",
        "rnnkit export saved_models/my_opinions",
    ),
    "entities": (
        "rnnkit example token_tagger --to entities",
        "rnnkit check token_tagger entities/places.conll",
        "rnnkit train token_tagger entities/places.conll --units 32 --epochs 12 --learning-rate 0.01 "
        "--to saved_models/my_entities",
        "rnnkit predict saved_models/my_entities 'Ada Moss flew from Oslo to Lima.'",
        "rnnkit export saved_models/my_entities",
    ),
    "pictures": (
        "rnnkit example image_captioner --to pictures",
        "rnnkit check image_captioner pictures/captions.csv",
        "rnnkit train image_captioner pictures/captions.csv --encoder small_cnn --units 64 --batch-size 16 --epochs 20 "
        "--learning-rate 0.003 --dropout 0.0 --to saved_models/my_pictures",
        "rnnkit evaluate saved_models/my_pictures pictures/other/captions.csv",
        "rnnkit export saved_models/my_pictures",
    ),
    "text": (
        "rnnkit example language_model --to text",
        "rnnkit check language_model text/mine.txt",
        "rnnkit train language_model text/mine.txt --unit character --units 96 --window 50 --batch-size 8 --epochs 8 "
        "--learning-rate 0.005 --to saved_models/my_text",
        "rnnkit generate saved_models/my_text",
        "rnnkit runs",
    ),
    "tunes": (
        "rnnkit example music_model --to tunes",
        "rnnkit check music_model tunes/tunes.abc",
        "rnnkit train music_model tunes/tunes.abc --units 96 --window 50 --batch-size 8 --epochs 8 "
        "--learning-rate 0.005 --transpose 0 --to saved_models/my_tunes",
        "rnnkit generate saved_models/my_tunes",
        "rnnkit export saved_models/my_tunes",
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=JOURNEYS)
    parser.add_argument("--cast", type=Path, help="a folder for recordings in motion")
    given = parser.parse_args()
    TO.mkdir(exist_ok=True)
    for name in [given.only] if given.only else JOURNEYS:
        with tempfile.TemporaryDirectory() as folder:
            events = record(name, Path(folder))
        if given.cast:
            header = {"version": 2, "width": COLUMNS, "height": LINES, "title": f"rnnkit: {name}"}
            (given.cast / f"{name}.cast").write_text("\n".join([json.dumps(header), *events]) + "\n", encoding="utf-8")


def record(name: str, folder: Path) -> list[str]:
    """Records one journey, and gives what was printed when."""
    screen = pyte.HistoryScreen(COLUMNS, LINES, history=MOST_LINES, ratio=1)
    stream, began = pyte.Stream(screen), time.monotonic()
    events: list[str] = []

    def show(text: str) -> None:
        events.append(json.dumps([round(time.monotonic() - began, 2), "o", text], ensure_ascii=False))
        stream.feed(text)

    for command in JOURNEYS[name]:
        show(f"$ {command}\r\n")
        if code := run(command, folder, show):
            sys.exit(f"{name}: `{command}` ended with {code}.")
        show("\r\n")
    text = "\n".join(shown(screen)).rstrip() + "\n"
    if "Traceback" in text:
        sys.exit(f"{name}: a traceback.")
    (TO / f"{name}.txt").write_text(text, encoding="utf-8")
    print(f"{name}: {len(JOURNEYS[name])} commands, {time.monotonic() - began:.0f} s")
    return events


def run(command: str, folder: Path, show) -> int:
    """Runs a command in a terminal of its own and shows what it prints as it comes."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    found = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "TERM": "xterm-256color", "PATH": found}
    for name in ("COLUMNS", "LINES", "NO_COLOR", "TF_CPP_MIN_LOG_LEVEL"):
        environment.pop(name, None)
    process = subprocess.Popen(
        shlex.split(command), stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=environment, close_fds=True
    )
    os.close(theirs)
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    while True:
        ready, _, _ = select.select([ours], [], [], 0.2)
        try:
            content = os.read(ours, 65536) if ready else b""
        except OSError:  # the other end is closed
            break
        if content:
            show(decode(content))
        elif process.poll() is not None:
            break
    os.close(ours)
    return process.wait()


def shown(screen: pyte.HistoryScreen) -> list[str]:
    """All lines that the terminal has shown, those that were scrolled away too."""
    above = ["".join(line[column].data for column in range(COLUMNS)) for line in screen.history.top]
    return [line.rstrip() for line in [*above, *screen.display]]


if __name__ == "__main__":
    main()
