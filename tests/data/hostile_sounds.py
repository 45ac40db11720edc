"""Sound files that nobody should have to open: each a name and a function that makes it in a folder."""

import io
import os
import random
import socket
import struct
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

Make = Callable[[Path], Path]
RATE = 8000


def noise(count: int = 4000, seed: int = 1) -> np.ndarray:
    """Samples as int16."""
    return np.random.default_rng(seed).normal(0, 3000, count).astype("<i2")


def wav(
    data: bytes | None = None, codec: int = 1, channels: int = 1, rate: int = RATE, bits: int = 16,
    block: int | None = None, size: int | None = None, fmt_size: int = 16, before: bytes = b"", extra: bytes = b"",
    form: bytes = b"RIFF", behind: bytes = b"",
) -> bytes:  # fmt: skip
    """A WAV file, with a header that says what it is told."""
    data = noise(400).tobytes() if data is None else data
    block = channels * bits // 8 if block is None else block
    head = struct.pack("<HHIIHH", codec, channels, rate, (rate * block) & 0xFFFFFFFF, block, bits) + extra
    size = len(data) if size is None else size
    chunks = before + struct.pack("<4sI", b"fmt ", fmt_size) + head + struct.pack("<4sI", b"data", size) + data + behind
    return form + struct.pack("<I", (len(chunks) + 4) & 0xFFFFFFFF) + b"WAVE" + chunks


def encoded(kind: str, subtype: str | None = None, count: int = 16_000) -> bytes:
    """The same noise in another kind of file."""
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, noise(count), 16_000, format=kind, subtype=subtype)
    return file.getvalue()


def _file(content: bytes | Callable[[], bytes], name: str = "a.wav") -> Make:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content() if callable(content) else content)
        return path

    return make


def _link(target: str) -> Make:
    def make(folder: Path) -> Path:
        path = folder / "a.wav"
        path.symlink_to(target)
        return path

    return make


def _fifo(folder: Path) -> Path:
    os.mkfifo(folder / "a.wav")
    return folder / "a.wav"


def _socket(folder: Path) -> Path:
    here = os.getcwd()
    os.chdir(folder)  # the name of a socket has a hundred characters at most
    try:
        made = socket.socket(socket.AF_UNIX)
        made.bind("a.wav")
        made.close()
    finally:
        os.chdir(here)
    return folder / "a.wav"


def _folder(folder: Path) -> Path:
    (folder / "a.wav").mkdir()
    return folder / "a.wav"


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.wav", wav())
    return file.getvalue()


def _changed(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + new + content[at + len(new) :]


def _avi() -> bytes:
    return b"RIFF" + struct.pack("<I", 100) + b"AVI " + bytes(100)


def _rf64(size: int, there: bool = True) -> bytes:
    ds64 = struct.pack("<4sIQQQI", b"ds64", 28, 2**40, size, size // 2, 0)
    return wav(form=b"RF64", before=ds64 if there else b"", size=0xFFFFFFFF if there else 0x7FFFFFF)


def hostile() -> dict[str, Make]:
    """All of them."""
    sound, flac, ogg, opus = wav(), encoded("FLAC"), encoded("OGG"), encoded("OGG", "OPUS")
    mp3, long_ogg = encoded("MP3"), encoded("OGG", count=90_000)
    found: dict[str, Make] = {}
    for at in (0, 1, 4, 8, 11, 12, 16, 20, 22, 24, 28, 32, 34, 36, 40, 43, 44, 45, 46, 400, len(sound) - 1):
        found[f"WAV cut at byte {at}"] = _file(sound[:at])
    heads = {
        "no channels": {"channels": 0, "block": 2}, "65,535 channels": {"channels": 65535, "block": 2},
        "65 channels": {"channels": 65, "data": bytes(1300)}, "rate 0": {"rate": 0}, "rate 1": {"rate": 1},
        "rate 4,294,967,295": {"rate": 2**32 - 1}, "block 0": {"block": 0}, "block 3": {"block": 3},
        "bits 0": {"bits": 0},
        "bits 7": {"bits": 7, "block": 1}, "bits 12": {"bits": 12, "block": 2}, "PCM of 64 bits": {"bits": 64},
        "PCM of 65,528 bits": {"bits": 65528, "data": bytes(8191 * 8)}, "floats of 16 bits": {"codec": 3},
        "floats of 24 bits": {"codec": 3, "bits": 24, "data": bytes(300)}, "codec 0": {"codec": 0},
        "codec 0x9999": {"codec": 0x9999}, "MP3 in a WAV": {"codec": 0x55}, "ADPCM without its table": {"codec": 2},
        "extensible, cut": {"codec": 0xFFFE}, "µ-law of no bytes": {"codec": 7, "bits": 8, "block": 0},
        "extensible, another GUID": {"codec": 0xFFFE, "fmt_size": 40, "extra": b"\x16\0\x10\0" + bytes(20)},
        "fmt of 0 bytes": {"fmt_size": 0}, "fmt of 15 bytes": {"fmt_size": 15}, "fmt of 4 GiB": {"fmt_size": 2**32 - 1},
        "data of 2 bytes more": {"size": 802}, "data of 1 GiB": {"size": 2**30}, "data of no bytes": {"size": 0},
        "data of 799 bytes": {"size": 799}, "samples cut in two": {"data": noise(400).tobytes()[:-1]},
        "a chunk before it of 1 GiB": {"before": struct.pack("<4sI", b"LIST", 2**30)},
        "20,000 empty chunks": {"before": struct.pack("<4sI", b"junk", 0) * 20_000},
        "nothing but a header": {"data": b""},
    }  # fmt: skip
    found |= {f"WAV, {name}": _file(wav(**given)) for name, given in heads.items()}  # type: ignore[arg-type]
    data_first = b"RIFF" + struct.pack("<I", 60) + b"WAVE" + struct.pack("<4sI", b"data", 800) + noise(400).tobytes()
    found |= {
        "WAV, its samples before fmt": _file(data_first),
        "WAV, RF64 of 2^62 bytes": _file(_rf64(2**62)), "WAV, RF64 without its sizes": _file(_rf64(800, there=False)),
    }  # fmt: skip
    for name, value in (("NaN", np.nan), ("infinity", np.inf)):
        floats = noise(400).astype("<f4") / 32768
        floats[250] = value
        found[f"WAV, {name}"] = _file(wav(floats.tobytes(), codec=3, bits=32))
    doubles = noise(400).astype("<f8")
    doubles[3] = 1e300
    found["WAV, 1e300"] = _file(wav(doubles.tobytes(), codec=3, bits=64))
    both = np.stack([noise(400), -noise(400)], axis=1)
    found |= {
        "silence": _file(wav(bytes(800))), "silence at another level": _file(wav(bytes(800), bits=8)),
        "channels that cancel each other out": _file(wav(both.tobytes(), channels=2)),
        "too long": _file(lambda: wav(noise(1_300_000).tobytes(), rate=1000)),
        "too long, MP3": _file(mp3 * 700, "a.mp3"),
        "empty": _file(b""), "a byte": _file(b"R"), "text": _file(b"Once upon a time there was a sound.\n" * 20),
        "text of another script": _file("Es war einmal ein schöner Ton.".encode() * 9),
        "HTML": _file(b"<!doctype html><p>"),
        "JSON": _file(b'{"samples": [0, 1]}'), "zip": _file(_zip), "gzip": _file(b"\x1f\x8b\x08" + bytes(50)),
        "picture": _file(b"\x89PNG\r\n\x1a\n" + bytes(50)), "PDF": _file(b"%PDF-1.7\n"), "AVI": _file(_avi),
        "RIFX": _file(wav(form=b"RIFX")), "AIFF": _file(lambda: encoded("AIFF"), "a.aiff"),
        "AU": _file(lambda: encoded("AU"), "a.au"), "CAF": _file(lambda: encoded("CAF"), "a.caf"),
        "Wave64": _file(lambda: encoded("W64")), "MP4": _file(b"\0\0\0\x18ftypM4A " + bytes(60), "a.m4a"),
        "WebM": _file(b"\x1aE\xdf\xa3" + bytes(60), "a.webm"), "AMR": _file(b"#!AMR\n" + bytes(60), "a.amr"),
        "MIDI": _file(b"MThd" + bytes(60), "a.mid"), "a megabyte of zeros": _file(bytes(2**20)),
    }  # fmt: skip
    for seed in range(6):
        found[f"random bytes, seed {seed}"] = _file(random.Random(seed).randbytes(5000))
    for mark in (b"RIFF\x10\0\0\0WAVE", b"fLaC", b"OggS\0\2", b"ID3\3\0\0\0\0\0\x0a" + bytes(10), b"\xff\xfb\x90\0"):
        found[f"random bytes behind {mark[:4]!r}"] = _file(mark + random.Random(9).randbytes(5000), "a")
    for name, content in (("FLAC", flac), ("Ogg", ogg), ("Opus", opus), ("MP3", mp3)):
        for share in (0.001, 0.02, 0.5, 0.99):
            found[f"{name} cut to {share:.1%}"] = _file(content[: max(5, int(len(content) * share))], "a")
        middle = len(content) // 2
        found[f"{name} without its middle"] = _file(content[: middle - 300] + content[middle + 300 :], "a")
    for name, content in (("FLAC", flac), ("Ogg", ogg)):
        middle = len(content) // 2
        found[f"{name} with a byte changed"] = _file(_changed(content, middle, bytes([content[middle] ^ 0x55])), "a")
    found |= {
        "MP3 with bytes changed": _file(_changed(mp3, mp3.find(mp3[:2], len(mp3) // 2) + 4, b"\xff" * 20), "a.mp3"),
        "FLAC of 2^36 samples": _file(_changed(flac, 21, bytes([flac[21] | 0x0F]) + b"\xff\xff\xff\xff"), "a.flac"),
        "FLAC of another digest": _file(_changed(flac, 26, b"0123456789abcdef"), "a.flac"),
        "FLAC of no rate": _file(_changed(flac, 18, b"\0\0\0"), "a.flac"),
        "Ogg, two behind each other": _file(ogg + opus, "a.ogg"),
        "Ogg without its last page": _file(long_ogg[: long_ogg.rfind(b"OggS")], "a.ogg"),
        "Ogg without sound": _file(_changed(ogg, 28, b"\x80theora"), "a.ogg"),
        "Opus of 255 channels": _file(_changed(opus, opus.find(b"OpusHead") + 9, b"\xff"), "a.opus"),
        "ID3 notes alone": _file(b"ID3\3\0\0\0\0\0\x0a" + bytes(10), "a.mp3"),
        "ID3 notes of 256 MiB": _file(b"ID3\3\0\0\x7f\x7f\x7f\x7f" + bytes(10), "a.mp3"),
        "ID3 notes of no size": _file(b"ID3\3\0\0\xff\xff\xff\xff" + bytes(10), "a.mp3"),
        "ID3 notes, 2,000 of them": _file(b"ID3\3\0\0\0\0\0\0" * 2000, "a.mp3"),
        "a folder": _folder, "a named pipe": _fifo, "a socket": _socket, "a link to itself": _link("a.wav"),
        "a link to nothing": _link("nothing.wav"), "a device": _link("/dev/zero"),
        "no file": lambda folder: folder / "missing.wav", "no name of a file": lambda folder: folder / "a\0.wav",
        "a name of 5,000 letters": lambda folder: folder / ("a" * 5000),
    }  # fmt: skip
    return found


def sound_ones() -> dict[str, bytes]:
    """Files beside them that are to be read: the same noise, whatever is unusual about it."""
    values = noise(400)
    odd = struct.pack("<4sI", b"LIST", 3) + b"abc\0"
    wide = struct.pack("<HHI", 22, 16, 0) + struct.pack("<H", 1) + bytes.fromhex("000000001000800000aa00389b71")
    plain = io.BytesIO()
    with wave.open(plain, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(values.tobytes())
    return {
        "plain": wav(), "by the standard library": plain.getvalue(), "an odd chunk before": wav(before=odd),
        "a chunk behind": wav(behind=odd), "extensible": wav(codec=0xFFFE, fmt_size=40, extra=wide),
        "fmt of 18 bytes": wav(fmt_size=18, extra=b"\0\0"), "RF64": _rf64(800),
        "written to a pipe": wav(size=0xFFFFFFFF), "written to a pipe by SoX": wav(size=0x7FFFF000),
        "RIFF of another size": _changed(wav(), 4, b"\0\0\0\0"),
    }  # fmt: skip
