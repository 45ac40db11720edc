"""Cells to compare as they are named: keys, files, families, numbers of layers; what is wrong is said in a line."""

import pytest

from rnnkit import cells
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.stacks import Stack, stacks_of


def test_names_layers_and_lists_are_read_in_their_order():
    assert stacks_of("lstm, min_gru:3,min_gru,") == [Stack("lstm"), Stack("min_gru", 3), Stack("min_gru")]
    assert stacks_of(["gru", "gru:2"]) == [Stack("gru"), Stack("gru", 2)]
    assert Stack("min_gru", 3).name == "min_gru:3" and Stack("min_gru", 3).options == {"cell": "min_gru", "layers": 3}
    assert Stack("gru").options == {"cell": "gru"}  # the layers are those of the options


def test_all_and_families_stand_for_cells_that_are_not_named_themselves():
    found = stacks_of("all")
    assert [stack.cell for stack in found] == cells.names() and not any(stack.by_name for stack in found)
    linear = cells.by_family()["linear"]
    assert "lru" in linear and "gru" not in linear
    rest = [Stack(key, by_name=False) for key in linear if key != "lru"]
    assert stacks_of("linear,lru") == [Stack("lru"), *rest]
    assert [stack.name for stack in stacks_of("linear:2")] == [f"{key}:2" for key in linear]


def test_a_cell_with_the_layers_of_the_options_is_the_one_without_a_number():
    assert [stack.name for stack in stacks_of("gru:2,linear", 2)][0] == "gru:2"
    with pytest.raises(RnnkitError, match="cells names lstm and lstm:2, which are the same with layers=2; name it"):
        stacks_of("lstm:2,lstm", 2)
    linear = cells.by_family()["linear"]
    assert [stack.name for stack in stacks_of("linear,lru:1", 1)] == ["lru:1", *(key for key in linear if key != "lru")]


def test_a_family_that_a_cell_has_the_name_of_is_told_from_it():
    assert stacks_of("gru,lstm") == [Stack("gru"), Stack("lstm")]
    assert [stack.cell for stack in stacks_of("family:gru")] == cells.by_family()["gru"]


@pytest.mark.usefixtures("no_cell_stays")
def test_a_cell_of_ones_own_is_named_by_its_file(tmp_path):
    file = tmp_path / "own_cell.py"
    file.write_text(
        "import rnnkit\n@rnnkit.register_cell('own_of_stacks')\nclass OwnCell(rnnkit.RecurrentCell):\n"
        "    def step(self, x, h):\n        return (self.activation(x + self.recur(h)),)\n"
    )
    assert stacks_of(f"{file}:2,gru,{file}:OwnCell") == [
        Stack("own_of_stacks", 2),
        Stack("gru"),
        Stack("own_of_stacks"),
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            "gru,lsmt",
            "family 'lsmt'. Did you mean 'lstm'. Families: all, plain, lstm, gru, light, linear,",
        ),
        ("gru,liner", "Unknown cell or family 'liner'. Did you mean 'linear'?"),
        ("gru,lstm,gru", "cells names gru twice; name it once."),
        ("gru:2,gru:2", "cells names gru:2 twice"),
        ("gru", "cells names gru alone; comparing takes two cells or more.* rnnkit train TASK FILE --cell gru"),
        ("min_gru:3", "cells names min_gru:3 alone; .*--cell min_gru$"),
        ("gru,lstm:0", "'lstm:0' says 0 layers; expected 1 or more"),
        ("gru,lstm:x", "Unknown cell or family 'lstm:x'"),
        ("", "cells is ''; expected names with commas between them, such as gru,lstm,min_gru:3"),
        ([], "cells is ..; expected names"),
        (["gru", 3], "cells is ..gru., 3.; expected names"),
        ("gru,no_such.py", "There is no file no_such.py"),
    ],
)
def test_what_names_no_cells_is_said(given, said):
    with pytest.raises(RnnkitError, match=said) as error:
        stacks_of(given)
    assert "\n" not in str(error.value)
