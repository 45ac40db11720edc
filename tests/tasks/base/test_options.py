"""The options of a recurrent part: how many layers a cell's name says, and what does not go together."""

import pytest

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.options import with_absolute_files
from rnnkit.tasks.base.options import Options


@pytest.mark.parametrize("given", [{"cell": "min_gru:3"}, {"cell": "min_gru:3", "layers": 3}])
def test_a_cells_name_may_say_its_layers(given):
    options = Options.from_dict(given)
    assert (options.cell, options.layers) == ("min_gru", 3)
    assert Options.from_dict(options.to_dict()) == options


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cell": "min_gru:3", "layers": 2}, "cell is 'min_gru:3' and layers 2; say the number of layers once."),
        ({"cell": "min_gru:0"}, "'min_gru:0' says 0 layers; expected 1 or more, such as min_gru:3."),
        ({"cell": "min_gru:99"}, "layers is 99; expected a whole number from 1 to 16."),
        ({"cell": "min_gro:3"}, "Unknown cell 'min_gro'. Did you mean 'min_gru'?"),
        ({"block": 2, "residual": True}, "a block has shortcuts of its own. Leave residual out."),
    ],
)
def test_what_does_not_go_together_is_refused(given, said):
    with pytest.raises(RnnkitError) as refused:
        Options.from_dict(given)
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_files_among_options_get_names_that_hold_in_any_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    given = {"units": 3, "embeddings": "words.txt", "init_from": ""}
    found = with_absolute_files(rnnkit.TextClassifier().options, given)
    assert found == {"units": 3, "embeddings": str(tmp_path / "words.txt"), "init_from": ""}
