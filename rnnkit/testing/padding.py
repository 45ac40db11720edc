"""Point 4: padding changes nothing, wherever it stands."""

from typing import Any

import numpy as np
from keras import ops

from rnnkit.layers.pooling import POOLINGS
from rnnkit.testing.require import as_numpy, require_equal
from rnnkit.testing.subject import Subject

SHAPES: dict[str, dict[str, Any]] = {
    "single": {},
    "stacked": {"layers": 2},
    "bidirectional": {"bidirectional": True},
}
LARGE: dict[str, dict[str, Any]] = {
    "stacked, bidirectional": {"layers": 2, "bidirectional": True, "residual": True},
}
#: Where the four steps of a sequence stand among seven; the others hold rubbish.
PLACES = {"right": [0, 1, 2, 3], "left": [3, 4, 5, 6], "middle": [0, 1, 5, 6], "everywhere": []}
WITHIN = 1e-5
MEND = "A hidden step must leave every state as it was; leave masks to the layer."


def changes_nothing(subject: Subject) -> None:
    """Padded right, left and in the middle, a sequence gives what it gives alone."""
    _changes_nothing(subject, SHAPES)


def changes_nothing_at_large(subject: Subject) -> None:
    """The same for a stack in both directions."""
    _changes_nothing(subject, LARGE)


def _changes_nothing(subject: Subject, shapes: dict[str, dict[str, Any]]) -> None:
    steps = subject.inputs(1, 4)
    padded, mask = _padded(subject, steps)
    for shape, options in shapes.items():
        first = subject.layer(**options)
        for pooling in POOLINGS:
            layer = subject.layer(like=first, pooling=pooling, **options)
            expected = layer(steps)
            got = layer(padded, mask=mask)
            for row, place in enumerate(list(PLACES)[:3]):
                require_equal(f"{shape}, {pooling}: padding {place}", got[row : row + 1], expected, WITHIN, MEND)
        layer = subject.layer(like=first, return_sequences=True, **options)
        got, expected = as_numpy(layer(padded, mask=mask)), layer(steps)
        same = layer(steps, mask=np.ones((1, 4), bool))
        require_equal(f"{shape}: a mask that hides nothing", same, expected, 1e-6, MEND)
        for row, (place, shown) in enumerate(list(PLACES.items())[:3]):
            require_equal(f"{shape}, sequences: padding {place}", got[row, shown][None], expected, WITHIN, MEND)


def of_whole_rows(subject: Subject) -> None:
    """A row of padding alone gives 0, or the state it began with, and never NaN."""
    padded, mask = _padded(subject, subject.inputs(1, 4))
    for pooling in POOLINGS:
        layer = subject.layer(pooling=pooling, bidirectional=True, return_state=True)
        states = subject.states(layer, len(PLACES))
        output, *last = layer(padded, mask=mask, initial_state=states)
        for mine, theirs in zip(last, states, strict=True):
            require_equal("State after a row of padding", mine[-1], theirs[-1], 0.0, MEND)
        count = len(layer.cell.state_names)
        begun = np.concatenate([states[0][-1], states[count][-1]])
        expected = begun if pooling == "last" else np.zeros(output.shape[-1])
        require_equal(f"{pooling} of a row of padding", output[-1], expected, 0.0, MEND)


def _padded(subject: Subject, steps: np.ndarray) -> tuple[Any, Any]:
    """The sequence at each of PLACES, with large numbers where it is not."""
    padded = 50 * subject.inputs(len(PLACES), 7)
    mask = np.zeros((len(PLACES), 7), bool)
    for row, shown in enumerate(PLACES.values()):
        padded[row, shown] = steps[0, : len(shown)]
        mask[row, shown] = True
    return ops.convert_to_tensor(padded), ops.convert_to_tensor(mask)
