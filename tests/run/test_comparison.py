"""The folder of a comparison: its record is read with care, and nothing of others is lost."""

import json

import pytest
from run_folders import write_run

from rnnkit.errors import RnnkitError
from rnnkit.run.comparison import COMPARISON, RECORD, TABLE

ONE = {"cell": "gru", "layers": 0, "seed": 1, "run": "gru", "validation": {"accuracy": 0.5}}


def test_a_record_is_written_read_and_not_lost(tmp_path):
    folder = tmp_path / "found"
    with COMPARISON.claimed(folder, resume=False, overwrite=False):
        assert not folder.exists()  # until there is something to keep
        COMPARISON.write(
            folder, {"results": [ONE]}, [{"cell": "gru", "score": 0.5}, {"cell": "a,b", "error": 'no "x"'}]
        )
    assert COMPARISON.read(folder) == {"results": [ONE]}
    assert (folder / TABLE).read_text() == 'cell,score,error\ngru,0.5,\n"a,b",,"no ""x"""\n'
    with pytest.raises(RnnkitError, match="nothing was written. Go on with it by --resume, or replace it with"):
        COMPARISON.refuse(folder, resume=False, overwrite=False)
    for how in ((True, False), (False, True)):
        with COMPARISON.claimed(folder, *how):
            assert COMPARISON.read(folder) == {"results": [ONE]}


def test_clearing_removes_its_runs_and_nothing_else(tmp_path):
    folder, others = tmp_path / "found", {**ONE, "cell": "lstm", "run": "lstm"}
    COMPARISON.write(folder, {"results": [ONE, others, {**others, "run": "mine"}]}, [])
    write_run(folder / "gru")
    write_run(tmp_path / "elsewhere")
    (folder / "lstm").symlink_to(tmp_path / "elsewhere")
    (folder / "mine").mkdir()
    (folder / "mine" / "thesis.txt").write_text("mine")
    COMPARISON.clear(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["lstm", "mine"]
    assert (tmp_path / "elsewhere" / "config.json").is_file() and (folder / "mine" / "thesis.txt").is_file()


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"results": 5}', '{"results": [1]}', *(
        json.dumps({"results": [{**ONE, **odd}]})
        for odd in ({"cell": 1}, {"layers": "2"}, {"seed": True}, {"run": "../gru"}, {"run": ".."}, {"run": None},
                    {"validation": [0.5]}, {"validation": None, "error": 3})
    )],
)  # fmt: skip
def test_a_broken_record_is_said(content, tmp_path):
    (tmp_path / RECORD).write_text(content)
    with pytest.raises(RnnkitError, match=r"comparison\.json"):
        COMPARISON.read(tmp_path)
