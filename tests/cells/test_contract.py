"""Every cell against its contract, and broken cells that it must catch."""

import subprocess
import sys

import numpy as np
import pytest
import reference
from cells import broken_cells
from keras import ops

from rnnkit import cells
from rnnkit.cells.lstm import LSTMCell
from rnnkit.testing import ContractError, arguments, check_cell
from rnnkit.testing.require import require_equal
from rnnkit.testing.saving import load_in_fresh_process
from rnnkit.testing.subject import Subject

#: One cell a kind, which the quick tests check whole: step by step with two states, and linear in complex
#: numbers. Of the others they check what is a cell's own: its arguments, its forms, its numbers, what is written of
#: it; the slow tests and `make check-cells` check them whole.
KINDS = ("lstm", "lru")
OWN_POINTS = (3, 10)


def formula(key):
    found = getattr(reference, key, None)
    if found is None:
        pytest.fail(
            f"tests/reference.py has no formula for the cell {key!r}. Add `def {key}(w, inputs, states)`: 4-10 lines "
            "of NumPy from the paper's equations that return the outputs of all steps, [time, batch, units]."
        )
    return found


def test_there_are_cells():
    assert len(cells.names()) >= 7, f"The scan of rnnkit/cells finds only {cells.names()}."


@pytest.mark.parametrize("key", cells.names())
def test_cell_keeps_the_contract(key):
    if key in KINDS:
        check_cell(cells.get_cell(key), reference=formula(key), quick=True)
    else:
        arguments.kept(Subject(cells.get_cell(key), 6, 5))
        check_cell(cells.get_cell(key), reference=formula(key), quick=True, points=OWN_POINTS)


@pytest.mark.slow
def test_gru_keeps_the_contract_with_the_reset_gate_before():
    check_cell(cells.get_cell("gru"), reference=reference.gru, arguments={"reset_after": False}, points=(2, 3, 5))


@pytest.mark.slow
@pytest.mark.parametrize("keys", [KINDS, pytest.param(tuple(cells.names()), id="all")])
def test_cells_load_in_a_fresh_process_without_custom_objects(keys):
    load_in_fresh_process([Subject(cells.get_cell(key), 6, 5) for key in keys])


@pytest.mark.slow
@pytest.mark.parametrize("key", cells.names())
def test_cell_keeps_the_whole_contract(key):
    report = check_cell(cells.get_cell(key), reference=formula(key))
    assert [result.point for result in report.results] == list(range(1, 11))
    assert all(result.status == "passed" for result in report.results)


def failures(cell_class, *points):
    with pytest.raises(ContractError, match="breaks the cell contract") as caught:
        check_cell(cell_class, points=points)
    return {result.point: result.message for result in caught.value.report.failed}


def test_swapped_gates_are_caught():
    class Swapped(LSTMCell):
        def gates(self, x):
            i, f, g, o = super().gates(x)
            return [f, i, g, o]

    with pytest.raises(ContractError, match=r"point 3 .*The sequence: off by .* instead of .*1e-05 is allowed"):
        check_cell(Swapped, reference=reference.lstm, points=[3])


def test_a_forgotten_argument_is_caught():
    found = failures(broken_cells.ForgetfulCell, 1, 10)
    assert "slope" in found[1] and "Keep it as self.slope" in found[1]
    assert "no Equations:" in found[10]


def test_a_cell_that_drops_no_state_and_cuts_gradients_is_caught():
    found = failures(broken_cells.NumbCell, 1, 5)
    assert "through self.recur(h)" in found[1]
    assert "No gradient reaches weight recurrent_kernel" in found[5]


def test_numbers_stand_in_the_message():
    with pytest.raises(ContractError, match=r"off by 0.5 at \[1\] \(2 instead of 2.5; 0.001 is allowed\). Do so."):
        require_equal("It", [1, 2], [1, 2.5], 1e-3, "Do so.")
    with pytest.raises(ContractError, match="1 numbers are not finite"):
        require_equal("It", [np.nan], [0], 1, "")
    with pytest.raises(ContractError, match=r"shape \(1,\) instead of \(2,\)"):
        require_equal("It", ops.ones(1), [0, 1], 1, "")


def test_units_and_features_must_differ():
    with pytest.raises(ValueError, match="both 5"):
        check_cell(LSTMCell, units=5, features=5)


@pytest.mark.slow
def test_the_command_line_checks_cells_of_ones_own():
    command = [sys.executable, "-m", "rnnkit.testing", "simple_rnn", "rnnkit.cells.mgu:MGUCell", "--quick"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout
    assert done.stdout.count("✓") == 14
    wrong = subprocess.run([*command[:3], "lsmt"], capture_output=True, text=True)
    assert wrong.returncode == 1 and "Did you mean 'lstm'?" in wrong.stderr
