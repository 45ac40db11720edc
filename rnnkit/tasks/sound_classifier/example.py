"""The example of the sound classifier: key words of made-up speakers, other words and noises, as small Ogg files."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from rnnkit.tasks.base.example_files import ExampleFiles
from rnnkit.tasks.shared.phrases import LICENCE, csv_text

#: Made by `benchmarks/sample_words.py`.
_ARCHIVE = Path(__file__).with_name("words.zip")
_ONE = "more_words/stop_speaker_27.ogg"


def _files() -> Iterator[tuple[str, str | bytes]]:
    with zipfile.ZipFile(_ARCHIVE) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    for part in ("words", "more_words"):
        rows = [(name, *_said(name)) for name in contents if name.startswith(f"{part}/")]
        yield f"{part}.csv", csv_text(("file", "label", "speaker"), rows)
    yield "one.ogg", contents[_ONE]
    yield from contents.items()


def _said(name: str) -> tuple[str, str]:
    """The label and the speaker that the name of a file says."""
    stem = Path(name).stem
    said, _, number = stem.rpartition("_speaker_")
    return said.split("_")[0], f"speaker {number}" if not said.startswith("background") else f"noise {number}"


EXAMPLE = ExampleFiles(
    about=(
        "words.csv        sounds of 26 made-up speakers: file, label, speaker; yes, no, stop, go, unknown, background\n"
        "more_words.csv   20 more of four other speakers, to test on\n"
        "one.ogg          a word without a label, to answer\n"
        "words, more_words  the sounds, Opus in Ogg of 8,000 samples a second, spoken by voices of eSpeak NG\n\n"
        f"{LICENCE}"
    ),
    names=("words.csv", "more_words.csv", "one.ogg"),
    make=_files,
    settings={"rate": 8000, "units": 48, "epochs": 50, "learning_rate": 0.006},
)
