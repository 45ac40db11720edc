"""The figures on the screen, and the confusion of labels."""

import pytest

from rnnkit.cli.figures import labels_of, show_confusion
from rnnkit.run.figures import figures_of


@pytest.fixture
def confusion(capsys, monkeypatch):
    def lines(matrix, labels, width=80):
        monkeypatch.setenv("COLUMNS", str(width))
        show_confusion(matrix, labels)
        return capsys.readouterr().out.splitlines()

    return lines


def test_the_confusion_stands_under_the_names_of_the_labels(confusion):
    assert confusion([[9, 1], [20, 1234]], ["bad", "good"])[1:] == [
        "      bad   good",
        "bad     9      1",
        "good   20  1,234",
    ]


@pytest.mark.parametrize("count", [2, 5, 10])
def test_long_names_are_cut_so_that_it_fits_the_screen(count, confusion):
    labels = [f"{number} a label with quite a long name of its own" for number in range(count)]
    lines = confusion([[number] * count for number in range(count)], labels)
    assert max(map(len, lines)) <= 80 and all(f"{number} a label" in lines[number + 2] for number in range(count))


def test_more_labels_than_a_screen_has_room_for_are_not_printed(confusion):
    assert confusion([[1] * 11] * 11, list("abcdefghijk")) == [] == confusion([], [])


def test_without_names_the_labels_are_numbered(confusion):
    assert confusion([[1, 2], [3, 4]], [])[1].split() == ["1", "2"]


def test_labels_are_read_from_the_run_alone(tmp_path):
    assert labels_of(tmp_path) == []
    (tmp_path / "preprocessing").mkdir()
    (tmp_path / "preprocessing" / "labels.txt").write_text("bad\nvery good\n")
    assert labels_of(tmp_path) == ["bad", "very good"]


@pytest.mark.parametrize("matrix", [5, [[]], [[None]], [[1, 2]], [["1"]], {}, None])
def test_what_is_no_confusion_in_a_strangers_file_is_not_shown(matrix, capsys):
    show_confusion(matrix, ["a"])
    assert capsys.readouterr() == ("", "")


def test_a_number_that_no_float_holds_is_no_figure():
    assert figures_of({"accuracy": 10**400, "f1": 0.5}) == [("f1", "F1", 0.5)]
