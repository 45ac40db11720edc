"""Source sentences in any spelling are read as the same; Runs of earlier read them as they learnt them."""

import unicodedata

import numpy as np
import pytest

import rnnkit
from rnnkit.codec.normalise import canonical
from rnnkit.codec.pieces import UNKNOWN_SIGN
from rnnkit.tasks.translator.source import parallel_text

PAIRS = [(f"it isn't l'été n° {number}", f"non c’est l’été {number}") for number in range(60)]
PAIRS += [(source.replace("'", "\u2019"), f"{target}!") for source, target in PAIRS[:20]]
SAME = ("it isn't l'été", "it isn\u2019t l\u2018e\u0301te\u0301", "it is\u00adn\u02bct l\u2032été\ufeff")


def learnt(parent=None, **options):
    task = rnnkit.Translator(vocabulary_size=200, **options)
    splits = task.preprocessing.learn(parallel_text({"train": PAIRS}, "pairs"), parent=parent)
    return task.preprocessing, splits


@pytest.mark.parametrize("how", [{"joint": True}, {"joint": False, "tied": "target"}, {"unit": "word"}])
def test_sources_in_any_spelling_are_the_same_and_targets_stay(how, tmp_path):
    made, splits = learnt(**how)
    assert made.options.spelling == "one"
    made.save(tmp_path)
    again = rnnkit.Translator(**made.options.to_dict()).preprocessing
    again.load(tmp_path)
    for preprocessing in (made, again):
        rows = [row.tolist() for row in preprocessing.encode(list(SAME)).inputs]
        assert rows[0] == rows[1] == rows[2] and UNKNOWN_SIGN not in preprocessing.source_pieces.decode(rows[0])
        assert "’" in preprocessing.target_pieces.decode(preprocessing.target_pieces.encode("c’est"))
    parts = [{canonical(source) for source in part.sources} for part in (splits.validation, splits.test)]
    assert parts[0].isdisjoint(parts[1])


def test_a_run_of_earlier_reads_sentences_as_they_are(tmp_path):
    made, _ = learnt(spelling="given")
    made.save(tmp_path)
    options = {name: value for name, value in made.options.to_dict().items() if name != "spelling"}
    old = rnnkit.Translator(**options).preprocessing
    old.load(tmp_path)
    assert old.options.spelling == "given"
    first, second, _ = (np.asarray(row).tolist() for row in old.encode(list(SAME)).inputs)
    assert first != second
    assert learnt(old)[0].options.spelling == "given", "fine-tuning goes on with it"
    assert unicodedata.normalize("NFC", SAME[1]) != SAME[1]
