"""No regular expression in rnnkit takes time that grows faster than the text it is applied to."""

import itertools
import re

import pytest
from patterns import Applied, grows_fast, patterns, units

PATTERNS = patterns()
_AFTER = ("", "\0")


def test_patterns_are_found_in_the_source():
    assert len(PATTERNS) > 50
    assert any(name.startswith("rnnkit.codec.abc_tokens: ") for name in PATTERNS)
    assert "[A:" in units(re.compile(r"x|\[[A-Za-z]:[^\]\n]*\]")) and "https://" in units(re.compile("https?://"))


@pytest.mark.parametrize(
    ("slow", "begin"),
    [(r"\{[^}\n]*\}|.", "{"), (r"[\w-]+\.com|[^\s]", "-"), (r"\[[A-Za-z]:[^\]\n]*\]|.", "[A:"), (r"\s+x", " ")],
)
def test_a_quadratic_pattern_is_seen(slow, begin):
    assert begin in units(re.compile(slow))
    assert grows_fast(Applied(re.compile(slow), frozenset({"finditer"})), "", begin, "\0")


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_are_linear(name):
    applied = PATTERNS[name]
    for unit, after in itertools.product(units(applied.pattern), _AFTER):
        assert not grows_fast(applied, "", unit, after), f"{unit!r} again and again, then {after!r}"


@pytest.mark.slow
@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_are_linear_over_pairs_too(name):
    applied = PATTERNS[name]
    for first, second, after in itertools.product(units(applied.pattern), units(applied.pattern), _AFTER):
        assert not grows_fast(applied, "", first + second, after), f"{first + second!r}, then {after!r}"
        assert not grows_fast(applied, first, second, after), f"{first!r}, {second!r} again and again, then {after!r}"
