"""The example of the captioner: drawn scenes of two shapes, as in its pipeline, fewer of them."""

import csv
import io
from collections.abc import Iterator

from rnnkit.data.scenes_sample import TABLE, scene_files
from rnnkit.tasks.base.example_files import ExampleFiles
from rnnkit.tasks.shared.phrases import LICENCE, csv_text

_OTHER = "other/"


def _files() -> Iterator[tuple[str, str | bytes]]:
    yield from scene_files(200)
    for name, content in scene_files(40, seed=1):
        yield _OTHER + name, _in_training(content) if name == TABLE else content


def _in_training(table: bytes) -> str:
    """The table without its parts: what is new to a model is chosen by the command that reads it."""
    head, *rows = csv.reader(io.StringIO(table.decode("utf-8"), newline=""))
    return csv_text(head[:2], (row[:2] for row in rows))


EXAMPLE = ExampleFiles(
    about=(
        "captions.csv    200 drawn scenes in images/ with two captions each; columns image, caption and split.\n"
        "                Colours and shapes of its test part are not together in the other parts.\n"
        f"other/          40 more, without parts\n\n{LICENCE}"
    ),
    names=(TABLE, f"{_OTHER}{TABLE}"),
    make=_files,
    settings={
        "encoder": "small_cnn",
        "units": 64,
        "batch_size": 16,
        "epochs": 20,
        "learning_rate": 0.003,
        "dropout": 0.0,
    },
)
