"""Weights in half precision, for Runs that are to be small: half the file, and the same answers but for near ties."""

import os
import zipfile
from pathlib import Path

import numpy as np

_WEIGHTS = "model.weights.h5"


def halve(model: Path) -> None:
    """Rewrites a `.keras` file with its float32 weights as float16; Keras reads them back as float32.

    Args:
        model: The file; it is replaced when the new one is whole.
    """
    import h5py

    scratch, target = model.with_name(f"{model.name}.h5"), model.with_name(f"{model.name}.writing")
    try:
        with zipfile.ZipFile(model) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                if name != _WEIGHTS:
                    new.writestr(name, old.read(name))
            scratch.write_bytes(old.read(_WEIGHTS))
            with h5py.File(scratch, "r+") as file:
                found: list[str] = []
                file.visititems(lambda name, each: found.append(name) if _is_float(each) else None)
                for name in found:
                    values = np.asarray(file[name])
                    del file[name]
                    file[name] = values.astype(np.float16)
            with h5py.File(scratch) as file, h5py.File(f"{scratch}.small", "w") as small:  # without the gaps
                for name in file:
                    file.copy(name, small)
                small.attrs.update(file.attrs)
            new.write(f"{scratch}.small", _WEIGHTS)
        os.replace(target, model)
    finally:
        for path in (scratch, Path(f"{scratch}.small"), target):
            path.unlink(missing_ok=True)


def _is_float(each: object) -> bool:
    import h5py

    return isinstance(each, h5py.Dataset) and each.dtype == np.float32
