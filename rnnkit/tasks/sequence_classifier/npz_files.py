"""NumPy archives of sequences: `X` `[sequences, time, channels]` and `y`, or `values` and `lengths` of unequal ones."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.data.columns import shown
from rnnkit.data.unpacked import MOST_HELD, allowed, open_bytes, too_large
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import in_units
from rnnkit.noise import old_npy_headers
from rnnkit.tasks.sequence_classifier.memory import sequences_of_arrays
from rnnkit.tasks.sequence_classifier.sequences import Sequences

_INPUTS, _TARGETS = ("X", "x", "values", "data"), ("y", "Y", "labels", "label", "target", "targets")
_EXPECTED = "X [sequences, time, channels] and y, or values [steps, channels], lengths and y"


def read_npz(path: Path, per_step: bool = False, labelled: bool = True) -> Sequences:
    """The sequences of an `.npz` file.

    Its arrays are `X` `[sequences, time, channels]`, NaN where a value is missing, and `y` `[sequences]`; or, for
    unequal lengths, `values` `[all steps, channels]` and `lengths` `[sequences]`. Also `channels` and `groups`; and,
    with the endings `_train` and `_test`, two parts.

    Args:
        path: The file.
        per_step: Whether each step has a label of its own: `y` `[sequences, time]` or `[all steps]`.
        labelled: Whether the file has to have labels.

    Raises:
        RnnkitError: It is another file, has other arrays, or holds Python objects, which are never loaded.
    """
    arrays = _arrays(path)
    parts = {ending: _part(arrays, ending) for ending in ("", "_train", "_test")}
    parts = {ending: part for ending, part in parts.items() if part}
    if not parts or "" in parts and len(parts) > 1 or list(parts) == ["_test"]:
        raise RnnkitError(f"{path.name} has {', '.join(list(arrays)[:12]) or 'nothing'}; expected {_EXPECTED}.")
    read = {ending: _sequences(f"{path.name}{ending}", part, per_step, labelled) for ending, part in parts.items()}
    found, *others = read.values()
    if others and others[0].channels != found.channels:
        raise RnnkitError(
            f"{path.name}: the training part has the channels {shown(found.channels)}, the test part "
            f"{shown(others[0].channels)}; expected the same."
        )
    found.name, found.test, found.path = path.name, others[0] if others else None, path
    return found


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an archive; one that would need pickle is refused."""
    most = allowed(MOST_HELD)
    with open_bytes(path, MOST_HELD) as file:
        content = io.BytesIO(file.read())
    try:
        with zipfile.ZipFile(content) as archive:
            if (size := sum(info.file_size for info in archive.infolist())) > most:
                raise too_large(path.name, f"has {in_units(size)} unpacked", most)
        content.seek(0)
        with old_npy_headers(), np.load(content, allow_pickle=False) as opened:
            return {name: opened[name] for name in opened.files}
    except RnnkitError:
        raise
    except (ValueError, OSError, EOFError, KeyError, MemoryError, NotImplementedError, zipfile.BadZipFile) as error:
        if "pickle" in str(error) or "Object arrays" in str(error):
            raise RnnkitError(
                f"{path.name} holds Python objects, which are never loaded. Save sequences of unequal lengths as "
                "values [all steps, channels] and lengths [sequences]."
            ) from None
        raise RnnkitError(f"{path.name} cannot be read as .npz ({str(error)[:80]}). numpy.savez writes one.") from None


def _part(arrays: dict[str, np.ndarray], ending: str) -> dict[str, np.ndarray]:
    """The arrays of a part, under usual names."""
    found: dict[str, np.ndarray] = {}
    for role, names in {"inputs": _INPUTS, "targets": _TARGETS}.items():
        if name := next((name for name in names if f"{name}{ending}" in arrays), ""):
            found[role] = arrays[f"{name}{ending}"]
    for name in ("lengths", "groups", "channels"):
        if (key := f"{name}{ending}" if f"{name}{ending}" in arrays else name) in arrays:
            found[name] = arrays[key]
    return found if "inputs" in found else {}


def _sequences(name: str, part: dict[str, np.ndarray], per_step: bool, labelled: bool) -> Sequences:
    inputs, targets = part["inputs"], part.get("targets")
    if targets is None and labelled:
        raise RnnkitError(f"{name} has no labels; expected {_EXPECTED}.")
    groups, channels, lengths = part.get("groups"), part.get("channels"), part.get("lengths")
    given: list[Any] = [inputs, targets]
    if lengths is not None:
        given = _divided(name, inputs, targets, lengths, per_step)
    rows = sequences_of_arrays(name, given[0], given[1], per_step, None if groups is None else groups.ravel().tolist())
    if channels is not None:
        named = list(channels.ravel()) if channels.dtype.kind in "US" else []
        if len(set(named)) != len(rows.channels) or len(named) != len(rows.channels):
            raise RnnkitError(
                f"{name}: channels is {channels.dtype} {list(channels.shape)} with {len(set(named))} names; expected "
                f"{len(rows.channels)} different texts."
            )
        rows.channels = tuple(map(str, channels.ravel().tolist()))
    return rows


def _divided(
    name: str, inputs: np.ndarray, targets: np.ndarray | None, lengths: np.ndarray, per_step: bool
) -> list[Any]:
    """Flat arrays as lists of sequences, and of their labels."""
    whole = lengths.dtype.kind in "iu" and lengths.ndim == 1 and bool((lengths > 0).all())
    if not whole or inputs.ndim not in (1, 2) or lengths.sum() != len(inputs):
        raise RnnkitError(
            f"{name}: values is {list(inputs.shape)}, and lengths {list(lengths.shape)} adds up to {lengths.sum()}; "
            "expected values [all steps, channels], and positive whole lengths that add up to all steps."
        )
    cuts = np.cumsum(lengths)[:-1]
    by_step = per_step and targets is not None and len(targets) == len(inputs)
    return [np.split(inputs, cuts), np.split(targets, cuts) if by_step and targets is not None else targets]
