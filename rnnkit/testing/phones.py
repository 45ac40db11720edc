"""Points 7 and 8: the same numbers from TFLite files with builtin operators alone, whole and one step at a time."""

import numpy as np

from rnnkit.export.streaming import export_sequence, export_step
from rnnkit.lite.interpreter import open_model
from rnnkit.lite.streaming import Streaming
from rnnkit.testing.require import as_numpy, require_equal
from rnnkit.testing.sequences import depths_of
from rnnkit.testing.subject import TIME, Subject

WITHIN = 1e-5
MEND = "Use keras.ops that TFLite has as builtin operators, and no shapes that depend on values."


def loop(subject: Subject) -> None:
    """The file that loops over time."""
    _whole(subject, "loop")


def unroll(subject: Subject) -> None:
    """The file with every step written out."""
    _whole(subject, "unroll")


def _whole(subject: Subject, strategy: str) -> None:
    layer = subject.layer(bidirectional=True, return_sequences=True)
    inputs = subject.inputs(1)
    runner = open_model(export_sequence(layer, subject.features, TIME, strategy)).get_signature_runner()
    require_equal(f"The TFLite file, {strategy}", runner(x=inputs)["y"], layer(inputs), WITHIN, MEND)


def streaming(subject: Subject) -> None:
    """A stacked one-step file, deep in every way, fed its own state, and once more after a reset."""
    layer = subject.layer(layers=2, **depths_of(subject), initial_state="learned", return_sequences=True)
    inputs = subject.inputs(1)
    stream = Streaming(export_step(layer, subject.features))
    expected = as_numpy(layer(inputs))[0]
    require_equal("Streaming", np.concatenate([stream.step(x) for x in inputs[0]]), expected, WITHIN, MEND)
    stream.reset()
    require_equal("Streaming after reset()", stream.step(inputs[0, 0])[0], expected[0], WITHIN, MEND)
