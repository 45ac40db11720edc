"""Words spoken by the voices of eSpeak NG, in a process of its own: its C code must not take ours down.

The wheel `espeakng-loader` brings the engine and its voices. The engine is under the GPL, version 3 or later, so
rnnkit neither contains nor requires it; what it says is free to use.
"""

import base64
import ctypes
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from rnnkit.child import ChildError, run_in_subprocess
from rnnkit.errors import RnnkitError
from rnnkit.installed import missing

#: Samples a second of the voices.
RATE = 22_050
_SECONDS_EACH = 20.0  # which an utterance never takes, on whatever computer
_SYNCHRONOUS, _UTF8, _BY_CHARACTER, _NO_EXIT = 2, 1, 1, 0x8000
_PITCH, _SPEED, _RANGE = 3, 1, 4  # the numbers of parameters in speak_lib.h


class Spoken(NamedTuple):
    """What is to be said, and how.

    Attributes:
        text: The words.
        voice: The name of a language and a variant, such as "en-us+f3".
        speed: Words a minute, 80 to 450.
        pitch: 0 to 99; 50 is the voice's own.
        melody: How far the pitch moves, 0 to 99; 50 is the voice's own.
    """

    text: str
    voice: str
    speed: int = 175
    pitch: int = 50
    melody: int = 50


def speak(wanted: Sequence[Spoken]) -> list[np.ndarray]:
    """The samples of each utterance, float32 `[time]` at `RATE`, always the same for the same list.

    Args:
        wanted: What is to be said.

    Raises:
        RnnkitError: The wheel is missing, a voice is unknown, or the engine failed.

    Example:

    >>> sounds = speak([Spoken("seven", "en-us+m3"), Spoken("seven", "en-gb+f2", speed=220)])  # doctest: +SKIP
    >>> [round(len(each) / RATE, 1) for each in sounds]  # doctest: +SKIP
    [0.6, 0.5]
    """
    try:
        import espeakng_loader  # noqa: F401  its absence is told before a process starts
    except ImportError:
        raise missing("espeakng_loader", "Making up spoken words") from None
    limit = 60 + _SECONDS_EACH * len(wanted)
    try:  # what the engine said before changes what it says; so it has said nothing
        said = run_in_subprocess(f"{__name__}:said", list(map(list, wanted)), limit=limit, fresh=True)
    except ChildError as error:
        raise RnnkitError(f"The voices of eSpeak NG failed ({error}).") from None
    found = []
    for each, encoded in zip(wanted, said, strict=True):
        if encoded is None:
            raise RnnkitError(f"eSpeak NG has no voice {each.voice!r:.40}.")
        samples = np.frombuffer(base64.b64decode(encoded), "<i2").astype(np.float32) / np.float32(32768)
        if not samples.any():
            raise RnnkitError(f"eSpeak NG said nothing for {each.text!r:.40}.")
        found.append(samples)
    return found


def said(wanted: Sequence[Sequence[Any]]) -> Iterator[str | None]:
    """In the child: the 16-bit samples of each utterance in base 64; None where the voice is unknown."""
    import espeakng_loader

    engine = ctypes.CDLL(espeakng_loader.get_library_path())
    take = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    heard = list[bytes]()

    def taken(samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            heard.append(ctypes.string_at(samples, 2 * count))
        return 0

    callback = take(taken)
    data = espeakng_loader.get_data_path().encode()
    if engine.espeak_Initialize(_SYNCHRONOUS, 0, ctypes.c_char_p(data), _NO_EXIT) != RATE:
        raise RuntimeError("Error: eSpeak NG does not start, or speaks at another rate.")
    engine.espeak_SetSynthCallback(callback)
    for text, voice, speed, pitch, melody in wanted:
        if engine.espeak_SetVoiceByName(ctypes.c_char_p(voice.encode())):
            yield None
            continue
        for parameter, value in ((_SPEED, speed), (_PITCH, pitch), (_RANGE, melody)):
            engine.espeak_SetParameter(parameter, int(value), 0)
        heard.clear()
        engine.espeak_ng_SetRandSeed(ctypes.c_long(1))  # else it is the time of day, and breath is random
        words = text.encode()
        engine.espeak_Synth(
            ctypes.c_char_p(words), ctypes.c_size_t(len(words) + 1), 0, _BY_CHARACTER, 0, _UTF8, None, None
        )
        engine.espeak_Synchronize()
        yield base64.b64encode(b"".join(heard)).decode()
    engine.espeak_Terminate()
