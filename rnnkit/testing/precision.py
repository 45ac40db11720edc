"""Point 9: the half-precision policies run, stay finite, and come near to float32."""

import numpy as np

from rnnkit.testing.require import as_numpy, require, require_equal
from rnnkit.testing.subject import Subject

POLICIES = {"mixed_float16": ("float16", 0.02), "mixed_bfloat16": ("bfloat16", 0.15)}
MEND = "Make constants with the dtype of what they meet, and keep exp() and the like within 6e4."


def runs(subject: Subject) -> None:
    """Masked, stacked, both ways, in training and outside it."""
    exact = subject.layer(layers=2, bidirectional=True)
    inputs, mask = subject.inputs(), subject.mask()
    full = exact(inputs, mask=mask)
    for policy, (dtype, within) in POLICIES.items():
        cell = {"dtype": policy, "seed": 1}
        for pooling in ("mean", "last"):
            layer = subject.layer(cell, like=exact, layers=2, bidirectional=True, pooling=pooling, return_state=True)
            output, *states = layer(inputs, mask=mask)
            for name, tensor in (("output", output), *((f"state {i}", state) for i, state in enumerate(states))):
                got = tensor.dtype.name if hasattr(tensor.dtype, "name") else str(tensor.dtype)
                require(got == dtype, f"{policy}: the {name} is {got} instead of {dtype}. {MEND}")
        require_equal(f"{policy} against float32", output, full, within, MEND)
        noises = {name: 0.2 for name in ("dropout", "zoneout") if name not in subject.cell_class.refuses}
        noisy = subject.layer({**cell, **noises}, like=exact, layers=2, bidirectional=True)
        trained = as_numpy(noisy(inputs, mask=mask, training=True))
        require(np.isfinite(trained).all(), f"{policy}: not finite in training. {MEND}")
