"""Drawn scenes and captioners trained on them for a moment, made once for all tests of a process."""

import functools
import shutil
from pathlib import Path

from tasks.tiny import folder

from rnnkit.data.scenes_sample import write_scenes

OPTIONS = {
    "encoder": "small_cnn", "image_size": 32, "units": 12, "embedding_size": 8, "mirror": False, "min_count": 1,
    "max_length": 16, "batch_size": 16, "epochs": 1, "beam_width": 2, "learning_rate": 0.01,
}  # fmt: skip


@functools.cache
def scenes() -> Path:
    return write_scenes(folder() / "scenes", 60, side=32).parent


def pictures(count=3) -> list[str]:
    return sorted(map(str, (scenes() / "images").glob("test_*.png")))[:count]


@functools.cache
def trained(**changed):
    """A trained task, saved as a Run named after what is changed. Do not change either: use `copied` for that."""
    import rnnkit

    key = "_".join(["captioner", *(f"{key}_{value}" for key, value in changed.items())])
    return rnnkit.ImageCaptioner(**{**OPTIONS, **changed}).fit(scenes(), to=folder() / key)


def copied(to: Path) -> Path:
    """A Run that a test may break."""
    shutil.copytree(trained().folder, to, dirs_exist_ok=True)
    return to


@functools.cache
def exported(quantize="none", **changed) -> Path:
    """The bundle of `trained`."""
    task = trained(**changed)
    to = folder() / f"{task.folder.name}_{quantize}"
    return Path(task.export(to, quantize=quantize, rows=task.encode_rows(task.read(scenes())))["path"])
