"""The plain form of tunes, prompts, and the way back."""

import pytest

from rnnkit.codec.abc import parse_tune
from rnnkit.codec.abc_text import header_prompt, join_tunes, plain_text, tunes_from_text
from rnnkit.errors import RnnkitError

TUNE = parse_tune(
    'X:7\nT:Short\nS:Somebody\nR:jig\nM: 6/8\nK: A minor\nP:A\n(A3 ~c2 `e) | "Am"!trill!a2>.b {d}[Ace]3 | [1 a3 y \\\n'
    '"^slow"c3 :|]\nw:la la\n%%sep\nK:G % now\n[M:2/4] GAB | \n\n'
)
PLAIN = 'M:6/8\nL:1/8\nK:Am\nA3 c2 e|"Am"a2>b {d}[Ace]3|1a3 c3:|]\nK:G\n[M:2/4] GAB|'


def test_plain_text():
    assert plain_text(TUNE) == PLAIN
    assert plain_text(TUNE, "TRMLK").startswith("T:Short\nR:jig\nM:6/8")
    assert "!trill!a2>.b" in plain_text(TUNE, marks=True) and "(A3" in plain_text(TUNE, marks=True)


def test_and_back():
    tunes, skipped = tunes_from_text(join_tunes([TUNE, TUNE]))
    assert len(tunes) == 2 and not skipped.counts
    assert [plain_text(tune) for tune in tunes] == [PLAIN, PLAIN]


def test_bar_lines_in_a_row_become_one():
    assert plain_text(parse_tune("K:C\nAB | |: CD | :| E ||")).splitlines()[2:] == ["AB|:CD:|E||"]


def test_prompts():
    tunes = [parse_tune(f"M:{metre}\nL:1/8\nK:{key}\nG|") for metre, key in (("6/8", "G"), ("4/4", "D"), ("4/4", "D"))]
    assert header_prompt({}, tunes) == ""
    assert header_prompt({"metre": "6/8"}, tunes) == "M:6/8\n"
    assert header_prompt({"key": "G major"}, tunes) == "M:6/8\nL:1/8\nK:G\n"
    assert header_prompt({"key": "E minor"}, tunes) == "M:4/4\nL:1/8\nK:Em\n"
    assert header_prompt({"title": "Mine", "key": "D"}, tunes, "TMLK") == "T:Mine\nM:4/4\nL:1/8\nK:D\n"
    with pytest.raises(RnnkitError, match="'title' cannot be asked for.*metre, length, key"):
        header_prompt({"title": "Mine"}, tunes)
    with pytest.raises(RnnkitError, match="K as the last"):
        plain_text(TUNE, "KML")
