"""The folder of a cross-validation: nothing in it is lost, and a Run takes it over."""

import json

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.run.folds import adopt_folds, claimed_folds, folds_beside, read_folds, refuse_folds, write_folds

RECORD = {"settings": {"folds": 2}, "results": [{"figures": {"accuracy": 0.5}, "train": 6, "test": 2}], "summary": {}}


def test_finished_folds_are_neither_lost_nor_mistaken(tmp_path):
    folder = folds_beside(tmp_path / "run")
    assert folder == tmp_path / "run.folds" and read_folds(folder) is None
    with claimed_folds(folder, resume=False, overwrite=False):
        write_folds(folder, RECORD)
    assert read_folds(folder) == RECORD
    with pytest.raises(RnnkitError, match="nothing was written. Go on with them by --resume, or replace"):
        refuse_folds(folder, resume=False, overwrite=False)
    for how in ({"resume": True, "overwrite": False}, {"resume": False, "overwrite": True}):
        with claimed_folds(folder, **how):
            assert read_folds(folder) == RECORD


def test_the_folds_of_a_linked_run_are_on_its_disk(tmp_path):
    (tmp_path / "disk" / "run").mkdir(parents=True)
    (tmp_path / "mine").symlink_to(tmp_path / "disk" / "run")
    assert folds_beside(tmp_path / "mine") == tmp_path / "disk" / "run.folds"


def test_a_folder_of_another_kind_is_left_alone(tmp_path):
    folder = tmp_path / "run.folds"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    for how in ((False, False), (True, True)):
        with pytest.raises(RnnkitError, match="is no cross-validation's"), claimed_folds(folder, *how):
            pass
    link = tmp_path / "link.folds"
    link.symlink_to(folder)
    with pytest.raises(RnnkitError, match="is no cross-validation's"):
        refuse_folds(link, resume=False, overwrite=True)
    assert (folder / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"results": 5}', '{"results": [{"figures": []}]}',
              '{"results": [{"figures": {}, "train": 0, "test": 1}]}', '{"results": [1]}'],
)  # fmt: skip
def test_a_broken_record_is_said(tmp_path, content):
    (tmp_path / "folds.json").write_text(content)
    with pytest.raises(RnnkitError, match=r"folds\.json"):
        read_folds(tmp_path)


def test_a_run_takes_the_folds_over(tmp_path):
    run, folder = tmp_path / "run", tmp_path / "run.folds"
    (run / "plots").mkdir(parents=True)
    (run / "config.json").write_text(json.dumps({"format": 1, "task": "text_classifier", "options": {}}))
    with claimed_folds(folder, resume=False, overwrite=False):
        write_folds(folder, RECORD)
        (folder / "folds.png").write_bytes(b"picture")
    adopt_folds(folder, run)
    assert read_folds(run) == RECORD and (run / "plots" / "folds.png").read_bytes() == b"picture"
    assert not folder.exists()
    adopt_folds(folder, run)  # nothing is there any more
    assert read_folds(run) == RECORD
