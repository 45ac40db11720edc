"""Makes hostile files of sound ones: bytes, lines, cells and encodings changed, packed, cut, nested and repeated."""

import functools
import gzip
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

from fuzz.made import ODD, Made
from hypothesis import strategies as st

#: What no file should have where it stands. As bytes: some are no UTF-8.
NASTY: tuple[bytes, ...] = (
    b"", b"\0", b'"', b"'", b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"\n\n", b"\\", b"/", b"%s", b"{", b"}",
    b"[", b"]", b"(", b")", b"<", b"&#0;", b"\x1b[31m", b"\x7f", b"\x85", b"\xa0", b"\xff", b"\xc3", b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\0\0\xfe\xff", "\u2028".encode(), "\u202e".encode(),
    "\u200b".encode(), "\u2066".encode(), "e\u0301".encode() * 9, "\u00b2\u00b3".encode(), "\u0663\u0967".encode(),
    "\u2460".encode(), "\U0001f468\u200d\U0001f469\u200d\U0001f467".encode(), "\ufdfa".encode(), "\u0130".encode(),
    "\udc80".encode("utf-8", "surrogatepass"), b"nan", b"NaN", b"-inf", b"1e999", b"0", b"-1", b"-0", b"00", b"1_0",
    b"2147483648", b"18446744073709551616", b"9" * 400, b"9" * 5000, b"1e4", b"NA", b"null", b"None", b"True",
    b"../decoy/secret.txt", b"@DECOY@/secret.txt", b"/dev/zero", b"~", b"=1+1", b"C:\\x", b"a" * 300, b"a b " * 5000,
    b"X:", b"K:", b"M:", b"#", b"%%", b"\\ud800", b"__proto__", b"O", b"B-", b"I-\xff", b"-DOCSTART-",
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "latin-1", "cp1252", "utf-8-sig", "utf-7",
             "cp500", "shift_jis", "utf-8")  # fmt: skip
DELIMITERS = (b",", b";", b"\t", b"|", b" ", b":", b"\0")
ENDS = (b"\n", b"\r\n", b"\r", b"\n\r", b"\x85", b"", b"\0", "\u2028".encode())
_MOST = 3 * 2**20  # bytes that a file may grow to, but for bombs
Edit = tuple[object, ...]


@functools.cache
def places() -> st.SearchStrategy[int]:
    """Parts of a million, all as likely: of a large range hypothesis would mostly give small numbers."""
    return st.builds(lambda a, b: min(10_000 * a + 100 * b, 10**6), st.integers(0, 100), st.integers(0, 99))


@functools.cache
def edit() -> st.SearchStrategy[Edit]:
    """One change, as what `edited` takes; places are parts of a million, so that they fit any file."""
    place = places()
    few = st.sampled_from([2, 3, 10, 200, 4000])
    return st.one_of(
        st.tuples(st.just("insert"), place, st.sampled_from(NASTY)),
        st.tuples(st.just("cell"), place, st.sampled_from(NASTY)),
        st.tuples(st.just("flip"), place, st.integers(0, 7)),
        st.tuples(st.just("byte"), place, st.integers(0, 255)),
        st.tuples(st.just("delete"), place, st.sampled_from([1, 2, 7, 40, 1000])),
        st.tuples(st.just("repeat"), place, st.sampled_from([1, 2, 7, 40]), few),
        st.tuples(st.just("cut"), place),
        st.tuples(st.just("line out"), place),
        st.tuples(st.just("line again"), place, few),
        st.tuples(st.just("line moved"), place, place),
        st.tuples(st.just("line"), place, st.sampled_from(NASTY)),
        st.tuples(st.just("ends"), st.sampled_from(ENDS)),
        st.tuples(st.just("delimiter"), st.sampled_from(DELIMITERS)),
        st.tuples(st.just("encoding"), st.sampled_from(ENCODINGS)),
        st.tuples(st.just("nested"), place, st.sampled_from([b"[", b"(", b"{", b'{"a":', b"<", b"((", b'["', b"[A:"]),
                  st.sampled_from([3, 70, 1500, 100_000])),
        st.tuples(st.just("other"), place, place),
        st.tuples(st.just("packed"), st.sampled_from(["gz", "zip"])),
        st.tuples(st.just("upper")),
    )  # fmt: skip


def edited(content: bytes, edits: Sequence[Edit], others: Sequence[bytes] = (b"",)) -> bytes:
    """The content after all the edits; `others` are sound files of other kinds, of which parts are spliced in.

    Example:

    >>> edited(b"a,b", [("cell", 0, b"9"), ("insert", 10**6, b"!")])
    b'9,b!'
    """
    for name, *arguments in edits:
        content = _EDITS[str(name)](content, *arguments, others) if name == "other" else _EDITS[str(name)](
            content, *arguments)  # fmt: skip
    return content


@functools.cache
def bomb(unit: bytes, size: int) -> bytes:
    """A gzip file of a hundredth or less of its size, which unpacks to so many bytes of the unit and more."""
    member = gzip.compress(unit * max(1, 2**24 // max(len(unit), 1)), 9)
    return member * max(1, size // 2**24)


def files(
    seeds: Mapping[str, bytes], names: Sequence[str] = (), *, most: int = 3, odd: bool = True, bombs: bool = False
) -> st.SearchStrategy[Made]:
    """One file: a sound one of the seeds (name to content), edited; sometimes under another's name or no file at all.

    Args:
        seeds: File names, as they are given to the reader, to sound contents.
        names: Further names, with other suffixes.
        most: Edits.
        odd: Sometimes a pipe, a folder or another thing that is no file stands there.
        bombs: Sometimes the file is packed and unpacks to 2 GiB.
    """
    every, others = [*seeds, *names], list(seeds.values())
    few, seed_names, rarity = st.lists(edit(), max_size=most), st.sampled_from(list(seeds)), st.integers(0, 39)

    @st.composite
    def made(draw: Callable[..., object]) -> Made:
        seed, edits, rare = draw(seed_names), draw(few), draw(rarity)
        name = draw(st.sampled_from(every)) if rare in (1, 2, 3) else seed
        if odd and rare == 4:
            return Made({str(name): str(draw(st.sampled_from(ODD)))}, ("odd", name))
        content = edited(seeds[str(seed)], edits, others)  # type: ignore[arg-type]
        if bombs and rare == 5:
            unit = draw(st.sampled_from([b"a", b"\n", b"1 ", content[:4096] or b"\0"]))
            return Made({f"{name}.gz": bomb(unit, 2**31)}, ("bomb", f"{name}.gz"))  # type: ignore[arg-type]
        if rare in (6, 7):
            name = f"{name}.gz"
            content = gzip.compress(content, 1, mtime=0)
            if rare == 7:
                content = edited(content, draw(st.lists(edit(), max_size=1)))  # type: ignore[arg-type]
        return Made({str(name): content}, (*edits, name))  # type: ignore[misc]

    return made()


def _at(content: bytes, place: object) -> int:
    return len(content) * place // 10**6  # type: ignore[operator,no-any-return]


def _insert(content: bytes, place: int, what: bytes) -> bytes:
    at = _at(content, place)
    return content[:at] + what + content[at:]


def _cell(content: bytes, place: int, what: bytes) -> bytes:
    """Puts it in place of what stands between two delimiters."""
    at = _at(content, place)
    begin = max(content.rfind(sign, 0, at) for sign in (b",", b";", b"\t", b"\n", b" ", b'"', b":")) + 1
    ends = [found for sign in (b",", b";", b"\t", b"\n", b" ", b'"') if (found := content.find(sign, at)) >= 0]
    return content[:begin] + what + content[min(ends, default=len(content)) :]


def _flip(content: bytes, place: int, bit: int) -> bytes:
    at = min(_at(content, place), len(content) - 1)
    return content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :] if content else content


def _byte(content: bytes, place: int, value: int) -> bytes:
    at = min(_at(content, place), len(content) - 1)
    return content[:at] + bytes([value]) + content[at + 1 :] if content else content


def _delete(content: bytes, place: int, count: int) -> bytes:
    at = _at(content, place)
    return content[:at] + content[at + count :]


def _repeat(content: bytes, place: int, length: int, times: int) -> bytes:
    at = _at(content, place)
    return (content[:at] + content[at : at + length] * times + content[at + length :])[:_MOST]


def _lines(change: Callable[..., None]) -> Callable[..., bytes]:
    @functools.wraps(change)
    def changed(content: bytes, place: int, *arguments: object) -> bytes:
        lines = content.split(b"\n")
        change(lines, min(len(lines) * place // 10**6, len(lines) - 1), *arguments)
        return b"\n".join(lines)[:_MOST]

    return changed


@_lines
def _line_out(lines: list[bytes], at: int) -> None:
    del lines[at]


@_lines
def _line_again(lines: list[bytes], at: int, times: int) -> None:
    lines[at:at] = [lines[at]] * times


@_lines
def _line_moved(lines: list[bytes], at: int, place: int) -> None:
    lines.insert(len(lines) * place // 10**6, lines.pop(at))


@_lines
def _line(lines: list[bytes], at: int, what: bytes) -> None:
    lines[at] = what


def _delimiter(content: bytes, other: bytes) -> bytes:
    used = max((b",", b";", b"\t", b" "), key=content.count)
    return content.replace(used, other)


def _encoding(content: bytes, name: str) -> bytes:
    return content.decode("utf-8", "replace").encode(name, "replace")


def _nested(content: bytes, place: int, what: bytes, times: int) -> bytes:
    return _insert(content, place, (what * times)[:_MOST])


def _other(content: bytes, place: int, which: int, others: Sequence[bytes]) -> bytes:
    other = others[min(len(others) * which // 10**6, len(others) - 1)]
    at = _at(content, place)
    return content[:at] + other[_at(other, place) :]


def _packed(content: bytes, kind: str) -> bytes:
    if kind == "gz":
        return gzip.compress(content, 1, mtime=0)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(zipfile.ZipInfo("inside.csv"), content)
    return packed.getvalue()


_EDITS: dict[str, Callable[..., bytes]] = {
    "insert": _insert, "cell": _cell, "flip": _flip, "byte": _byte, "delete": _delete, "repeat": _repeat,
    "cut": lambda content, place: content[: _at(content, place)], "line out": _line_out, "line again": _line_again,
    "line moved": _line_moved, "line": _line, "ends": lambda content, end: content.replace(b"\n", end),
    "delimiter": _delimiter, "encoding": _encoding, "nested": _nested, "other": _other, "packed": _packed,
    "upper": lambda content: content.upper(),
}  # fmt: skip
