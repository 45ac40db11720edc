"""The bar that shows how far the reading of data has come."""

import io

import pytest

from rnnkit.training import bars
from rnnkit.wrapping import console_of


@pytest.fixture
def screen(monkeypatch):
    """What is written to a terminal of 100 columns."""

    def of(terminal):
        written = io.StringIO()
        console = console_of(file=written, force_terminal=terminal, width=100, color_system=None)
        monkeypatch.setattr(bars, "console", console)
        return console, written

    return of


@pytest.mark.parametrize("within", [False, True])
def test_a_terminal_shows_how_many_are_read_and_is_as_before_afterwards(screen, within):
    console, written = screen(True)

    def read():
        for number in bars.counted(range(40), "recordings"):
            if number == 20:
                (bar, _), *rest = bars._shown
                bar.refresh()
                assert not rest, "one bar at a time"

    if within:
        with bars.reading():
            read()
    else:
        read()
    said = written.getvalue()
    assert "reading 40 recordings" in said and " 50 %" in said
    assert said.endswith("\x1b[1A\x1b[2K") and not bars._shown and console.is_terminal
    assert "0 %" not in said.rpartition("reading the data")[2], "the bar is gone once all are read"


def test_a_file_gets_a_line_for_each_thousand_of_a_training(screen):
    _, written = screen(False)
    assert sum(1 for _ in bars.counted(range(2500), "recordings")) == 2500 and not written.getvalue()
    with bars.reading():
        assert sum(1 for _ in bars.counted(range(2500), "recordings")) == 2500
    assert written.getvalue() == "read 1,000 of 2,500 recordings\nread 2,000 of 2,500 recordings\n"


def test_the_rows_of_a_table_are_counted_in_a_terminal(screen):
    _, written = screen(True)
    with bars.reading():
        for number in bars.passing(range(4000), "finding words", 4000):
            if number == 2000:
                bars._shown[0][0].refresh()
    assert "finding words: 2,000 of 4,000 rows" in written.getvalue() and " 50 %" in written.getvalue()
    assert not bars._shown and written.getvalue().endswith("\x1b[1A\x1b[2K")


def test_a_file_gets_a_line_for_each_hundred_thousand_rows(screen):
    _, written = screen(False)
    assert sum(1 for _ in bars.passing(range(250_000), "reading")) == 250_000 and not written.getvalue()
    with bars.reading():
        assert sum(1 for _ in bars.passing(range(250_000), "reading")) == 250_000
        assert sum(1 for _ in bars.passing(range(99_999), "reading")) == 99_999
    assert written.getvalue() == "reading: 100,000 rows\nreading: 200,000 rows\n"


def test_an_error_within_ends_the_bar(screen):
    screen(True)
    with pytest.raises(ValueError, match="broken"), bars.reading():
        for number in bars.counted(range(9), "recordings"):
            if number == 3:
                raise ValueError("broken")
    assert not bars._shown
