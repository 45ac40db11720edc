"""The mistakes that benchmarks/mutations.py plants can still be planted, so its figures can be measured again."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def planted(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    yield __import__("_mutations")
    sys.modules.pop("_mutations", None)


def test_each_mistake_can_be_planted_in_one_place(planted):
    times = {(m.file, m.old): (ROOT / m.file).read_text(encoding="utf-8").count(m.old) for m in planted.MUTATIONS}
    assert {place: count for place, count in times.items() if count != 1} == {}
    assert len(planted.MUTATIONS) >= 60 and all(m.new != m.old for m in planted.MUTATIONS)
    known = {f"{m.file}: {m.mistake}" for m in planted.MUTATIONS}
    assert len(known) == len(planted.MUTATIONS) and set(planted.EQUIVALENT) <= known


def test_the_tests_that_concern_a_mistake_are_there(planted):
    named = {name for mutation in planted.MUTATIONS for name in mutation.tests}
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
