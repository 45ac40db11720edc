"""Runs an exported bundle with numpy and ai-edge-litert alone: no TensorFlow, no Keras, no pandas.

`load(folder)` reads `bundle.json` and gives the runner of its task; the runners are the files in `rnnkit/lite/tasks`,
one per task, named after it. `rnnkit.lite.streaming.Streaming` feeds a one-step model its own state.
"""

from os import PathLike
from typing import Any

from rnnkit.lite.bundle import Bundle, read_bundle
from rnnkit.registry import Registry

__all__ = ["Bundle", "load", "read_bundle", "runner_names"]

_RUNNERS = Registry(f"{__name__}.tasks", "task")


def load(folder: str | PathLike[str], num_threads: int = 1) -> Any:
    """Loads an exported bundle, whatever its task, ready to predict in well under a second.

    Args:
        folder: what `rnnkit export` wrote, the folder with `bundle.json` in it.
        num_threads: threads the runtime may use; one is best for recurrent models of batch 1.

    Returns:
        The runner of the bundle's task, such as `rnnkit.lite.tasks.text_classifier.TextClassifier`.

    Raises:
        RnnkitError: there is no whole bundle, its files are not those it was written with, or its task is unknown.

    Example:

    >>> classifier = load("saved_models/imdb_sentiment/lite")  # doctest: +SKIP
    >>> classifier.predict("A warm, funny film.")[0].label  # doctest: +SKIP
    'positive'
    """
    bundle = read_bundle(folder)
    hint = f"{bundle.folder} needs it; this rnnkit runs: {', '.join(runner_names())}"
    module = _RUNNERS.module(bundle.task, hint)
    return getattr(module, bundle.task.title().replace("_", ""))(bundle, num_threads)


def runner_names() -> list[str]:
    """The tasks that can be run from a bundle: the file names in `rnnkit/lite/tasks`."""
    return _RUNNERS.keys()
