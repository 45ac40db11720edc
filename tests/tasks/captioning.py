"""Drawn scenes and captioners trained on them for a moment, made once for all tests of a process."""

import functools
import shutil
from pathlib import Path

import numpy as np
from tasks.tiny import folder

from rnnkit.codec.pictures import as_picture
from rnnkit.data.scenes_sample import write_scenes
from rnnkit.export.parity import Answers
from rnnkit.tasks.base.scoring import score

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
def trained(shaken=True, **changed):
    """A task that was trained for a moment and whose weights were then shaken, so that other pictures get other
    captions, however wrong, or with `shaken=False` not; saved as a Run named after what is changed. Do not change
    either: use `copied` for that.
    """
    import rnnkit

    key = "_".join(["captioner" if shaken else "calm", *(f"{key}_{value}" for key, value in changed.items())])
    task = rnnkit.ImageCaptioner(**{**OPTIONS, **changed}).fit(scenes())
    if not shaken:
        task.save(folder() / key)
        return task
    calm = task.network.get_weights()
    for seed in range(1, 30):  # until the pictures matter: some shakes end in the same word for ever
        task.network.set_weights(calm)
        _shake(task, np.random.default_rng(seed))
        if len({answer.text for answer in task.predict(pictures(6))}) > 2:
            break
    part = task.parts.test
    task.results["test"] = score(task, part, task.outputs(part))
    task.save(folder() / key)
    return task


def _shake(task, random: np.random.Generator) -> None:
    shown = np.stack([as_picture(name, 32) for name in pictures(6)])
    features = task.encoder.predict_on_batch(shown).reshape(-1, task.encoder.output_shape[-1])
    middle, spread = features.mean(0), features.std(0) + 1e-3
    kernel = random.normal(0, 1, (len(middle), task.options.units)) / len(middle) ** 0.5 / spread[:, None]
    task.network.get_layer("memory").set_weights([kernel, -middle @ kernel])
    for layer in ("bridge", "decoder", "embedding"):
        weights = task.network.get_layer(layer).get_weights()
        task.network.get_layer(layer).set_weights([each + random.normal(0, 0.7, each.shape) for each in weights])


def copied(to: Path) -> Path:
    """A Run that a test may break."""
    shutil.copytree(trained().folder, to, dirs_exist_ok=True)
    return to


@functools.cache
def exported(quantize="none", **changed) -> Path:
    """The bundle of `trained`; rounded weights may say something else, so shaken as it is."""
    import rnnkit

    task = rnnkit.load(trained(**changed).folder)
    exporter = task.exporter()
    exporter.compares_as = Answers({"none": 1.0, "dynamic": 0.0, "int8": 0.0})
    task.exporter = lambda: exporter
    to = folder() / f"{task.folder.name}_{quantize}"
    return Path(task.export(to, quantize=quantize, rows=task.encode_rows(task.read(scenes())))["path"])
