"""The examples of the documentation run as they stand."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
#: What the examples of docs/shapes.md print, in their order; None where chance has a part in it.
PRINTED = {0: 0.8, 1: None, 2: 0.75, 3: 0.5, 4: 0.9, 5: "70429"}


def blocks(name: str) -> list[str]:
    return _BLOCK.findall((DOCS / name).read_text(encoding="utf-8"))


def test_there_is_an_example_of_each_shape():
    assert len(blocks("shapes.md")) == len(PRINTED)


@pytest.mark.slow
@pytest.mark.parametrize("number", PRINTED)
def test_shapes_run(number, capsys):
    import keras

    keras.utils.set_random_seed(1)
    exec(compile(blocks("shapes.md")[number], f"shapes.md, example {number}", "exec"), {})
    printed, expected = capsys.readouterr().out.split(), PRINTED[number]
    if isinstance(expected, float):
        assert float(printed[0]) >= expected
    elif expected:
        assert printed[0] == expected
    else:
        assert len(printed) > 10
