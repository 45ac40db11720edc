"""The report of a task's data, whatever an own task puts into it."""

from rnnkit.tasks.base.describing import report_lines


def test_what_is_nought_and_interests_nobody_then_is_silent():
    report = {"texts_too_long": 0, "unknown_characters": 0.0, "left_out": 0, "unknown_rate": 0.0}
    assert report_lines(report, "recordings") == [("unknown rate", "0.0%")]
    report = {"texts_too_long": 3, "unknown_characters": 0.0125}
    assert report_lines(report, "recordings") == [("texts too long", "3"), ("unknown characters", "1.2%")]


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
