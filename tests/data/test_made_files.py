"""Made-up files of all makes are read rightly, or refused in one line."""

from collections import Counter

import pytest
from data.made_files import made_file

from rnnkit.errors import RnnkitError


def outcome(seed, folder):
    """What becomes of a file: "read", "refused", or what went wrong."""
    made = made_file(seed)
    path = folder / made.name
    path.write_bytes(made.content)
    try:
        found = made.read(path)
    except RnnkitError as error:
        return "refused" if "\n" not in str(error) and str(error).startswith(path.name) else f"{made.about}: {error!r}"
    return "read" if found == made.expected else f"{made.about}: {str(found)[:300]} for {str(made.expected)[:300]}"


def judge(seeds, folder):
    outcomes = Counter(outcome(seed, folder) for seed in seeds)
    wrong = [each for each in outcomes if each not in ("read", "refused")]
    assert not wrong, "\n".join(wrong)
    return outcomes


def test_some_made_files(tmp_path):
    pytest.importorskip("pyarrow")
    assert judge(range(24), tmp_path)["read"] > 15


@pytest.mark.slow
def test_three_hundred_made_files(tmp_path):
    pytest.importorskip("pyarrow")
    outcomes = judge(range(300), tmp_path)
    assert outcomes["read"] >= 240, outcomes
