"""The pipeline of splice junctions, and its two kinds of data."""

import functools
from collections import Counter

import pytest
from pipelines.running import run_pipeline

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.tasks.text_classifier.splice_sample import splice_rows

run = functools.partial(run_pipeline, "dna_splice.py")


def test_the_sample_has_a_signal_in_the_middle_or_elsewhere():
    rows = list(splice_rows())
    assert len({sequence for sequence, _ in rows}) == len(rows) and {len(sequence) for sequence, _ in rows} == {60}
    assert Counter(kind for _, kind in rows) == {"EI": 750, "IE": 750, "N": 1500}
    assert all(sequence[29:33] == "GGTA" or sequence[29:33] == "GGTG" for sequence, kind in rows if kind == "EI")
    assert all(sequence[28:31] == "AGG" for sequence, kind in rows if kind == "IE")


def test_ucis_file_is_read_and_another_is_refused(tmp_path):
    (tmp_path / "splice.data").write_text("EI,    ATRINS-DONOR-521,   CCAGCTGCAT\nN,A,   CCNG\n")
    assert list(splice_rows(str(tmp_path))) == [("CCAGCTGCAT", "EI"), ("CCNG", "N")]
    (tmp_path / "splice.data").write_text("EI,ATRINS-DONOR-521,CCAG\nsetosa,5.1,3.5\n")
    with pytest.raises(RnnkitError, match=r"splice.data line 2 is 'setosa,5.1,3.5'; expected a kind \(EI, IE, N\)"):
        splice_rows(str(tmp_path / "splice.data"))
    with pytest.raises(RnnkitError, match="There is no file"):
        splice_rows("smaple")


@pytest.mark.slow
def test_quick_goes_from_letters_to_a_phone_ready_run(tmp_path):
    done = run("--quick", "--to", tmp_path / "run")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "unit            character (chosen: texts of one word" in done.stderr
    for part in ("DATA  made-up splice junctions", "test    accuracy", "TFLite  accuracy", "next: rnnkit predict"):
        assert part in done.stdout
    assert rnnkit.load(tmp_path / "run").results["test"]["accuracy"] > 0.6
