"""Sound from MIDI: plucked notes synthesised from a few overtones, as a WAV file."""

import io
import warnings
import wave

import numpy as np

from rnnkit.errors import RnnkitError

RATE = 22_050  # samples a second
_OVERTONES = (1.0, 0.45, 0.22, 0.1, 0.05)  # amplitudes of the first, second ... multiple of a note's frequency
_PEAK = 0.8  # of a sample's largest value
_SHORTEST, _LONGEST = 0.01, 1800  # seconds


def midi_to_wav(midi: bytes, rate: int = RATE) -> bytes:
    """Render a MIDI file as a WAV file (mono, 16 bits per sample).

    Args:
        midi: The content of a .mid file.
        rate: Samples per second.

    Raises:
        RnnkitError: pretty_midi is not installed, the file is not MIDI, or it contains nothing to play.
    """
    from rnnkit.tasks.music_model.notation import needed

    pretty_midi = needed("pretty_midi")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            song = pretty_midi.PrettyMIDI(io.BytesIO(midi))
    except Exception as error:  # mido raises almost any exception for anything but MIDI
        raise RnnkitError(f"This is not a MIDI file ({' '.join(str(error).split())[:100]}).") from None
    seconds = song.get_end_time()
    if not _SHORTEST <= seconds <= _LONGEST:
        raise RnnkitError(f"The music is {seconds:g} seconds long; expected {_SHORTEST} to {_LONGEST}.")
    return wav_file(song.synthesize(fs=rate, wave=_tone), rate)


def wav_file(samples: np.ndarray, rate: int = RATE) -> bytes:
    """Samples as a WAV file, as loud as possible without clipping.

    Args:
        samples: Shape (samples,), any scale.
        rate: Samples per second.
    """
    loudest = float(np.max(np.abs(samples), initial=0.0)) or 1.0
    whole = np.round(samples / loudest * _PEAK * 32767).astype("<i2")
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(whole.tobytes())
    return written.getvalue()


def _tone(phase: np.ndarray) -> np.ndarray:
    """A wave of period 2 pi: a sine and its overtones."""
    return sum((loud * np.sin(times * phase) for times, loud in enumerate(_OVERTONES, 1)), np.zeros_like(phase))
