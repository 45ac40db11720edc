"""Settings every test shares: quiet TensorFlow, no GPU, no windows, fixed seeds."""

import os
import random
import sys
from collections.abc import Iterator

SETTINGS = {
    "COLUMNS": "120",  # messages are not wrapped, whatever the terminal's width
    "CUDA_VISIBLE_DEVICES": "-1",  # CUDA_VISIBLE_DEVICES=0 make test: on a GPU
    "KERAS_BACKEND": "tensorflow",
    "MPLBACKEND": "Agg",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}
for _name, _value in SETTINGS.items():
    os.environ.setdefault(_name, _value)  # before anything imports TensorFlow

import numpy as np  # noqa: E402
import pytest  # noqa: E402


@pytest.fixture(autouse=True)
def fixed_seeds() -> Iterator[None]:
    """Every test starts from the same random numbers; Keras is seeded only where it is loaded already."""
    random.seed(7)
    np.random.seed(7)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(7)
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
