"""`rnnkit play` and `rnnkit engrave`."""

import pytest


@pytest.fixture
def rnnkit(monkeypatch, command_line, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.abc").write_text("X:1\nT:One\nM:2/4\nK:G\nG4A4|\n\nX:2\nT:Two\nM:2/4\nK:D\nd8|\n\nX:3\nT:half\n")
    (tmp_path / "tunes.csv").write_text('no,mine\n1,"K:G\nG4A4|"\n')
    return command_line


def test_play_and_engrave(rnnkit, tmp_path):
    for package in ("music21", "pretty_midi", "resvg_py", "verovio"):
        pytest.importorskip(package, reason="of the extra music")
    code, out, _ = rnnkit("play", "two.abc", "--tune", "2", "--to", "b.mid")
    assert code == 0 and "saved b.mid: tune 2 of 2, Two" in out and "1 tune left out: no K: field" in out
    assert rnnkit("play", "b.mid")[0] == rnnkit("engrave", "two.abc")[0] == 0
    assert rnnkit("engrave", "two.abc", "--to", "pictures/one.png")[0] == 0
    assert rnnkit("play", "tunes.csv", "--abc", "mine", "--to", "c.mid")[0] == 0
    assert sorted(path.suffix for path in tmp_path.rglob("*") if path.is_file()) == [
        ".abc", ".csv", ".mid", ".mid", ".png", ".svg", ".wav"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("play", "none.abc"), "There is no file"),
        (("play", "two.abc", "--to", "a.mp3"), "its suffix should be one of .wav, .mid"),
        (("engrave", "two.abc", "--to", "a.pgn"), "Did you mean '.png'?"),
        (("play", "two.abc", "--tune", "5"), "has 2 tunes; --tune 5"),
        (("play", "tunes.csv"), "Name the one that holds the tunes (--abc"),
        (("play", "x.mid", "--to", "y.mid"), "is MIDI already"),
    ],
)
def test_slips_get_one_line(rnnkit, words, message):
    code, _, err = rnnkit(*words)
    assert code == 1 and message in err and err.count("\n") == 1


def test_what_is_no_midi(rnnkit, tmp_path):
    pytest.importorskip("pretty_midi", reason="of the extra music")
    (tmp_path / "bad.mid").write_bytes(b"no MIDI at all")
    assert "This is not a MIDI file" in rnnkit("play", "bad.mid")[2]
