"""Files that may come from a stranger: what is no regular file, too large or no strict JSON gets one line, at once."""

import json
import os
import socket
import time

import pytest
from alarm import at_most

from rnnkit.errors import RnnkitError
from rnnkit.files import reading

pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")


def refused(path, most=100, read=reading.read_bytes):
    with at_most(10), pytest.raises(RnnkitError) as error:
        read(path, most, "The list", "Copy it again.")
    message = str(error.value)
    assert message.startswith("The list ") and message.endswith(" Copy it again.") and "\n" not in message
    assert len(message) < 500
    return message


@pipes
def test_what_is_no_regular_file_is_named_and_not_read(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    os.symlink("pipe", tmp_path / "link")
    os.symlink("/dev/zero", tmp_path / "zero")
    os.symlink("round", tmp_path / "round")
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path)  # a socket's name is short
        server.bind("socket")
        for name, message in [
            ("pipe", "is a named pipe; expected a regular file"),
            ("link", "is a named pipe"),
            ("zero", "is a device"),
            ("socket", "is a socket"),
            (".", "is a folder"),
            ("round", "cannot be read"),
            ("nowhere", "cannot be read"),
            ("a\0b", "is no name of a file"),
            ("x" * 5000, "cannot be read"),
        ]:
            assert message in refused(name), name


def test_a_size_above_the_bound_is_said_and_nothing_is_read(tmp_path):
    with open(tmp_path / "huge", "wb") as file:
        file.truncate(6 << 30)  # takes no room
    assert "huge has 6.0 GiB; expected at most 2.0 KiB." in refused(tmp_path / "huge", 2048)
    (tmp_path / "small").write_bytes(b"abc")
    assert "has 3 bytes; expected at most 2 bytes" in refused(tmp_path / "small", 2)
    assert reading.read_bytes(tmp_path / "small", 3) == b"abc"


def test_a_file_that_grows_while_it_is_read_stays_bounded(tmp_path, monkeypatch):
    (tmp_path / "grown").write_bytes(b"abcdef")
    stat = os.fstat

    def before(handle):
        fields = list(stat(handle))
        fields[6] = 2  # its size
        return os.stat_result(fields)

    monkeypatch.setattr(os, "fstat", before)
    assert "has 4 bytes; expected at most 3 bytes" in refused(tmp_path / "grown", 3)


def test_text_is_utf_8(tmp_path):
    (tmp_path / "text").write_bytes("é\r\n".encode())
    assert reading.read_text(tmp_path / "text", 9) == "é\r\n"
    (tmp_path / "text").write_bytes(b"ab\xff")
    assert "is not UTF-8 at byte 2" in refused(tmp_path / "text", 9, reading.read_text)


@pytest.mark.parametrize(
    "content, message",
    [
        ("", "Expecting value"),
        ("{'a': 1}", "Expecting property name"),
        ("[" * 100_000, "nested more than 64 deep"),
        ("[" * 65 + "]" * 65, "nested more than 64 deep"),
        ('{"a":' * 100_000, "nested more than 64 deep"),
        ('[{"a":' * 33 + "1" + "}]" * 33, "nested more than 64 deep"),
        ("[[]" * 100_000, "nested more than 64 deep"),
        ('{"a": {"b": 1, "b": 2}}', "the key 'b' is there twice"),
        ("NaN", "NaN is no JSON number"),
        ("[-Infinity]", "-Infinity is no JSON number"),
        ("1e999", "1e999 is too large"),
        ("9" * 5000, "has more than 64 bits"),
        ("-" + "9" * 19, "has more than 64 bits"),
        ("9" * 5000 + ".0", "is too large"),
        (r'"\ud800"', r"half of a surrogate pair, \ud800"),
        (r'{"\udc00": 1}', "half of a surrogate pair"),
        ('"\ud800"', "half of a surrogate pair"),
        (b'"\xff"', "not UTF-8 at byte 1"),
        ("{}".encode("utf-16"), "not UTF-8"),
    ],
)
def test_json_that_is_not_strict_gets_one_line(content, message):
    with pytest.raises(RnnkitError) as error:
        reading.parse_json(content, "units.json", "Copy it again.")
    said = str(error.value)
    assert said.startswith("units.json is no strict JSON (") and message in said and said.endswith("Copy it again.")
    assert "\n" not in said and len(said) < 300


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, None, True, "x"], "b": {}},
        "[[[[[{{{",
        ['a]}"{[\\'] * 100,
        "\U0001f642",
        [2**63 - 1, -(2**63), 1e308],
        [[]] * 1000,
    ],
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_strict_json_is_read_as_by_the_standard_library(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert reading.parse_json(text, "it") == reading.parse_json(text.encode(), "it") == value
    deep = "[" * 64 + "]" * 64
    assert json.dumps(reading.parse_json(deep, "it")) == deep


def test_numbers_that_are_none_are_taken_where_that_is_asked_for():
    assert str(reading.parse_json("[NaN, -Infinity]", "it", constant=float)) == "[nan, -inf]"


@pytest.mark.parametrize("part", ['\\"', '"', "[", "[]", '"[', "[],", '{"', "\\"])
def test_the_time_of_refusing_json_grows_with_its_size_and_no_faster(part):
    def seconds(size):
        began = time.process_time()
        with pytest.raises(RnnkitError):
            reading.parse_json('"' + part * (size // len(part)), "it")
        return time.process_time() - began

    assert min(seconds(1 << 20) for _ in range(2)) < 0.1 + 8 * min(seconds(1 << 18) for _ in range(2))


def test_inside_a_folder_or_not(tmp_path):
    (tmp_path / "run" / "below").mkdir(parents=True)
    for name in ("run/a", "run/below/b", "runner", "secret"):
        (tmp_path / name).touch()
    os.symlink(tmp_path / "run", tmp_path / "link")
    os.symlink("../secret", tmp_path / "run" / "out")
    os.symlink("a", tmp_path / "run" / "in")
    os.symlink("round", tmp_path / "run" / "round")
    for folder in ("run", "link"):
        found = {name: reading.inside(tmp_path / folder, tmp_path / folder / name) for name in
                 ("a", "below/b", "in", "none", "out", "../runner", "below/../../secret")}  # fmt: skip
        assert [name for name, is_inside in found.items() if is_inside] == ["a", "below/b", "in", "none"]
        assert isinstance(reading.inside(tmp_path / folder, tmp_path / folder / "round"), bool)
