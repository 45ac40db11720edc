"""Any text can be drawn: what no font has is spelled out, what is long is shortened."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib import font_manager
from plots.drawings import NASTY

from rnnkit import plots
from rnnkit.plots import fonts


@pytest.mark.slow
def test_any_label_and_word_can_be_drawn(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    plots.confusion_matrix(np.eye(len(NASTY), dtype=int), NASTY, tmp_path / "matrix.png")
    for label in (NASTY[at] for at in (0, 1, 2, 7, 8, 11, 16)):
        plots.word_attribution(NASTY, np.arange(len(NASTY)) - 5.0, label, 0.5, tmp_path / "words.png")
    assert not caplog.records


def test_what_no_font_has_is_spelled_out() -> None:
    assert fonts.drawable("👍", 40) == "‹thumbs up sign›"
    assert fonts.drawable("\U0010ffff\ud800", 40) == "U+10FFFFU+D800"
    assert fonts.drawable("naïve שלום", 40) == "naïve שלום"
    assert fonts.drawable("e\u0301", 40) == "é"
    assert fonts.drawable("\u200b", 40) == "(blank)"


@pytest.mark.parametrize("limit", [14, 30])
def test_shortened_texts_fit_and_do_not_cut_an_escape(limit: int) -> None:
    for text in NASTY:
        short = fonts.drawable(text, limit)
        assert 0 < len(short) <= max(limit, 27)  # one character's own name may be longer than the limit
        assert short.count("‹") == short.count("›")


def test_an_installed_font_helps_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def forget() -> None:
        fonts.families.cache_clear()
        fonts.characters.cache_clear()

    # STIX comes with matplotlib too and has characters that DejaVu Sans lacks.
    candidates = font_manager.get_font(font_manager.findfont("STIXGeneral")).get_charmap()
    lacking = next(chr(code) for code in sorted(candidates) if code not in fonts.characters())
    assert fonts.drawable(lacking, 40) != lacking
    monkeypatch.setattr(fonts, "MORE_FAMILIES", ("No Such Font", "STIXGeneral"))
    forget()
    try:
        assert fonts.drawable("a" + lacking, 40) in ("a" + lacking, lacking)
        plots.confusion_matrix(np.array([[1]]), [f"a{lacking}b"], tmp_path / "matrix.png")
    finally:
        monkeypatch.undo()
        forget()
