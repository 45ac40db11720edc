"""Run an exported bundle with numpy and ai-edge-litert alone: no TensorFlow, no Keras, no pandas.

`load(folder)` reads `bundle.json` and gives the runner of its task; the runners are the files in `rnnkit/lite/tasks`,
one per task, named after it. `rnnkit.lite.streaming.Streaming` feeds a one-step model its own state.
"""

from os import PathLike
from typing import Any

from rnnkit.lite.bundle import Bundle, read_bundle
from rnnkit.lite.isolation.isolated import MEMORY_GIB, TIMEOUT_S
from rnnkit.lite.isolation.isolated import isolated as in_a_child
from rnnkit.registry import Registry

__all__ = ["Bundle", "load", "read_bundle", "runner_names"]

_RUNNERS = Registry(f"{__name__}.tasks", "task")


def load(
    folder: str | PathLike[str],
    num_threads: int = 1,
    isolated: bool = False,
    timeout_s: float = TIMEOUT_S,
    memory_gib: float = MEMORY_GIB,
) -> Any:
    """Load an exported bundle, whatever its task, ready to predict in well under a second.

    Args:
        folder: what `rnnkit export` wrote, the folder with `bundle.json` in it.
        num_threads: threads the runtime may use; one is best for recurrent models of batch 1.
        isolated: runs the model in a child process, for a bundle from a stranger: a model that was made to crash or
            never to end then does no harm to this process.
        timeout_s: if isolated, seconds for an answer; a call with a list has as many times that.
        memory_gib: if isolated, GiB of memory that the child may have (where the system can hold it to that).

    Returns:
        The runner of the bundle's task, such as `rnnkit.lite.tasks.text_classifier.TextClassifier`; if isolated, what
        has its methods (`rnnkit.lite.isolation.isolated.Isolated`), and `close()`, which ends the child.

    Raises:
        RnnkitError: there is no whole bundle, its files are not those it was written with, its model is damaged, or its
            task is unknown.

    Example:

    >>> classifier = load("saved_models/imdb_sentiment/lite")  # doctest: +SKIP
    >>> classifier.predict("A warm, funny film.")[0].label  # doctest: +SKIP
    'positive'
    >>> with load("stranger/lite", isolated=True) as classifier:  # doctest: +SKIP
    ...     classifier.predict("A warm, funny film.")
    """
    bundle = read_bundle(folder)
    hint = f"{bundle.folder} needs it; this rnnkit runs: {', '.join(runner_names())}"
    name = bundle.setting("runner", str) if "runner" in bundle.settings else bundle.task  # of a task of one's own
    if name == "micro":  # a file for microcontrollers, of any task
        from rnnkit.lite import micro as module

        if bundle.task == "sound_classifier":
            from rnnkit.lite import micro_sound as module  # type: ignore[no-redef]

            name = "micro_sound"
    else:
        module = _RUNNERS.module(name, hint)
    runner: Any = getattr(module, name.title().replace("_", ""))
    bundle.check_texts()
    if not isolated:
        return runner(bundle, num_threads)
    return in_a_child(lambda: runner(bundle, num_threads), str(bundle.folder), timeout_s, memory_gib)


def runner_names() -> list[str]:
    """The tasks that can be run from a bundle: the file names in `rnnkit/lite/tasks`."""
    return _RUNNERS.keys()
