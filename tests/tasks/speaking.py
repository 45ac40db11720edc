"""Small recordings of dialled numbers, and Runs trained on them, made once for all tests of a process."""

import functools

from tasks import tiny

#: Options of a training of seconds, whose network need not be good.
OPTIONS = {
    "rate": 8000, "units": 8, "layers": 1, "filters": 8, "epochs": 2, "batch_size": 16, "speed": 0.0, "cache": False,
}  # fmt: skip
#: The same for streams.
STREAMING = {**OPTIONS, "bidirectional": False, "tail": 0.1, "cell": "lstm", "layers": 2}


def rows(count=60, lines=10, seed=0):
    """(samples, text, line) of dialled numbers."""
    from rnnkit.tasks.speech_recognizer.sample import dialled

    return [(one.samples, one.text, one.line) for one in dialled(count, lines, seed, most=5)]


@functools.cache
def trained():
    """A trained recogniser that reads in both directions, saved as a Run. Do not change either."""
    import rnnkit

    return rnnkit.SpeechRecognizer(**OPTIONS).fit(rows(), to=tiny.folder() / "speech")


@functools.cache
def streaming():
    """One that can run on streams. Do not change either."""
    import rnnkit

    return rnnkit.SpeechRecognizer(**STREAMING).fit(rows(), to=tiny.folder() / "speech_stream")
