"""The frames of an MP3 file, walked through before it is decoded: decoders skip what is damaged without a word."""

import struct

from rnnkit.errors import RnnkitError

_KBITS = {  # by version (1; 2 and 2.5 alike)
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}  # 3: version 1
_ID3, _TAIL = b"ID3", (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"\x00", b"ID3")


def is_mp3(content: bytes) -> bool:
    """Whether a file begins with two frames of MPEG layer III, one behind the other, or with ID3 notes.

    Example:

    >>> is_mp3(b"ID3" + bytes(20)), is_mp3(b"\\xff\\xfb\\x90\\x00" + bytes(500))
    (True, False)
    """
    if content[:3] == _ID3:
        return True
    first = _frame(content, 0)
    return first is not None and _frame(content, first[0]) is not None


def require_whole_mp3(content: bytes, name: str) -> float:
    """Refuse an MP3 file whose frames do not follow each other up to its end.

    Args:
        content: The whole file.
        name: What messages call it.

    Returns:
        How long it lasts, in seconds.

    Raises:
        RnnkitError: It is cut short or damaged; says at which byte.
    """
    at, seconds = _behind_notes(content, name), 0.0
    announced, first = None, at
    while found := _frame(content, at):
        size, here, behind = found
        if at + size > len(content):
            raise RnnkitError(
                f"{name} is cut short: its last frame has {size:,} bytes, and {len(content) - at:,} are there. "
                "Copy it again."
            )
        if at == first:
            announced = _announced(content[at : at + size], behind)
        seconds += here
        at += size
    if at == first:
        raise RnnkitError(f"{name} has no frame of MPEG layer III at byte {at:,}; it is damaged or no MP3 file.")
    if at < len(content) and not content.startswith(_TAIL, at):
        raise RnnkitError(f"{name} is damaged: there is no frame at byte {at:,} of {len(content):,}. Copy it again.")
    if announced is not None and announced > at - first:
        raise RnnkitError(
            f"{name} is cut short: it says that it has {announced:,} bytes of sound, and {at - first:,} are there. "
            "Copy it again."
        )
    return seconds


def _behind_notes(content: bytes, name: str) -> int:
    """The first byte behind ID3 notes."""
    at = 0
    while content[at : at + 3] == _ID3:
        if at + 10 > len(content) or max(content[at + 6 : at + 10]) > 127:
            raise RnnkitError(f"{name} has broken ID3 notes; it is damaged or no MP3 file.")
        size = 0
        for byte in content[at + 6 : at + 10]:
            size = size << 7 | byte
        at += 10 + size + 10 * bool(content[at + 5] & 0x10)
        if at > len(content):
            raise RnnkitError(f"{name} is cut short: its ID3 notes end beyond the file. Copy it again.")
    while content[at : at + 1] == b"\x00" and at < len(content):
        at += len(content[at : at + 65536]) - len(content[at : at + 65536].lstrip(b"\x00"))
    return at


def _frame(content: bytes, at: int) -> tuple[int, float, int] | None:
    """The bytes of the frame that begins here, its seconds, and the bytes before its sound; None where none begins."""
    if at + 4 > len(content):
        return None
    head = struct.unpack_from(">I", content, at)[0]
    version, layer, bits, rate = head >> 19 & 3, head >> 17 & 3, head >> 12 & 15, head >> 10 & 3
    if head >> 21 != 0x7FF or version == 1 or layer != 1 or bits in (0, 15) or rate == 3:
        return None
    one = version == 3
    hertz = _RATES[version][rate]
    size = (144 if one else 72) * 1000 * _KBITS[1 if one else 2][bits] // hertz + (head >> 9 & 1)
    mono = head >> 6 & 3 == 3
    side = (17 if mono else 32) if one else (9 if mono else 17)
    return size, (1152 if one else 576) / hertz, 4 + side + 2 * (not head >> 16 & 1)


def _announced(frame: bytes, behind: int) -> int | None:
    """The bytes of all frames, as the first says that holds Xing's or LAME's table; None where it does not."""
    mark, flags = frame[behind : behind + 4], frame[behind + 4 : behind + 8]
    if mark not in (b"Xing", b"Info") or len(flags) < 4 or not flags[3] & 2:
        return None
    place = behind + 8 + 4 * (flags[3] & 1)
    return struct.unpack_from(">I", frame, place)[0] if place + 4 <= len(frame) else None
