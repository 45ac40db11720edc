"""The edges of tagging: types that only the test has, sentences longer than is read at a time, odd tags, flags."""

import json

import numpy as np
import pytest
from tasks.tagging import BARE, OPTIONS, sentences, trained, write_conll

import rnnkit
from rnnkit.cli.shared import Given, data_flags
from rnnkit.codec.word_features import joined
from rnnkit.errors import RnnkitError
from rnnkit.training.loop import score


@pytest.fixture
def command(monkeypatch, command_line, tmp_path):
    """Runs the command line in this process: command("check", ...) gives code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    return command_line


# ---------------------------------------------------------------------- types that training does not have


@pytest.mark.slow
def test_types_of_the_test_part_alone_are_no_labels_and_count_as_missed(tmp_path, capsys):
    test = sentences(12, seed=1, place="GPE")
    task = rnnkit.TokenTagger(**BARE).fit(sentences(40), test, to=tmp_path / "run")
    assert task.types == ["LOC", "PER"] and "GPE" not in (tmp_path / "run/preprocessing/labels.txt").read_text()
    missed = sum(tag == "B-GPE" for _, tags in test for tag in tags)
    assert missed > 3 and task.results["data"]["missed"].startswith(f"GPE {missed} in the test part")
    assert f"missed GPE {missed} in the test part" in " ".join(capsys.readouterr().err.split())
    scores = task.results["test"]["types"]
    assert scores["GPE"] == {"f1": 0.0, "precision": 0.0, "recall": 0.0, "entities": missed}
    assert task.results["test"]["recall"] < 1 and (tmp_path / "run/plots/confusion.png").is_file()
    assert "missed" not in trained().results["data"]


@pytest.mark.slow
def test_perfect_answers_still_miss_the_unknown_types():
    task = trained()
    test = [(tokens, tuple(tag.replace("LOC", "GPE") for tag in tags)) for tokens, tags in sentences(30, seed=5)]
    encoded = task.encode_sentences(task.read(test).sentences, "test", True)
    assert set(encoded.unknown) == {"B-GPE", "E-GPE", "S-GPE"}
    figures = task.metrics(encoded, task.outputs(encoded))
    people = figures["types"]["PER"]
    assert (people["f1"], figures["types"]["GPE"]["recall"]) == (1.0, 0.0)
    known, all_of_them = people["entities"], sum(row["entities"] for row in figures["types"].values())
    assert figures["recall"] == pytest.approx(known / all_of_them, abs=1e-4)
    some = encoded.some(3)
    assert some.unknown == encoded.unknown == encoded.cut(4).unknown and len(task.true_tags(some)) == 3


# ---------------------------------------------------------------------- sentences longer than is read at a time


@pytest.mark.slow
def test_an_entity_that_the_cut_divides_is_one():
    assert joined(["B-PER", "I-PER", "B-PER", "I-PER", "B-PER"], 2) == ["B-PER", "I-PER", "I-PER", "I-PER", "I-PER"]
    assert joined(["O", "O", "B-PER", "I-PER"], 2) == ["O", "O", "B-PER", "I-PER"]
    assert joined(["B-LOC", "B-PER"], 1) == ["B-LOC", "B-PER"] and joined([], 3) == []
    task, room = trained(), OPTIONS["max_length"]
    tokens = [*("often",) * (room - 1), "New", "York", "."]
    numbers = [task.labels.index(tag) for tag in ["O"] * (room - 1) + ["S-LOC", "S-LOC", "O"]]
    [answer] = task.answers([tokens], np.array(numbers))
    assert [(found.text, found.type) for found in answer.entities] == [("New York", "LOC")]
    encoded = task.encode_sentences(task.read([(tokens, ["O"] * (room - 1) + ["B-LOC", "I-LOC", "O"])]).sentences, "x")
    assert task.metrics(encoded, np.array(numbers))["f1"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["iobes", "iob2"])
def test_training_reads_all_pieces_and_tags_each_by_itself(scheme):
    room = 8
    rows = [([*"x" * (room - 1), "New", f"York{i}", "Mr", "Lee"], ["O"] * (room - 1) + "B-LOC I-LOC O B-PER".split())
            for i in range(60)]  # fmt: skip
    task = rnnkit.TokenTagger(**{**BARE, "epochs": 2, "max_length": room, "tag_scheme": scheme}).fit(rows)
    batches = [batch for _, batch in task.batches(task.parts.train).in_order()]
    assert sum(int((words > 0).sum()) for (words, *_), _ in batches) == task.results["data"]["tokens"]
    only = "S" if scheme == "iobes" else "B"
    seen = {tuple(task.labels[n] for n in row if n >= 0) for _, targets in batches for row in targets}
    assert seen == {("O",) * (room - 1) + (f"{only}-LOC",), (f"{only}-LOC", "O", f"{only}-PER")}
    (words, *_), _ = task.collate(task.parts.train, np.arange(len(task.parts.train)))  # as `diagnose` asks for it
    assert int((words > 0).sum()) == task.results["data"]["tokens"]
    assert all(row["loss"] < 100 and row["val_loss"] < 100 for row in task.history)  # nothing forbidden is asked for
    assert task.true_tags(task.parts.test)[0] == rows[0][1]  # what is scored is the whole


@pytest.mark.slow
def test_one_pass_gives_the_compiled_loss_and_the_f1_of_the_answers():
    task = trained()
    for rows in (task.preprocessing.made_up(40), task.parts.validation):
        rows = rows.cut(OPTIONS["max_length"])
        expected = {**score(task.network, task.batches(rows)), "f1": task.metrics(rows, task.outputs(rows))["f1"]}
        assert task.validate(task.network, rows) == pytest.approx(expected, rel=1e-4)


# ---------------------------------------------------------------------- tags that would break labels.txt


@pytest.mark.parametrize("sign", ["\n", "\r", "\u2028", "\x85"])
def test_a_tag_with_a_line_break_is_refused(sign, tmp_path):
    data = [*sentences(20), (("Ann",), (f"B-P{sign}R",))]
    with pytest.raises(RnnkitError, match="The list sentence 21: the tag 'B-P.*R' contains a line break") as caught:
        rnnkit.TokenTagger(**BARE).fit(data, to=tmp_path / "run")
    assert "\n" not in str(caught.value) and list(tmp_path.iterdir()) == []
    with pytest.raises(RnnkitError, match="The label 'good.*bad' contains a line break"):
        rnnkit.TokenTagger(**BARE).preprocessing.choose_labels(["O", f"good{sign}bad"], None)


# ---------------------------------------------------------------------- flags that say how to read


@pytest.mark.slow
def test_scheme_and_strict_for_every_command_that_reads(command, tmp_path):
    broken = [(tokens, [tag.replace("B-", "I-") for tag in tags]) for tokens, tags in sentences(30)]
    file, run = write_conll(tmp_path / "broken.conll", broken), trained().folder
    code, out, _ = command("check", "token_tagger", file, "--scheme", "iob2")
    assert code == 0 and "repaired" in out and out.splitlines()[-1].endswith("--scheme iob2 --to saved_models/broken")
    for words in (("check", "token_tagger", file), ("evaluate", run, file), ("diagnose", run, file),
                  ("export", run, "--data", file)):  # fmt: skip
        code, out, err = command(*words, "--scheme", "iob2", "--strict")
        assert code == 1 and "broken.conll line" in err and err.count("\n") == 1, (words, out, err)
    code, out, _ = command("evaluate", run, file, "--json", "--scheme", "iob1", "--strict")
    assert code == 0 and json.loads(out)["rows"] == 30
    assert command("check", "text_classifier", file, "--scheme", "iob2")[0] == 2


@pytest.mark.slow
def test_the_next_command_reads_as_this_one_did(command, tmp_path):
    file = tmp_path / "cyr.conll"
    text = "".join(f"Анна PER\nпела{n} O\n\n" for n in range(4))
    file.write_bytes(text.encode("cp1251"))
    code, out, _ = command("check", "token_tagger", file, "--encoding", "cp1251", "--scheme", "plain")
    assert code == 0 and f"token_tagger {file} --scheme plain --encoding cp1251 --to" in out.splitlines()[-1]
    given = {"scheme": "plain", "strict": False, "units": 7}
    assert data_flags(trained(), file, Given({"tag": "2"}, "cp1251"), given) == (
        f"{file} --tag 2 --scheme plain --encoding cp1251"
    )
    code, _, err = command("export", trained().folder, "--data", file, "--encoding", "utf9")
    assert code == 1 and "Unknown encoding 'utf9'" in err


def test_flags_of_another_task_are_refused(command, tmp_path):
    from tasks.tiny import rows, write_csv

    file = write_csv(tmp_path / "my.csv", rows(20))
    code, _, err = command("evaluate", "imdb_sentiment", file, "--scheme", "iob2")
    assert code == 1 and "--scheme is not for text_classifier; leave it out." in err
