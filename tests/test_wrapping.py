"""Lines are wrapped between words in a terminal, and left as they are in a file or pipe."""

import io

import pytest
from rich.console import Console

from rnnkit.wrapping import print_wrapped


def printed(text, terminal=True, width=20, **how):
    file = io.StringIO()
    print_wrapped(Console(file=file, width=width, force_terminal=terminal, color_system=None), text, **how)
    return file.getvalue()


def test_a_terminals_lines_are_wrapped_between_words_alone():
    path = "saved_models/a_run_with_a_long_name"
    assert printed(f"saved {path}: 3 texts") == f"saved\n{path}:\n3 texts\n"
    assert printed("one two three four five", indent=4) == "one two three\n    four five\n"


def test_double_width_signs_count_twice():
    lines = printed("日本語の 文章です 二行です", width=18).splitlines()
    assert lines == ["日本語の 文章です", "二行です"]


@pytest.mark.parametrize("text", ["short", "", "x" * 50, "one two three four five six seven"])
def test_a_files_lines_are_as_they_are(text):
    assert printed(text, terminal=False) == f"{text}\n"


def test_what_steers_a_terminal_is_shown_instead():
    assert "\x1b" not in printed("red \x1b[31m and so on and so on and so on")
