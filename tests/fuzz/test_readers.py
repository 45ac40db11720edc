"""Every reader answers hostile input or refuses it in one line: a seeded slice, the rest with `make test-slow`.

For longer, and with counts: `python benchmarks/fuzzing.py --seconds 600`. One kind of reader alone, or several with
commas between them: RNNKIT_FUZZ_CASES.
"""

import os

import pytest
from fuzz import cases
from fuzz.campaign import campaign
from fuzz.judge import Judge
from fuzz.rounds import Count, examples

LIGHT = cases.light()
EXAMPLES, SEED = 10, 18


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    with Judge(tmp_path_factory.mktemp("fuzz"), seconds=10).sitting() as sitting:
        yield sitting


@pytest.mark.parametrize("case", LIGHT, ids=[case.name for case in LIGHT])
def test_a_reader_answers_or_refuses_in_one_line(case, judge):
    count = Count()
    found = examples(case, judge, max(2, round(EXAMPLES * case.share)), SEED, count)
    assert not found, f"{found[0].said}\nthe smallest input: {found[0].made}"
    assert count.examples == count.answers + count.refusals > 0


@pytest.mark.parametrize("case", LIGHT, ids=[case.name for case in LIGHT])
def test_what_is_sound_is_answered(case, judge):
    """Else the test above would hold for a reader that refuses everything."""
    answered(case, judge)


def answered(case, judge):
    if case.plain is not None:
        assert case.judged(case.plain, judge).said == "", case
        return
    count = Count()
    assert not examples(case, judge, 1, SEED, count)  # the simplest is the first of the samples, not edited
    assert count.answers == 1, case


@pytest.mark.slow
def test_what_is_sound_is_answered_by_readers_that_take_long_too(tmp_path):
    heavy = [case for case in cases.every() if case.heavy]
    with Judge(tmp_path / "fuzz").sitting() as sitting:
        for case in heavy:
            answered(case, sitting)


@pytest.mark.slow
def test_every_reader_answers_or_refuses_in_one_line_for_a_while():
    seconds = float(os.environ.get("RNNKIT_FUZZ_SECONDS", 60))
    result = campaign(seconds, SEED, workers=min(2, os.cpu_count() or 1))
    print("\n".join(result.lines()))
    assert not result.found, "\n".join(result.fault_lines())
    assert sum(count.examples for count in result.counts.values()) > 0
