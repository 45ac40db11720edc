"""Import of Keras without TensorFlow's start-up notes."""

import logging
import os
import sys

from rnnkit import versions
from rnnkit.errors import RnnkitError

#: A part of TensorFlow's advice to who writes its functions: a user of ours has written none.
_ADVICE = "triggered tf.function retracing"


def load_keras() -> None:
    """Import Keras and its backend once, quietly; errors still show.

    Raises:
        RnnkitError: For a Python, Keras or TensorFlow that is too old or not there, and for another backend.
    """
    versions.require_python()
    versions.require("keras")
    require_backend(os.environ.get("KERAS_BACKEND") or "tensorflow")  # Keras would fail without saying what works
    if "keras" not in sys.modules:
        _import_keras()  # quietly: `rnnkit.watched_imports`
        versions.require("keras")  # which may come from elsewhere than what is installed
    logging.getLogger("tensorflow").addFilter(_says_something)
    if "tensorflow" in sys.modules:  # else Keras runs on another backend
        versions.require("tensorflow")
    if found := getattr(sys.modules["keras"], "config", None):
        require_backend(found.backend())  # which may be set in Keras's own settings


def require_backend(name: str) -> None:
    """Refuse a Keras backend that rnnkit is not tested on.

    Raises:
        RnnkitError: For any but TensorFlow and JAX.
    """
    if name not in ("tensorflow", "jax"):
        raise RnnkitError(
            f"Keras's backend is {name!r:.40}; rnnkit runs on tensorflow (everything) and on jax (training and "
            "answers, no export). Set KERAS_BACKEND=tensorflow. On a phone, `rnnkit.lite` needs neither."
        )


def _import_keras() -> None:
    try:
        import keras  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name in versions.FLOORS:
            raise versions.missing(error.name) from None
        raise


def _says_something(record: logging.LogRecord) -> bool:
    return _ADVICE not in str(record.msg)
