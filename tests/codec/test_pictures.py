import io
import os
import resource
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from rnnkit.codec.pictures import (
    MOST_PIXELS,
    decode_picture,
    open_picture,
    picture_digest,
    picture_fault,
    read_picture,
)
from rnnkit.errors import RnnkitError

RANDOM = np.random.default_rng(3)
#: Left half red, right half blue, a green corner at the top left.
SCENE = np.zeros((60, 80, 3), np.uint8)
SCENE[:, :40] = (220, 30, 30)
SCENE[:, 40:] = (30, 30, 220)
SCENE[:20, :20] = (30, 200, 30)
NOISE = RANDOM.integers(0, 256, (48, 64, 3), np.uint8)


def encoded(picture: Image.Image, format: str, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def scene(mode: str = "RGB") -> Image.Image:
    return Image.fromarray(SCENE).convert(mode)


def png_of(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG that says it has that size, with next to no content: a decompression bomb."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = zlib.compress(b"\0" * min(width * height, 10_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


def animated(format: str) -> bytes:
    frames = [Image.new("RGB", (30, 30), "blue") for _ in range(3)]
    return encoded(scene().resize((30, 30)), format, save_all=True, append_images=frames, duration=50)


def exif(orientation: int) -> bytes:
    note = Image.Exif()
    note[274] = orientation
    return note.tobytes()


READABLE = {
    "plain.png": encoded(scene(), "PNG"),
    "plain.jpg": encoded(scene(), "JPEG", quality=95),
    "progressive.jpg": encoded(scene(), "JPEG", quality=95, progressive=True),
    "plain.bmp": encoded(scene(), "BMP"),
    "plain.webp": encoded(scene(), "WEBP", lossless=True),
    "plain.tiff": encoded(scene(), "TIFF"),
    "lzw.tiff": encoded(scene(), "TIFF", compression="tiff_lzw"),
    "plain.ppm": encoded(scene(), "PPM"),
    "palette.png": encoded(scene().quantize(16), "PNG"),
    "palette.gif": encoded(scene().quantize(16), "GIF"),
    "cmyk.jpg": encoded(scene("CMYK"), "JPEG", quality=95),
    "cmyk.tiff": encoded(scene("CMYK"), "TIFF"),
    "rgba.png": encoded(scene("RGBA"), "PNG"),
    "animated.gif": animated("GIF"),
    "animated.webp": animated("WEBP"),
    "animated.png": animated("PNG"),
    "pages.tiff": animated("TIFF"),
    "a_jpeg.png": encoded(scene(), "JPEG", quality=95),
    "a_png.jpg": encoded(scene(), "PNG"),
    "no_suffix": encoded(scene(), "PNG"),
    "picture.txt": encoded(scene(), "GIF"),
    "damaged_note.jpg": encoded(scene(), "JPEG", quality=95, exif=b"Exif\0\0MM\0*" + b"\xff" * 40),
    "too_much.png": encoded(scene(), "PNG") + b"<script>alert(1)</script>" * 100,
}


@pytest.mark.parametrize("name", READABLE)
def test_all_makes_give_the_same_picture(tmp_path, name):
    (tmp_path / name).write_bytes(READABLE[name])
    picture = open_picture(tmp_path / name, 32)
    assert picture.shape == (32, 32, 3) and picture.dtype == np.uint8 and picture.flags.writeable
    red, blue, green = picture[24, 6], picture[24, 26], picture[3, 3]
    tolerance = 45 if "cmyk" in name else 25
    for found, wanted in ((red, (220, 30, 30)), (blue, (30, 30, 220)), (green, (30, 200, 30))):
        assert np.abs(found.astype(int) - wanted).max() <= tolerance, (name, found, wanted)


GREY = np.linspace(0, 65535, 64).astype(np.uint16)[None].repeat(32, 0)


@pytest.mark.parametrize("name", ["8.png", "1.png", "la.png", "16.png", "16.tiff", "i.tiff", "f.tiff", "grey.jpg"])
def test_grey_of_any_depth(tmp_path, name):
    eight = Image.fromarray((GREY // 257).astype(np.uint8))
    made = {
        "8.png": lambda: encoded(eight, "PNG"),
        "1.png": lambda: encoded(eight.point(lambda value: 255 * (value > 127)).convert("1"), "PNG"),
        "la.png": lambda: encoded(eight.convert("LA"), "PNG"),
        "16.png": lambda: encoded(Image.fromarray(GREY), "PNG"),
        "16.tiff": lambda: encoded(Image.fromarray(GREY), "TIFF"),
        "i.tiff": lambda: encoded(Image.fromarray(GREY.astype(np.int32)), "TIFF"),
        "f.tiff": lambda: encoded(Image.fromarray(GREY.astype(np.float32) / 7), "TIFF"),
        "grey.jpg": lambda: encoded(eight, "JPEG", quality=95),
    }
    (tmp_path / name).write_bytes(made[name]())
    picture = open_picture(tmp_path / name, 32).astype(int)
    assert (picture[..., 0] == picture[..., 1]).all() and (picture[..., 0] == picture[..., 2]).all()
    assert picture[5, 0, 0] < 10 and picture[5, -1, 0] > 245
    if name != "1.png":
        assert abs(picture[5, 16, 0] - 130) < 8


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_the_exif_note_turns_a_picture_upright(orientation, format):
    turned = Image.fromarray(SCENE)
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    if orientation in back:
        turned = turned.transpose(back[orientation])
    options = {"quality": 95} if format == "JPEG" else {"lossless": True} if format == "WEBP" else {}
    content = encoded(turned, format, exif=exif(orientation), **options)
    picture = decode_picture(content, 40).astype(int)
    assert np.abs(picture[4, 4] - (30, 200, 30)).max() < 25 and np.abs(picture[30, 30] - (30, 30, 220)).max() < 25


def test_what_is_see_through_is_white():
    clear = np.zeros((20, 20, 4), np.uint8)
    clear[:10] = (200, 0, 0, 255)
    assert decode_picture(encoded(Image.fromarray(clear), "PNG"), 20)[[2, 15], 5].tolist() == [[200, 0, 0], [255] * 3]
    for mode, colour in (("L", 0), ("RGB", (0, 0, 0)), ("P", 0), ("1", 0)):
        picture = Image.new(mode, (8, 8), colour)
        content = encoded(picture, "PNG", transparency=colour)
        assert decode_picture(content, 8)[3, 3].tolist() == [255] * 3, mode


def test_squash_and_crop():
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = 255
    squashed, cropped = (decode_picture(encoded(Image.fromarray(wide), "PNG"), 12, fit) for fit in ("squash", "crop"))
    assert squashed[:, 0].max() < 30 and squashed[:, 6].min() > 225 and cropped.min() == 255
    assert (decode_picture(encoded(Image.fromarray(NOISE[:32, :32]), "PNG"), 32) == NOISE[:32, :32]).all()
    for arguments in ((0, "squash"), (8, "stretch")):
        with pytest.raises(RnnkitError, match="expected 1 or more, and one of: squash, crop"):
            decode_picture(READABLE["plain.png"], *arguments)


def test_shrinking_averages():
    """Stripes of one pixel become grey, not black or white; also where a JPEG is read at a reduced scale."""
    stripes = np.zeros((512, 512, 3), np.uint8)
    stripes[:, ::2] = 255
    for format in ("PNG", "JPEG"):
        small = decode_picture(encoded(Image.fromarray(stripes), format), 16).astype(int)
        assert np.abs(small - 127).max() < 12, format


JPEG = encoded(Image.fromarray(NOISE), "JPEG")
PNG = encoded(Image.fromarray(NOISE), "PNG")
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HOSTILE = {
    "empty.jpg": (b"", "is empty"),
    "one_byte.png": (b"\x89", "is no picture"),
    "head_only.jpg": (JPEG[:2], "is no picture"),
    "half.jpg": (JPEG[: len(JPEG) // 2], "damaged or cut short"),
    "tail.jpg": (JPEG[:-200], "damaged or cut short"),
    "half.png": (PNG[: len(PNG) // 2], "damaged or cut short"),
    "half.gif": (encoded(Image.fromarray(NOISE), "GIF")[:1500], "damaged or cut short"),
    "half.webp": (encoded(Image.fromarray(NOISE), "WEBP")[:300], "is no picture|damaged"),
    "half.tiff": (encoded(Image.fromarray(NOISE), "TIFF")[:300], "is no picture|damaged"),
    "half.bmp": (encoded(Image.fromarray(NOISE), "BMP")[:300], "damaged or cut short"),
    "bit_rot.png": (PNG[:60] + bytes(200) + PNG[260:], "damaged or cut short"),
    "drawing.svg": (SVG, "SVG or other XML"),
    "a_drawing.png": (b"\xef\xbb\xbf  " + SVG[22:], "SVG or other XML"),
    "page.jpg": (b"<html><body>404 Not Found</body></html>", "is no picture"),
    "text.png": (b"I am a picture, believe me.\n" * 50, "is no picture"),
    "zeros.jpg": (bytes(5000), "is no picture"),
    "noise.png": (NOISE.tobytes(), "is no picture"),
    "archive.jpg": (b"PK\x03\x04" + bytes(500), "is no picture"),
    "program.png": (b"\x7fELF" + bytes(500), "is no picture"),
    "postscript.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) (w) file\n", "is no picture"),
    "document.pdf": (b"%PDF-1.4\n" + bytes(200), "is no picture"),
    "film.mp4": (b"\0\0\0\x18ftypmp42" + bytes(200), "is no picture"),
    "pickle.png": (b"\x80\x04cos\nsystem\n(S'touch hacked'\ntR.", "is no picture"),
    "bomb.png": (png_of(20_000, 20_000), "too large; pictures of up to"),
    "below_pillows_limit.png": (png_of(10_000, 10_000), "has 10,000 x 10,000 pixels"),
    "wide_bomb.png": (png_of(1_000_000, 60), "has 1,000,000 x 60 pixels"),
    "no_pixels.png": (png_of(0, 0), "damaged|is no picture"),
    "lying.png": (png_of(5_000, 5_000, colour=6), "damaged or cut short"),
    "bomb.gif": (b"GIF89a" + struct.pack("<HHBBB", 20_000, 20_000, 0, 0, 0) + b","
                 + struct.pack("<HHHHB", 0, 0, 20_000, 20_000, 0) + b"\x08\x02\x4c\x01\0;", "too large"),
    "far_frame.gif": (b"GIF89a" + struct.pack("<HHBBB", 9, 9, 0, 0, 0) + b","
                      + struct.pack("<HHHHB", 9_000, 9_000, 9_000, 9_000, 0) + b"\x08\x02\x4c\x01\0;", "pixels"),
    "bomb.bmp": (b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 20_000, 20_000, 1, 24, 0, 0, 0, 0, 0, 0),
                 "too large"),
    "bomb.ppm": (b"P6 20000 20000 255\n", "too large"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_get_a_line_each(tmp_path, name):
    content, message = HOSTILE[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RnnkitError, match=message) as caught:
        open_picture(path)
    line = str(caught.value)
    assert line.startswith(str(path)) and "\n" not in line and len(line) < len(str(path)) + 200
    assert picture_fault(path) == line
    assert caught.value.__cause__ is None


def test_what_is_no_file(tmp_path):
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "nowhere.jpg").symlink_to(tmp_path / "gone.jpg")
    (tmp_path / "round.jpg").symlink_to(tmp_path / "round.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    messages = {
        "folder.jpg": "is a folder", "nowhere.jpg": "There is no file", "round.jpg": "cannot be read|no file",
        "pipe.jpg": "is no ordinary file", "gone.jpg": "There is no file", "a\0b.jpg": "cannot be read",
        "x" * 5000: "cannot be read",
    }  # fmt: skip
    for name, message in messages.items():
        with pytest.raises(RnnkitError, match=message):
            open_picture(str(tmp_path / name))
    (tmp_path / "a\n\x1b[31mb.png").write_bytes(b"x")
    assert "a\ufffd\ufffd[31mb.png is no picture" in (picture_fault(tmp_path / "a\n\x1b[31mb.png") or "")
    (tmp_path / "real.png").write_bytes(PNG)
    (tmp_path / "link.png").symlink_to("real.png")
    assert open_picture(tmp_path / "link.png", 8).shape == (8, 8, 3)


def test_a_large_file_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(PNG)
    monkeypatch.setattr("rnnkit.codec.pictures.MOST_BYTES", 100)
    with pytest.raises(RnnkitError, match="bytes; pictures of up to 100 are read"):
        read_picture(tmp_path / "a.png")


def test_a_text_bomb_within_a_picture_is_no_trouble(tmp_path):
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", "a" * 5_000_000, zip=True)
    (tmp_path / "a.png").write_bytes(encoded(scene(), "PNG", pnginfo=note))
    assert "damaged" in (picture_fault(tmp_path / "a.png") or "damaged")


@pytest.mark.slow
def test_a_photograph_of_110_million_pixels_takes_little_memory(tmp_path):
    """A JPEG is read at a reduced scale; a PNG of that size is refused."""
    program = (
        "import resource, sys; from rnnkit.codec.pictures import open_picture; "
        "from PIL import Image; import numpy; before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; "
        "shape = open_picture(sys.argv[1]).shape; "
        "print(shape, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    Image.new("RGB", (11_000, 10_000), "green").save(tmp_path / "large.jpg")
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "large.jpg")], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    shape, _, kilobytes = done.stdout.strip().rpartition(" ")
    assert shape == "(224, 224, 3)" and int(kilobytes) < 100_000
    Image.new("RGB", (11_000, 10_000), "green").save(tmp_path / "large_progressive.jpg", progressive=True)
    assert "has 11,000 x 10,000 pixels" in (picture_fault(tmp_path / "large_progressive.jpg") or "")
    assert MOST_PIXELS < 110_000_000 and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0


def test_the_digest_is_that_of_the_content():
    assert picture_digest(PNG) == picture_digest(bytes(PNG)) != picture_digest(JPEG)
