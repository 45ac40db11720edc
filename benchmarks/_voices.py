"""Digits said by the free voices of Flite and Festival, which were made of recordings of five people.

Debian has them all: `apt install flite festival festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts`.
"""

import itertools
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from rnnkit.data.sounds import open_sound
from rnnkit.data.spoken_sample import DIGITS, trimmed
from rnnkit.tasks.shared.recordings import Recording

#: The voices of Flite with their usual pitch in hertz, and those of Festival.
FLITE = {"kal": 105, "kal16": 105, "awb": 110, "rms": 105, "slt": 180}
FESTIVAL = ("kal_diphone", "ked_diphone", "cmu_us_slt_arctic_hts")
_STRETCHES, _PITCHES = (0.75, 0.9, 1.1, 1.35), (0.85, 1.0, 1.2)
_FESTIVAL_STRETCHES = (0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35)
_LOUD, _HISS = (0.1, 0.9), (-4.5, -2.3)  # of the loudest sample; powers of ten


def synthesised(rate: int) -> list[Recording]:
    """All digits by all voices, at several speeds and pitches, to train on; always the same."""
    random, made = np.random.default_rng(0), list[Recording]()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        for digit, (voice, command) in itertools.product(range(10), _commands(file)):
            said = [part.replace("{}", DIGITS[digit]) for part in command]
            try:
                subprocess.run(said, check=True, capture_output=True)
            except FileNotFoundError:
                raise SystemExit(f"{command[0]} is missing. {(__doc__ or '').strip().splitlines()[-1]}") from None
            samples = trimmed(open_sound(file, rate).samples)
            file.unlink()
            samples = samples * (random.uniform(*_LOUD) / np.abs(samples).max())
            samples = samples + random.normal(0, 10 ** random.uniform(*_HISS), len(samples))
            made.append(Recording(samples.astype(np.float32), str(digit), f"{voice} {len(made)}", voice, "train"))
    return made


def _commands(file: Path) -> list[tuple[str, list[str]]]:
    """The name of each voice, and a command that says `{}` to the file."""
    flite = [
        (
            f"flite {voice}",
            ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch}",
             "--setf", f"int_f0_target_mean={hertz * pitch:g}", "-t", "{}", "-o", str(file)],
        )
        for voice, hertz in FLITE.items()
        for stretch, pitch in itertools.product(_STRETCHES, _PITCHES)
    ]  # fmt: skip
    festival = [
        (
            f"festival {voice}",
            ["festival", "-b", f"(begin (voice_{voice}) (Parameter.set 'Duration_Stretch {stretch}) "
             f'(set! u (Utterance Text "{{}}")) (utt.synth u) (utt.save.wave u "{file}"))'],
        )
        for voice in FESTIVAL
        for stretch in _FESTIVAL_STRETCHES
    ]  # fmt: skip
    return [*flite, *festival]
