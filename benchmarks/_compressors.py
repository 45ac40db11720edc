"""General compressors on held-out text, primed with the training text: a yardstick for models."""

import lzma
from typing import Any


def bits_per_character(training: str, test: str) -> dict[str, Any]:
    """Bits a character of the test text for xz and PPMd, each primed with the training text.

    A compressor is primed by compressing both: what the test text costs is the size of both less that of the training
    text alone. xz has a window larger than both (`-9e`); PPMd (variant H, of 7-Zip) is tried with several orders, and
    the best one is taken, which favours it.

    Args:
        training: What may be learnt from.
        test: What is to be told.
    """
    known, both = training.encode("utf-8"), (training + test).encode("utf-8")
    characters = len(test)
    ppm = {
        order: 8 * (_ppmd(both, order) - _ppmd(known, order)) / characters
        for order in (4, 6, 8, 12, 16, 24, 32, 48, 64)
    }
    best = min(ppm, key=lambda order: ppm[order])
    return {
        "characters": characters,
        "xz_9e": round(8 * (_xz(both) - _xz(known)) / characters, 4),
        "ppmd": round(ppm[best], 4),
        "ppmd_order": best,
        "xz_9e_unprimed": round(8 * _xz(test.encode("utf-8")) / characters, 4),
    }


def _xz(content: bytes) -> int:
    return len(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))


def _ppmd(content: bytes, order: int) -> int:
    import pyppmd

    encoder = pyppmd.Ppmd7Encoder(order, 256 << 20)
    return len(encoder.encode(content)) + len(encoder.flush())
