"""The report of a task's data, whatever an own task puts into it."""

from rnnkit.tasks.base.describing import report_lines


def test_entries_that_only_begin_like_a_part_are_shown_as_they_are():
    report = {
        "train": 1080,
        "validation": 10,
        "test": 9,
        "train_source": "a.csv",
        "test_share": 0.1,
        "unknown_rate": None,
    }
    assert report_lines(report, "texts") == [
        ("texts", "train 1,080, validation 10, test 9"), ("train source", "a.csv"), ("test share", "0.1"),
        ("unknown rate", "None"),
    ]  # fmt: skip
