"""Reading of picture files of unknown origin: any format Pillow knows; failures are one line."""

import hashlib
import io
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError

FITS = ("squash", "crop")
#: What is opened, whatever the file is called. Pillow knows more, but some of those start other programs.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "ICO")
SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".ico")
MOST_PIXELS = 50_000_000  # as decoded; up to 1 GB of memory while it is read, measured over all makes
_LARGEST = 1024  # pixels of a side that is asked for: a picture that is sound is so for every smaller one
_SCALES = (8, 4, 2, 1)  # a JPEG can be read at a part of its size
MOST_BYTES = 256 * 2**20  # of the file
_TEXT = ("<svg", "<?xml", "<!doctype svg")
_NEED = f"expected a {', '.join(FORMATS[:-1])} or {FORMATS[-1]} picture"


def open_picture(path: str | PathLike[str], size: int = 224, fit: str = "squash") -> np.ndarray:
    """A picture file as RGB of the wanted size, whatever its format.

    The content decides what it is, not the suffix. It is turned upright by its EXIF note; grey, palette, CMYK and
    16-bit pictures become RGB; what is see-through shows white; of an animation the first frame is taken. Nothing in
    the file is executed, and no file can make this take more memory than `MOST_PIXELS` pixels need.

    Args:
        path: The file.
        size: Height and width wanted, in pixels.
        fit: "squash" changes the picture's proportions to a square; "crop" cuts the middle square out.

    Returns:
        uint8 `[size, size, 3]`.

    Raises:
        RnnkitError: It is no picture, is damaged, or is too large; names the file and the fault.

    Example:

    >>> import tempfile
    >>> from PIL import Image
    >>> file = Path(tempfile.mkdtemp(), "red.png")
    >>> Image.new("RGB", (40, 30), "red").save(file)
    >>> picture = open_picture(file, 8)
    >>> picture.shape, picture[0, 0].tolist()
    ((8, 8, 3), [255, 0, 0])
    """
    return decode_picture(read_picture(path), size, fit, str(path))


def as_picture(given: Any, size: int = 224, fit: str = "squash") -> np.ndarray:
    """As `open_picture`, for a file name or an open picture.

    Args:
        given: The name, or uint8 `[height, width, 3]`, RGB.
        size: Height and width wanted, in pixels.
        fit: "squash" or "crop".

    Raises:
        RnnkitError: As `open_picture`, or it is neither.

    Example:

    >>> as_picture(np.zeros((30, 40, 3), np.uint8), 8).shape
    (8, 8, 3)
    """
    from PIL import Image

    if isinstance(given, str | PathLike):
        return open_picture(given, size, fit)
    if not isinstance(given, np.ndarray):
        raise RnnkitError(f"A picture is given as {type(given).__name__}; expected the name of a file, or an array.")
    if given.dtype != np.uint8 or given.ndim != 3 or given.shape[-1] != 3 or not given.size:
        raise RnnkitError(
            f"A picture is given as {given.dtype} {list(given.shape)}; expected uint8 [height, width, 3], RGB."
        )
    return _square(Image.fromarray(given), size, fit)


def read_picture(path: str | PathLike[str]) -> bytes:
    """The bytes of a picture file; links are followed, anything but a file is refused.

    Raises:
        RnnkitError: It cannot be read, is no ordinary file, is empty, or has more than `MOST_BYTES`.
    """
    name = printable(path)
    if not name.strip():
        raise RnnkitError(f"The name of a picture is empty; {_NEED}.")
    try:
        found = Path(path).stat()
        if stat.S_ISREG(found.st_mode) and found.st_size <= MOST_BYTES:
            content = Path(path).read_bytes()
    except FileNotFoundError:
        raise RnnkitError(f"There is no file {name}.") from None
    except (OSError, ValueError) as error:
        raise RnnkitError(f"{name} cannot be read ({getattr(error, 'strerror', None) or error}).") from None
    if stat.S_ISDIR(found.st_mode):
        raise RnnkitError(f"{name} is a folder; {_NEED}.")
    if not stat.S_ISREG(found.st_mode):
        raise RnnkitError(f"{name} is no ordinary file; {_NEED}.")
    if found.st_size > MOST_BYTES:
        raise RnnkitError(f"{name} has {found.st_size:,} bytes; pictures of up to {MOST_BYTES:,} are read.")
    if not content:
        raise RnnkitError(f"{name} is empty; {_NEED}.")
    return content


def decode_picture(content: bytes, size: int = 224, fit: str = "squash", name: str = "The picture") -> np.ndarray:
    """As `open_picture`, from the bytes of the file.

    Args:
        content: The whole file.
        size: Height and width wanted, in pixels.
        fit: "squash" or "crop".
        name: What messages call it.

    Raises:
        RnnkitError: As `open_picture`.
    """
    if fit not in FITS or size < 1:
        raise RnnkitError(f"size is {size}, fit is {fit!r}; expected 1 or more, and one of: {', '.join(FITS)}.")
    name = printable(name)
    with _faults_named(content, name):
        return _square(_upright_rgb(_opened(content, size, name)), size, fit)


def picture_fault(path: str | PathLike[str]) -> str | None:
    """Why a picture cannot be read, in a line, or None. It is decoded whole, to be sure.

    Example:

    >>> picture_fault("no_such_file.jpg")
    'There is no file no_such_file.jpg.'
    """
    try:
        open_picture(path, 8)
    except RnnkitError as error:
        return str(error)
    return None


def picture_digest(content: bytes) -> str:
    """A content hash of 32 hexadecimal digits.

    Example:

    >>> len(picture_digest(b"a")), picture_digest(b"a") == picture_digest(b"b")
    (32, False)
    """
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def printable(name: str | PathLike[str]) -> str:
    """A file name without characters that break a line or control a terminal."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in str(name))


@contextmanager
def _faults_named(content: bytes, name: str) -> Iterator[None]:
    """Turn whatever Pillow raises into one line for the user."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged notes beside the picture, which is not lost by them
            yield
    except RnnkitError:
        raise
    except UnidentifiedImageError:
        head = content[:256].lstrip(b"\xef\xbb\xbf \r\n\t").decode("latin-1").lower()
        what = "is an SVG or other XML file, a drawing without pixels" if head.startswith(_TEXT) else "is no picture"
        raise RnnkitError(f"{name} {what}; {_NEED}.") from None
    except Image.DecompressionBombError:
        raise RnnkitError(f"{name} is too large; pictures of up to {MOST_PIXELS:,} pixels are read.") from None
    except MemoryError:
        raise RnnkitError(f"{name} needs more memory than there is.") from None
    except Exception as error:  # a damaged file: Pillow raises OSError, SyntaxError, struct.error, EOFError and others
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        raise RnnkitError(f"{name} is damaged or cut short ({reason}).") from None


def _opened(content: bytes, size: int, name: str) -> Any:
    """The first frame, decoded; a JPEG at the smallest scale its format offers that is still large enough."""
    from PIL import Image

    picture = Image.open(io.BytesIO(content), formats=FORMATS)
    before = width, height = picture.size
    if picture.format in ("JPEG", "MPO"):  # MPO: a JPEG with further pictures behind it
        picture.draft(None, (2 * size, 2 * size))  # the resizing after it needs some pixels to average
        if "progressive" not in picture.info:  # that is held whole, whatever the scale it is read at
            scale = next(scale for scale in _SCALES if scale == 1 or min(before) >= 2 * scale * _LARGEST)
            width, height = width // scale, height // scale
    if width * height > MOST_PIXELS:
        raise RnnkitError(
            f"{name} has {before[0]:,} x {before[1]:,} pixels; pictures of up to {MOST_PIXELS:,} pixels are read."
        )
    picture.load()
    return picture


def _upright_rgb(picture: Any) -> Any:
    from PIL import Image, ImageOps

    try:
        picture = ImageOps.exif_transpose(picture)
    except Exception:  # the note is damaged; the picture is not
        pass
    if picture.mode.startswith(("I", "F")):  # 16 or 32 bits
        return Image.fromarray(_eight_bits(np.asarray(picture), picture.mode)).convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("RGB")


def _eight_bits(values: np.ndarray, mode: str) -> np.ndarray:
    """Grey in 8 bits: 16-bit by its upper byte, 32-bit (of unknown range) scaled from darkest to brightest."""
    values = np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = values.min(initial=0), values.max(initial=0)
    if mode.startswith("I;16"):
        low, high = 0, 65535
    elif mode == "I" and low >= 0:
        high = 255 if high <= 255 else max(high, 65535)
    scale = 255 / (high - low) if high > low else 0
    return np.clip(np.rint((values - low) * scale), 0, 255).astype(np.uint8)


def _square(picture: Any, size: int, fit: str) -> np.ndarray:
    from PIL import Image

    if fit == "crop":
        width, height = picture.size
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        picture = picture.crop((left, top, left + side, top + side))
    if picture.size != (size, size):
        picture = picture.resize((size, size), Image.Resampling.BICUBIC)
    return np.array(picture)
