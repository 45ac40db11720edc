"""The message of the one exception that users read is one line that can be shown anywhere, whatever it quotes."""

import pickle

import pytest

from rnnkit.errors import CannotFetchError, RnnkitError


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("mine.csv has no column 'text'.", "mine.csv has no column 'text'."),
        ("größer 😐 日本語 \U0001f468\u200d\U0001f469", "größer 😐 日本語 \U0001f468\u200d\U0001f469"),
        ("two  blanks stay", "two  blanks stay"),
        ("a\nb\r\nc\td\u2028e\x85f", "a b  c d e f"),
        ("\x1b[2J\x00\x7f\x9b", "\ufffd[2J\ufffd\ufffd\ufffd"),
        ("\x1b[1mDimensions must be\x1b[0;31m equal\x1b[0m", "Dimensions must be equal"),
        ("\ud800 and \udcff", "\ufffd and \\xff"),
        ("gpj.\u202eexe\u2066", "gpj.\ufffdexe\ufffd"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("kind", [RnnkitError, CannotFetchError])
def test_a_message_is_one_line_without_signs_that_steer_a_terminal(kind, said, shown):
    assert str(kind(said)) == shown
    shown.encode("utf-8")


def test_a_very_long_message_keeps_its_beginning_and_its_end():
    message = str(RnnkitError(f"The cell is {'9' * 100_000}; expected a label."))
    assert len(message) == 1000
    assert message.startswith("The cell is 999") and message.endswith("999; expected a label.") and " ... " in message


def test_an_error_comes_back_from_a_child_process_as_it_was():
    error = pickle.loads(pickle.dumps(RnnkitError("a\nb")))
    assert type(error) is RnnkitError and str(error) == "a b"
