"""The sentiment data of the pipeline: the real reviews, the offline sample, or a file of your own."""

from collections.abc import Callable
from typing import Any

from rnnkit.data.samples import first_available, is_named_file, load_sentiment_sample
from rnnkit.data.tables import Rows
from rnnkit.data.tfds import load_imdb

CHOICES = ("auto", "tfds", "sample")


def sentiment_data(
    choice: str = "auto", data_dir: str | None = None, say: Callable[[str], None] = print, most: int = 0
) -> tuple[Any, Any]:
    """Training and test rows of text and label; test rows are None where they are to be split off the training rows.

    Args:
        choice: "tfds" (IMDB's 25,000 + 25,000 reviews), "sample" (10,568 sentences of film reviews), "auto" (the
            first, or with a message the second where it is unavailable), or the name of a file.
        data_dir: The TFDS data folder; by default TFDS_DATA_DIR.
        say: Called with progress messages.
        most: Of the real data, the examples of each part that are taken; 0: all.

    Raises:
        RnnkitError: The data are unavailable.
    """
    if is_named_file(choice, CHOICES):
        return choice, None

    loaders: dict[str, Callable[[], Any]] = {
        "tfds": lambda: load_imdb(data_dir, say=say),
        "sample": lambda: load_sentiment_sample(say=say),
    }
    name, rows = first_available(loaders, say) if choice == "auto" else (choice, loaders[choice]())
    if name == "tfds":
        train, test = rows["train"][: most or None], rows["test"][: most or None]
        return Rows(train, name="imdb_reviews"), Rows(test, name="imdb_reviews test")
    return Rows(rows, name="film review sentences (offline sample)"), None
