"""The pages of an Ogg file, walked through before it is decoded: decoders skip what is damaged without a word."""

import struct
import zlib

from rnnkit.errors import RnnkitError

_HEAD = struct.Struct("<4sBBqIIIB")
_SUM = slice(22, 26)  # of a page, where its checksum stands
_TURNED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def require_whole_ogg(content: bytes, name: str) -> None:
    """Refuse an Ogg file of several streams, or whose pages do not follow each other up to its last one.

    Args:
        content: The whole file.
        name: What messages call it.

    Raises:
        RnnkitError: It is cut short or damaged; says at which byte.
    """
    at, number, flags, serial = 0, 0, 0, None
    while at < len(content):
        if not content.startswith(b"OggS"[: len(content) - at], at):
            raise RnnkitError(f"{name} is damaged: there is no page at byte {at:,}. Copy it again.")
        table = at + _HEAD.size
        if table > len(content):
            raise _cut(name)
        _, version, flags, _, stream, place, checksum, segments = _HEAD.unpack_from(content, at)
        sizes = content[table : table + segments]
        end = table + segments + sum(sizes)
        if len(sizes) < segments or end > len(content):
            raise _cut(name)
        if serial is not None and stream != serial:
            raise RnnkitError(f"{name} has several streams, such as sound and pictures; expected one of sound.")
        if version or place != number:
            raise RnnkitError(f"{name} is damaged: page {number + 1:,} at byte {at:,} is missing. Copy it again.")
        if _checksum(content[at:end]) != checksum:
            raise RnnkitError(f"{name} is damaged: page {number + 1:,} at byte {at:,} has another sum. Copy it again.")
        at, number, serial = end, number + 1, stream
    if not flags & 4:
        raise _cut(name)


def _checksum(page: bytes) -> int:
    """The CRC of a page: that of zlib, but from the highest bit of each byte on and without its two inversions."""
    blank = page[: _SUM.start] + bytes(4) + page[_SUM.stop :]
    found = zlib.crc32(blank.translate(_TURNED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{found:032b}"[::-1], 2)


def _cut(name: str) -> RnnkitError:
    return RnnkitError(f"{name} is cut short: its last page is not there, or not whole. Copy it again.")
