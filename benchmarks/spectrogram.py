"""Do all forms of the front end give the same frames, and how long do they take? On recordings, on one thread.

    python benchmarks/spectrogram.py FOLDER        its sound files, such as those of the Free Spoken Digit Dataset
    python benchmarks/spectrogram.py --quick       made-up noise, as a smoke test; writes no result

NumPy (whole and in chunks), the graph, TFLite files of three precisions (whole and a hop at a time), JavaScript and,
where it is installed, librosa. Differences are the largest of any feature of any frame from NumPy's; features are
normalised, so that 1 is a standard deviation. Times are medians, in milliseconds a second of sound.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ[name] = "1"
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from _record import record  # noqa: E402
from ai_edge_litert.interpreter import Interpreter  # noqa: E402

from rnnkit.codec.frame_settings import settings_text  # noqa: E402
from rnnkit.codec.spectrogram import Spectrogram  # noqa: E402
from rnnkit.codec.spectrogram_settings import FLOOR  # noqa: E402
from rnnkit.data.sounds import open_sound  # noqa: E402
from rnnkit.export.convert import convert  # noqa: E402
from rnnkit.layers.device_loop import on_device  # noqa: E402
from rnnkit.layers.spectrogram import SpectrogramLayer  # noqa: E402

SEED, RATE, SOUNDS, REPEATS = 1, 8000, 300, 9
SETTINGS: dict[str, dict[str, Any]] = {
    "40 log-mel bands, by utterance": {"normalise": "utterance"},
    "13 MFCC with deltas and their slopes, by corpus": {"coefficients": 13, "deltas": 2, "normalise": "corpus"},
    "40 log-mel bands, running": {"normalise": "running"},
}
JAVASCRIPT = """
import { readFileSync } from "node:fs";
const { Spectrogram } = await import(process.argv[1]);
const { settings, sounds, repeats } = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const spectrogram = new Spectrogram(settings);
const frames = sounds.map((each) => Array.from(spectrogram.encode(Float32Array.from(each)).data));
const times = [];
const longest = Float32Array.from(sounds.flat());
for (let turn = 0; turn < repeats; turn++) {
  const began = performance.now();
  spectrogram.encode(longest);
  times.push(performance.now() - began);
}
console.log(JSON.stringify({ frames, milliseconds: times.sort((a, b) => a - b)[Math.floor(repeats / 2)] }));
"""
Frames = Callable[[np.ndarray], np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--quick", action="store_true", help="made-up noise; writes no result")
    given = parser.parse_args()
    if not given.quick and given.folder is None:
        parser.error("name a folder of sound files, or --quick")
    sounds = made_up() if given.quick else opened(given.folder)
    result: dict[str, Any] = {
        "sounds": len(sounds), "seconds": round(sum(map(len, sounds)) / RATE, 1), "samples_a_second": RATE,
        "forms": {name: measured(settings, sounds) for name, settings in SETTINGS.items()},
    }  # fmt: skip
    if not given.quick:
        record("spectrogram", result, seed=SEED, packages=("librosa", "soundfile", "soxr"))


def made_up() -> list[np.ndarray]:
    """Noise that becomes louder."""
    random = np.random.default_rng(SEED)
    return [(random.normal(0, 0.1, count) * np.linspace(0.01, 1, count)).astype("float32") for count in (4000, 9000)]


def opened(folder: Path) -> list[np.ndarray]:
    """Some sounds of the folder, at random."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".wav", ".flac", ".ogg", ".mp3"))
    chosen = np.random.default_rng(SEED).permutation(len(paths))[:SOUNDS]
    return [open_sound(paths[place], RATE).samples for place in chosen]


def measured(settings: dict[str, Any], sounds: list[np.ndarray]) -> dict[str, Any]:
    """Each form's difference from NumPy and its time."""
    spectrogram = Spectrogram(rate=RATE, **settings)
    if spectrogram.normalise != "utterance":
        spectrogram = spectrogram.learnt(sounds[::2])
    wanted = [spectrogram.encode(each) for each in sounds]
    longest = np.concatenate(sounds)[: 60 * RATE]
    found: dict[str, Any] = {}

    def add(name: str, frames: Frames, some: int = len(sounds), short: bool = False) -> None:
        off = max(float(np.abs(frames(sound) - then).max()) for sound, then in zip(sounds[:some], wanted, strict=False))
        timed = longest[: 5 * RATE] if short else longest
        seconds = sorted(_seconds(frames, timed) for _ in range(REPEATS))[REPEATS // 2]
        found[name] = {
            "largest_difference": off,
            "milliseconds_a_second": round(1000 * seconds * RATE / len(timed), 4),
        }
        print(f"{name:32} {off:.1e} {found[name]['milliseconds_a_second']:8.3f} ms")

    print(spectrogram.normalise, spectrogram.features)
    add("NumPy", spectrogram.encode)
    if spectrogram.normalise != "utterance":
        add("NumPy, chunks of 10 ms", lambda samples: chunked(spectrogram, samples, RATE // 100), 50, short=True)
        add("NumPy, chunks of 100 ms", lambda samples: chunked(spectrogram, samples, RATE // 10))
    layer = SpectrogramLayer(spectrogram)
    graph = tf.function(lambda samples: layer(samples), input_signature=[tf.TensorSpec((1, None))])
    add("graph", lambda samples: graph(samples[None]).numpy()[0])
    for quantize in ("none", "dynamic", "float16"):
        for name, frames in files(layer, quantize).items():
            add(f"TFLite {quantize}, {name}", frames, 50 if name == "hops" else len(sounds), short=name == "hops")
    found |= javascript(spectrogram, sounds, wanted)
    if librosa := peer(spectrogram):
        add("librosa", librosa)
    return found


def chunked(spectrogram: Spectrogram, samples: np.ndarray, size: int) -> np.ndarray:
    """The frames of a stream in chunks."""
    heard, made = spectrogram.start(), []
    for at in range(0, len(samples), size):
        frames, heard = spectrogram.step(samples[at : at + size], heard)
        made.append(frames)
    return np.concatenate([*made, spectrogram.finish(heard)])


def files(layer: SpectrogramLayer, quantize: str) -> dict[str, Frames]:
    """A TFLite file's frames of whole sounds, and of hops."""
    names, module = list(layer.state_shapes()), tf.Module()

    def step(samples: Any, *values: Any) -> dict[str, Any]:
        frame, valid, states = layer.step(samples, dict(zip(names, values, strict=True)))
        return {"frame": frame, "valid": valid, **{f"next_{name}": tf.identity(each) for name, each in states.items()}}

    specs = [tf.TensorSpec((1, *shape), name=name) for name, shape in layer.state_shapes().items()]
    module.frames = tf.function(
        lambda samples: {"frames": layer(samples)}, input_signature=[tf.TensorSpec((1, None), name="samples")]
    )
    signatures = {"frames": module.frames}
    if layer.settings.normalise != "utterance":
        hop = tf.TensorSpec((1, layer.settings.hop_size), name="samples")
        module.step = tf.function(step, input_signature=[hop, *specs])
        signatures["step"] = module.step
    with tempfile.TemporaryDirectory() as folder:
        with on_device(None):
            tf.saved_model.save(module, folder, signatures=signatures)
        opened = Interpreter(model_content=convert(Path(folder), quantize, [], "samples"), num_threads=1)
    whole = opened.get_signature_runner("frames")
    found: dict[str, Frames] = {"whole": lambda samples: whole(samples=samples[None])["frames"][0]}
    if "step" in signatures:
        run = opened.get_signature_runner("step")
        found["hops"] = lambda samples: by_hops(layer, run, samples)
    return found


def by_hops(layer: SpectrogramLayer, run: Any, samples: np.ndarray) -> np.ndarray:
    """The frames of a stream, a hop at a time."""
    size, made = layer.settings.hop_size, []
    states = {name: np.asarray(state) for name, state in layer.initial_states().items()}
    filled = np.pad(samples, (0, layer.hops * size))  # a window that ends between two hops is of the next
    for at in range(0, len(filled) - size + 1, size):
        found = run(samples=filled[None, at : at + size], **states)
        if found["valid"][0]:
            made.append(found["frame"][0])
        states = {name: found[f"next_{name}"] for name in states}
        if len(made) + layer.settings.context == layer.settings.frames(len(samples)):
            break
    if layer.settings.context:
        last, valid = (np.asarray(each)[0] for each in layer.flush(states))
        made += list(last[valid])
    return np.stack(made)


def javascript(spectrogram: Spectrogram, sounds: list[np.ndarray], wanted: list[np.ndarray]) -> dict[str, Any]:
    """The same of the twin in Node, where there is one."""
    if shutil.which("node") is None:
        return {}
    sounds = sounds[:50]
    script = Path(__file__).parents[1] / "web" / "src" / "codec" / "spectrogram.js"
    content = {"settings": json.loads(settings_text(spectrogram)), "repeats": REPEATS}
    content["sounds"] = [sound.tolist() for sound in sounds]
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "asked.json"
        asked.write_text(json.dumps(content))
        command = ["node", "--input-type=module", "-e", JAVASCRIPT, script.as_uri(), str(asked)]
        said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    off = max(
        float(np.abs(np.array(now) - then.ravel()).max()) for now, then in zip(said["frames"], wanted, strict=False)
    )
    each = said["milliseconds"] * RATE / sum(map(len, sounds))
    print(f"{'JavaScript':32} {off:.1e} {each:8.3f} ms")
    return {"JavaScript": {"largest_difference": off, "milliseconds_a_second": round(each, 4)}}


def peer(spectrogram: Spectrogram) -> Frames | None:
    """librosa's frames for the settings that it has."""
    if str(Path(__file__).parent) in sys.path:  # whose coverage.py is not the package that librosa's imports look for
        sys.path.remove(str(Path(__file__).parent))
    try:
        import librosa
    except ImportError:
        return None
    if spectrogram.normalise != "utterance" or spectrogram.deltas or spectrogram.coefficients:
        return None

    size, window, hop = spectrogram.fft_size, spectrogram.window_size, spectrogram.hop_size
    left = (size - window) // 2  # librosa puts a window into the middle of the transform

    def frames(samples: np.ndarray) -> np.ndarray:
        emphasised = librosa.effects.preemphasis(samples, coef=spectrogram.pre_emphasis)
        padded = np.pad(emphasised, (left, size - window - left))
        bands = librosa.feature.melspectrogram(
            y=padded, sr=spectrogram.rate, n_fft=size, win_length=window, hop_length=hop, center=False, htk=True,
            norm=None, n_mels=spectrogram.bands, fmin=spectrogram.low, fmax=spectrogram.highest,
        )  # fmt: skip
        logs = np.log(np.maximum(bands, FLOOR)).T
        return (logs - logs.mean(axis=0)) / logs.std(axis=0)

    return frames


def _seconds(frames: Frames, samples: np.ndarray) -> float:
    began = time.perf_counter()
    frames(samples)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
