"""Makes the sounds of `rnnkit example sound_classifier`: words of made-up speakers and noises, as small Ogg files.

python benchmarks/sample_words.py        writes rnnkit/tasks/sound_classifier/words.zip
"""

import io
import zipfile
from pathlib import Path

import numpy as np
import soundfile

import rnnkit
from rnnkit.data.spoken_sample import NOISES, OTHER_WORDS, made_up_speakers, noise, spoken

WORDS, RATE = ("yes", "no", "stop", "go"), 8_000
TO = Path(rnnkit.__file__).parent / "tasks" / "sound_classifier" / "words.zip"
PARTS = {"words": range(26), "more_words": range(26, 30)}  # and their speakers
COMPRESSION = 0.99


def ogg(samples: np.ndarray) -> bytes:
    """A sound as Opus in Ogg, about 1 KB a second."""
    made = io.BytesIO()
    soundfile.write(made, samples, RATE, format="OGG", subtype="OPUS", compression_level=COMPRESSION)
    return made.getvalue()


def main() -> None:
    """Write the archive."""
    speakers, files = made_up_speakers(max(map(max, PARTS.values())) + 1, seed=5), dict[str, bytes]()
    for part, numbers in PARTS.items():
        for number in numbers:
            who = f"speaker_{number + 1}"
            other = [OTHER_WORDS[number // 2 % len(OTHER_WORDS)]] if number % 2 else []
            for made in spoken([*WORDS, *other], [speakers[number]], rate=RATE, seed=number):
                label = made.text if made.text in WORDS else f"unknown_{made.text}"
                files[f"{part}/{label}_{who}.ogg"] = ogg(made.samples)
            if number % 2:
                kind = NOISES[number // 2 % len(NOISES)]
                files[f"{part}/background_{kind}_{who}.ogg"] = ogg(noise(kind, 0.6, RATE, number))
    with zipfile.ZipFile(TO, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    print(f"{TO}: {len(files)} files, {TO.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
