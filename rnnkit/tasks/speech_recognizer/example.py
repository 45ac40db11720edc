"""The example of the recogniser: dialled numbers as recordings, with a table of what was dialled."""

from collections.abc import Iterator

from rnnkit.tasks.base.example_files import ExampleFiles
from rnnkit.tasks.shared.phrases import LICENCE, csv_text
from rnnkit.tasks.speech_recognizer.sample import dialled, wav_bytes

_RATE = 2000  # of few samples, since an example is small


def _files() -> Iterator[tuple[str, str | bytes]]:
    for folder, count, lines, seed in (("", 165, 10, 0), ("other/", 15, 3, 1)):
        rows = []
        for number, one in enumerate(dialled(count, lines, seed, 5, _RATE), 1):
            name = f"calls/{number:03}.wav"
            yield folder + name, wav_bytes(one.samples, _RATE, 1)
            rows.append((name, one.text, one.line))
        yield f"{folder}transcripts.csv", csv_text(("file", "text", "group"), rows)


EXAMPLE = ExampleFiles(
    about=(
        "transcripts.csv    165 recordings in calls/ of numbers dialled by tones; columns file, text and group\n"
        f"other/             15 more, of three other telephones\n\n{LICENCE}"
    ),
    names=("transcripts.csv", "other/transcripts.csv"),
    make=_files,
    settings={
        "rate": _RATE,
        "bands": 16,
        "units": 32,
        "layers": 1,
        "epochs": 60,
        "learning_rate": 0.005,
        "speed": 0.0,
    },
)
