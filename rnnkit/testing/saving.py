"""Point 6: a saved model gives the same numbers, here, in a fresh process, and as a SavedModel."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from rnnkit.child import ChildError, run_in_subprocess
from rnnkit.layers.recurrent import Recurrent
from rnnkit.testing.require import ContractError, as_numpy, require, require_equal
from rnnkit.testing.shared import Child
from rnnkit.testing.subject import Subject, randomize

WITHIN = 1e-6
MEND = "Keep every weight as an attribute, made in build(), and every argument as an attribute of its name."


def here(subject: Subject) -> None:
    """Saved and loaded in this process."""
    model, inputs = saved_subject(subject)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        model.save(path)
        again = keras.saving.load_model(path)
    require_equal("The loaded .keras file", again(inputs), model(inputs), WITHIN, MEND)


def fresh_process(subject: Subject) -> None:
    """Loaded where nothing but Keras and the cell's module has been imported."""
    load_in_fresh_process([subject])


def load_in_fresh_process(subjects: Sequence[Subject], backend: str | None = None) -> None:
    """Load the models of several cells, each without `custom_objects`, in another process, and compare.

    Args:
        subjects: The cells.
        backend: Keras's backend there; by default the one here.
    """
    backend = backend or keras.backend.backend()
    with tempfile.TemporaryDirectory() as folder:
        expected, jobs = {}, []
        for subject in subjects:
            name, module = subject.cell_class.__name__, subject.cell_class.__module__
            require(
                module != "__main__" and "<locals>" not in subject.cell_class.__qualname__,
                f"{name} cannot be imported by another process: move it to the top of a module of its own.",
            )
            model, inputs = saved_subject(subject)
            model.save(Path(folder, f"{name}.keras"))
            np.savez(Path(folder, f"{name}.npz"), inputs=inputs[0], mask=inputs[1])
            expected[name] = as_numpy(model(inputs))
            jobs.append((name, module))
        loaded = ("rnnkit.testing.fresh:load", backend, sys.path, folder, jobs)
        try:
            if backend == keras.backend.backend():
                run_in_subprocess(*loaded)
            else:  # one that has another backend already cannot change it
                with Child() as child:
                    list(child.run(*loaded))
        except ChildError as error:
            raise ContractError(f"A fresh process cannot load the .keras file: {error}") from None
        for name, numbers in expected.items():
            got = np.load(Path(folder, f"{name}.npy"), allow_pickle=False)
            require_equal(
                f"The .keras file of {name}, loaded in a fresh process on {backend}", got, numbers, 1e-5, MEND
            )


def saved_model(subject: Subject) -> None:
    """Exported for a server and run without Keras."""
    if keras.backend.backend() != "tensorflow":
        return
    import tensorflow as tf

    model, inputs = saved_subject(subject)
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False)
        loaded = tf.saved_model.load(folder)  # the function alone would not keep its variables alive
        served = loaded.serve([tf.constant(part) for part in inputs])
    require_equal("The SavedModel", served, model(inputs), 1e-5, MEND)


def saved_subject(subject: Subject) -> tuple[keras.Model, list[np.ndarray]]:
    """A model with the cell's own layer, stacked both ways, and `Recurrent` around the cell; and inputs for it."""
    x, mask = keras.Input((None, subject.features), name="x"), keras.Input((None,), dtype="bool", name="mask")
    made = subject.class_layer()(
        subject.units, layers=2, bidirectional=True, return_sequences=True, **subject.arguments
    )
    pooled = Recurrent(subject.cell(), pooling="mean", go_backwards=True)
    model = keras.Model([x, mask], pooled(made(x, mask=mask), mask=mask))
    randomize(model.trainable_weights)
    return model, [subject.inputs(), subject.mask()]
