"""`rnnkit cells`: by family, one family, one cell."""

import re

import pytest

from rnnkit import cells
from rnnkit.cells._description import arguments_of, docstring_parts
from rnnkit.layers.cell import RecurrentCell


def test_every_cell_of_rnnkit_has_a_family_and_no_other_is_empty():
    found = cells.by_family()
    assert set(found) >= set(cells.FAMILIES) - {"own"}
    mine = [key for family, keys in found.items() if family != "own" for key in keys]
    assert set(mine) >= {"gru", "lru", "cfc"} and len(mine) == len(set(mine))
    for key in cells.names():
        if cells.get_cell(key).__module__.startswith("rnnkit."):
            assert key in mine, f"{key} has no line family = ..., one of {', '.join(cells.FAMILIES)}."


def test_linear_cells_are_those_that_run_all_steps_at_once():
    scans = {key for key in cells.names() if cells.get_cell(key).scan is not RecurrentCell.scan}
    assert set(cells.by_family()["linear"]) == scans - {"tdnn"}, "tdnn has no state to be linear in"


def test_a_cell_of_ones_own_without_a_family_or_of_another_is_among_ones_own():
    class Odd(RecurrentCell):
        family = "odd"

    assert cells.family_of(Odd) == cells.family_of(RecurrentCell) == "own"


@pytest.mark.parametrize("key", cells.names())
def test_every_argument_is_described(key):
    assert not [name for name, text in arguments_of(cells.get_cell(key)) if not text]
    assert {"", "Why", "Use it when", "Equations", "Reference"} <= set(docstring_parts(cells.get_cell(key)))


def test_the_list_goes_by_family_and_fits_80_columns(command_line, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = command_line("cells")
    lines = out.splitlines()
    assert code == 0 and max(map(len, lines)) <= 80
    heads = [line.partition(":")[0] for line in lines if re.match(r"\w+: ", line) and not line.startswith("next")]
    assert heads == list(cells.by_family())
    listed = re.findall(r"^  (\w+)  ", out, re.M)
    assert sorted(listed) == cells.names()


def test_one_family(command_line):
    code, out, _ = command_line("cells", "--family", "linear")
    assert code == 0 and re.findall(r"^  (\w+)  ", out, re.M) == cells.by_family()["linear"]
    assert "linear in the state" in out and f"--cell {cells.by_family()['linear'][0]} " in out


def test_one_cell(command_line):
    code, out, _ = command_line("cells", "phased_lstm", "--units", "8", "--features", "3")
    assert code == 0 and out.startswith("phased_lstm: Phased LSTM: a clock in each unit")
    for said in ("\n  c = k * c~ + (1 - k) * c'\n", "states       h, c, t\n", "open_ratio=0.05: r, the share of",
                 "unit_forget_bias=True: Whether", "arXiv:1610.09513", "family       clocks: "):  # fmt: skip
        assert said in out
    cell = cells.PhasedLSTMCell(8)
    cell.build((None, 3))
    assert f"parameters   {cell.count_params()} with --units 8 and --features 3\n" in out
    assert "--cell phased_lstm" in out


def test_numbers_that_are_not_learnt_are_counted_apart(command_line):
    _, out, _ = command_line("cells", "esn")
    assert "parameters   0 with --units 128 and --features 64; 24,704 more are not learnt" in out


@pytest.mark.usefixtures("no_cell_stays")
def test_a_cell_of_ones_own_is_described(command_line, tmp_path):
    file = tmp_path / "halving.py"
    file.write_text(
        "import rnnkit\n\n\n@rnnkit.register_cell\nclass HalvingCell(rnnkit.RecurrentCell):\n"
        '    """Forgets half at each step."""\n\n    def step(self, x, h):\n        return (0.5 * h + x,)\n'
    )
    code, out, _ = command_line("cells", file)
    assert code == 0 and "halving: Forgets half at each step." in out and "family       own: yours" in out
    assert "equations" not in out and "speed" not in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("lsmt",), "Unknown cell 'lsmt'. Did you mean 'lstm'? (rnnkit cells)"),
        (("--family", "linaer"), "Unknown family 'linaer'; expected one of plain, lstm,"),
        (("--units", "3"), "--units and --features are of a cell: rnnkit cells gru --units 32."),
        (("gru", "--family", "gru"), "--family lists cells, and a cell was named"),
    ],
)
def test_what_is_not_understood_is_refused(command_line, words, said):
    code, out, err = command_line("cells", *words)
    assert (code, out) == (1, "") and said in err and err.count("\n") == 1
