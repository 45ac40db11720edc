"""Readers of sounds and of their frames."""

import io
import struct
from typing import Any

import numpy as np
from data import hostile_sounds
from fuzz.case import Case, of_file
from fuzz.edits import files
from fuzz.made import Made

from rnnkit.data.sound_frames import read_frames
from rnnkit.data.sounds import open_sound


def sound_cases(bombs: bool = False) -> list[Case]:
    """The cases; with `bombs` some files unpack to 2 GiB."""
    sounds_made = files(_sounds(), ("a.wav", "a", "a.txt"), bombs=bombs)
    frames_made = files(_frames(), ("b.mfc", "b.npy", "b.npz"), bombs=bombs)
    return [
        Case("sounds: open", sounds_made, of_file(lambda path: open_sound(path, 8000, longest=20.0)), _sound),
        Case(
            "frames: read", frames_made, of_file(read_frames), _is_frames, plain=Made({"a.mfc": _frames()["a.mfc"]}, ())
        ),
    ]


def _sounds() -> dict[str, bytes]:
    encoded = hostile_sounds.encoded
    return {
        "a.wav": hostile_sounds.wav(), "b.wav": encoded("WAV", "ULAW", 800), "c.wav": encoded("WAV", "IMA_ADPCM", 2000),
        "d.wav": encoded("RF64", "PCM_24", 500), "a.flac": encoded("FLAC", count=3000),
        "a.mp3": encoded("MP3", count=4000),
        "a.ogg": encoded("OGG", count=3000), "b.ogg": encoded("OGG", "OPUS", 3000),
    }  # fmt: skip


def _frames() -> dict[str, bytes]:
    values = np.random.default_rng(0).normal(0, 9, (6, 13)).astype("float32")
    one, many = io.BytesIO(), io.BytesIO()
    np.save(one, values)
    np.savez_compressed(many, values)
    sphinx = struct.pack(">i", values.size) + values.astype(">f4").tobytes()
    return {"a.mfc": sphinx, "a.npy": one.getvalue(), "a.npz": many.getvalue()}


def _sound(sound: Any) -> bool:
    samples = sound.samples
    return samples.dtype == np.float32 and samples.ndim == 1 and 0 < len(samples) and bool(np.isfinite(samples).all())


def _is_frames(frames: Any) -> bool:
    return frames.dtype == np.float32 and frames.ndim == 2 and frames.size > 0 and bool(np.isfinite(frames).all())
