"""The example of the recogniser: dialled numbers as recordings, with a table of what was dialled."""

from collections.abc import Iterator

from rnnkit.tasks.base.example_files import ExampleFiles
from rnnkit.tasks.shared.phrases import LICENCE, csv_text
from rnnkit.tasks.speech_recognizer.sample import dialled, wav_bytes


def _files() -> Iterator[tuple[str, str | bytes]]:
    for folder, count, seed in (("", 400, 0), ("other/", 30, 1)):
        rows = []
        for number, one in enumerate(dialled(count, 10 if not folder else 2, seed, most=5), 1):
            name = f"calls/{number:03}.wav"
            yield folder + name, wav_bytes(one.samples)
            rows.append((name, one.text, one.line))
        yield f"{folder}transcripts.csv", csv_text(("file", "text", "group"), rows)


EXAMPLE = ExampleFiles(
    about=(
        "transcripts.csv    400 recordings in calls/ of numbers dialled by tones; columns file, text and group\n"
        f"other/             30 more, of two other telephones\n\n{LICENCE}"
    ),
    names=("transcripts.csv", "other/transcripts.csv"),
    make=_files,
    settings={
        "rate": 8000,
        "bidirectional": False,
        "speed": 0.0,
        "frequency_masks": 0,
        "batch_size": 8,
        "units": 32,
        "layers": 1,
        "filters": 32,
        "epochs": 15,
        "learning_rate": 0.005,
    },
)
