"""The Run folder: where it is found, how it is written (whole or not at all), what its JSON files say."""

import json
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

import rnnkit
from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.streams import argument_text

CONFIG, METRICS, HISTORY, MODEL = "config.json", "metrics.json", "history.csv", "model.keras"
PREPROCESSING, PLOTS, LITE, SAVED_MODEL = "preprocessing", "plots", "lite", "saved_model"
FORMAT = 1
_SHIPPED = Path(rnnkit.__file__).parent / "shipped"


def find_run(folder: str | PathLike[str]) -> Path:
    """The folder of a Run: the path itself, or the Run of that name which came with rnnkit.

    Raises:
        RnnkitError: When neither is a Run; near names are given.
    """
    path = Path(folder)
    if not _exists(path):
        raise RnnkitError(f"{str(folder)[:60]!r}... is no name of a folder. Give a Run folder first.")
    if (path / CONFIG).is_file():
        return path
    beside = Path(rnnkit.__file__).parents[1] / "saved_models"
    named = path.parent in (Path(), Path("saved_models"))  # and not some other folder that happens to end so
    if named and not any((path / part).exists() for part in (MODEL, PREPROCESSING)):
        for shipped in (_SHIPPED / path.name, beside / path.name):
            if (shipped / CONFIG).is_file():
                return shipped
    if path.exists():
        raise RnnkitError(f"{path} is no Run: it has no {CONFIG}. Give a folder that rnnkit train or a pipeline made.")
    if path.name and partial(path).exists():
        raise RnnkitError(f"{path} is not trained to its end. Go on with the same training command and --resume.")
    found = (run.parent.name for root in (path.parent, beside, _SHIPPED) for run in root.glob(f"*/{CONFIG}"))
    options = [name for name in dict.fromkeys(found) if not name.endswith((".partial", ".old"))]
    raise RnnkitError(
        f"There is no Run {path}.{did_you_mean(path.name, options)} Runs: {', '.join(options) or 'none'}."
    )


def _exists(path: Path) -> bool:
    """False for what no file system takes as a name, such as a whole review."""
    try:
        path.exists()
    except OSError:
        return False
    return True


def read_json(path: Path) -> Any:
    """A JSON file's content.

    Raises:
        RnnkitError: When it is missing or broken.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RnnkitError(f"{path} is missing. The Run is incomplete; train or copy it again.") from None
    except (ValueError, OSError, RecursionError) as error:
        raise RnnkitError(f"{path} cannot be read ({error}). The Run is broken; train or copy it again.") from None


def write_json(path: Path, content: Any) -> None:
    """Writes JSON under a temporary name and renames it when whole."""
    write_text(path, argument_text(json.dumps(content, indent=2, ensure_ascii=False, default=_plain)) + "\n")


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 text under a temporary name and renames it when whole."""
    temporary = path.with_name(path.name + ".writing")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)


def read_config(path: Path) -> dict[str, Any]:
    """The Run's `config.json`, its format checked."""
    config = read_json(path / CONFIG)
    whole = isinstance(config, dict) and {"task", "options", "format"} <= set(config)
    if not whole or not isinstance(config["options"], dict):
        raise RnnkitError(f"{path / CONFIG} does not describe a Run: it needs task, options and format.")
    if config["format"] != FORMAT:
        raise RnnkitError(
            f"{path} has Run format {config['format']}, this rnnkit reads {FORMAT}. Use the rnnkit that wrote it."
        )
    return config


def partial(to: Path) -> Path:
    """Where a Run is put together before it gets its name."""
    return to.with_name(to.name + ".partial")


def check_target(to: Path) -> None:
    """Refuses a target folder that holds something other than a Run, or that cannot be written.

    Raises:
        RnnkitError: Before any work is done.
    """
    if to.name in ("", "..") or "\0" in str(to):
        raise RnnkitError(f"{str(to)!r} cannot be the name of a Run. Give a folder with --to.")
    try:
        if to.exists() and not (to / CONFIG).is_file() and (not to.is_dir() or any(to.iterdir())):
            raise RnnkitError(f"{to} exists and is no Run; nothing was written. Give another folder with --to.")
        above = next(parent for parent in to.absolute().parents if parent.exists())
    except OSError as error:
        raise RnnkitError(f"{to} cannot be written ({error.strerror}). Give another folder with --to.") from None
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        reason = "may not be written to" if above.is_dir() else "is no folder"
        raise RnnkitError(f"{to} cannot be written: {above} {reason}. Give another folder with --to.")


def open_partial(to: Path) -> Path:
    """An empty folder to put a Run together in."""
    folder = partial(to)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def copy_extras(source: Path, target: Path) -> None:
    """Copies what a Run holds beside the model: its pictures and its exports."""
    for name in (PLOTS, LITE, SAVED_MODEL):
        if (source / name).is_dir() and not (target / name).exists():
            shutil.copytree(source / name, target / name)


def finish(to: Path) -> None:
    """Gives the finished Run its name; an earlier Run of that name goes only when the new one is whole."""
    replace_folder(partial(to), to)


def replace_folder(new: Path, target: Path) -> None:
    """Gives a finished folder its name; a folder of that name goes only when the new one stands in its place."""
    old = target.with_name(target.name + ".old")
    if target.exists():
        shutil.rmtree(old, ignore_errors=True)
        os.replace(target, old)
    os.replace(new, target)
    shutil.rmtree(old, ignore_errors=True)


def load_weights(network: Any, path: Path) -> None:
    """Keras's own, which says of what does not fit in an error alone, without warnings before it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network.load_weights(path)


@contextmanager
def disk_errors(folder: Path, advice: str = "Mend that and try again.", kept: Path | None = None) -> Iterator[None]:
    """Turns a full disk or a lost permission into one clear line.

    Args:
        folder: What is written.
        advice: How to mend it.
        kept: A file that a training can go on from, once it is there.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or " ".join(str(error).split())[:200]
        if kept is not None and kept.is_file():
            advice = "Mend that and go on with --resume; the last whole epoch is kept."
        raise RnnkitError(f"{folder} cannot be written ({reason}). {advice}") from None


def versions() -> dict[str, str]:
    """The versions a Run was made with."""
    from importlib.metadata import version

    named = {name: version(name) for name in ("keras", "tensorflow", "numpy")}
    return {"rnnkit": rnnkit.__version__, "python": sys.version.split()[0], **named}
