"""The Run folder: its location, its files and its JSON."""

import json
import math
import os
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any

import rnnkit
from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.files import reading
from rnnkit.files.reading import inside
from rnnkit.files.writing import UNFINISHED, write_text
from rnnkit.streams import argument_text

CONFIG, METRICS, HISTORY, MODEL = "config.json", "metrics.json", "history.csv", "model.keras"
PREPROCESSING, PLOTS, LITE, MICRO, SAVED_MODEL = "preprocessing", "plots", "lite", "micro", "saved_model"
#: What a training keeps until it is done, beside the logs that TensorBoard reads.
SETTINGS, CHECKPOINT, TENSORBOARD = "settings.json", "checkpoint.npz", "tensorboard"
#: When a training began, in its settings, and when it ended, in the metrics.
BEGUN, TRAINED = "begun", "trained"
#: The figures of a cross-validation's folds.
FOLDS = "folds.json"
FORMAT = 1
_BROKEN = "The Run is broken; train or copy it again."
#: Where a user's Runs are, by default.
HOME = Path("saved_models")
#: The Runs of an installed rnnkit.
SHIPPED = Path(rnnkit.__file__).parent / "shipped"


def shipped_beside() -> Path:
    """The folder of the shipped Runs in a source tree."""
    return Path(rnnkit.__file__).parents[1] / "saved_models"


def find_run(folder: str | PathLike[str]) -> Path:
    """The folder of a Run: the path itself, or the Run of that name in saved_models, or else the one of that name which
    came with rnnkit.

    Raises:
        RnnkitError: When neither is a Run; near names are given.
    """
    path = Path(folder)
    if not _exists(path):
        raise RnnkitError(f"{str(folder)[:60]!r}... is no name of a folder. Give a Run folder first.")
    if (path / CONFIG).is_file():
        return path
    beside = shipped_beside()
    if (own := own_of_name(path)) is not None:
        return own
    named = path.parent in (Path(), HOME)  # and not some other folder that happens to end so
    if named and not any((path / part).exists() for part in (MODEL, PREPROCESSING)):
        for shipped in (SHIPPED / path.name, beside / path.name):
            if (shipped / CONFIG).is_file():
                return shipped
    if path.parent == Path() and path.name and (HOME / path / CONFIG).is_file():
        return HOME / path
    if path.exists():
        raise RnnkitError(f"{path} is no Run: it has no {CONFIG}. Give a folder that rnnkit train or a pipeline made.")
    if path.name and partial(path).exists():
        raise RnnkitError(f"{path} is not trained to its end. Go on with the same training command and --resume.")
    roots = (path.parent, *((HOME,) if path.parent == Path() else ()), beside, SHIPPED)
    found = (run.parent.name for root in roots for run in root.glob(f"*/{CONFIG}"))
    options = [name for name in dict.fromkeys(found) if not name.endswith((".partial", ".old", UNFINISHED))]
    raise RnnkitError(
        f"There is no Run {path}.{did_you_mean(path.name, options)} Runs: {', '.join(options) or 'none'}."
    )


def own_of_name(path: Path) -> Path | None:
    """The user's own Run of a bare name, in saved_models; in a source tree that may be the folder of shipped ones."""
    own = HOME / path
    is_name = path.parent == Path() and path.name not in ("", "..")
    if not is_name or not (own / CONFIG).is_file() or os.path.realpath(HOME) == os.path.realpath(shipped_beside()):
        return None
    return own


def _exists(path: Path) -> bool:
    """Whether a path exists; False for impossible names, such as a whole review."""
    try:
        path.exists()
    except OSError:
        return False
    return True


def require_own_files(folder: Path) -> None:
    """Refuse a Run with files that are links out of its folder.

    Raises:
        RnnkitError: Naming the first such file.
    """
    files = [folder / name for name in (CONFIG, METRICS, HISTORY, MODEL, PREPROCESSING)]
    if inside(folder, files[-1]) and files[-1].is_dir():
        files += sorted(files[-1].iterdir())
    for path in files:
        if not inside(folder, path):
            raise RnnkitError(f"{path} is a link out of the Run's folder, which is not followed. Copy the file there.")


def read_json(path: Path, constant: Callable[[str], Any] | None = None, advice: str = _BROKEN) -> Any:
    """A JSON file's content.

    Args:
        path: The file.
        constant: As `rnnkit.files.reading.parse_json` takes it.
        advice: How to mend it.

    Raises:
        RnnkitError: When it is missing or broken.
    """
    if not path.exists():
        raise RnnkitError(f"{path} is missing. The Run is incomplete; train or copy it again.")
    return reading.read_json(path, advice=advice, constant=constant)


def write_json(path: Path, content: Any) -> None:
    """Write JSON whole or not at all; non-finite numbers become null."""
    plain = json.dumps(_finite(content), indent=2, ensure_ascii=False, default=str, allow_nan=False)
    write_text(path, argument_text(plain) + "\n")


def _finite(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_config(path: Path) -> dict[str, Any]:
    """The Run's `config.json`, its format checked."""
    require_own_files(path)
    config = read_json(path / CONFIG)
    whole = isinstance(config, dict) and {"task", "options", "format"} <= set(config)
    if not whole or not isinstance(config["options"], dict):
        raise RnnkitError(f"{path / CONFIG} does not describe a Run: it needs task, options and format.")
    if config["format"] != FORMAT:
        raise RnnkitError(
            f"{path} has Run format {config['format']}, this rnnkit reads {FORMAT}. Use the rnnkit that wrote it."
        )
    return config


def is_run(folder: Path) -> bool:
    """Whether a folder is a Run, by the content of its `config.json`, a file name that other programs use too."""
    if not (folder / CONFIG).is_file():
        return False
    try:
        config = read_json(folder / CONFIG)
    except RnnkitError:
        return False
    return isinstance(config, dict) and {"task", "options", "format"} <= set(config)


def partial(to: Path) -> Path:
    """The folder in which a Run is assembled before it gets its name."""
    return to.with_name(to.name + ".partial")


def load_weights(network: Any, path: Path) -> None:
    """Load weights with Keras; a misfit is an error, without warnings before it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network.load_weights(path)


def versions() -> dict[str, str]:
    """The package versions recorded in a Run."""
    from importlib.metadata import version

    named = {name: version(name) for name in ("keras", "tensorflow", "numpy")}
    return {"rnnkit": rnnkit.__version__, "python": sys.version.split()[0], **named}


def timestamp() -> str:
    """The time now in UTC, to milliseconds, as a Run's files record it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
