"""What can be known without TensorFlow is said before it is loaded, which takes seconds."""

import pytest

from rnnkit import quiet
from rnnkit.tasks.base import cross_validation, saving, task


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("train", "text_classifier", "no.csv", "--to", "x"), "There is no file no.csv."),
        (
            ("train", "text_classifier", "yes.csv", "--to", "x", "--cell", "lstn"),
            "Unknown cell 'lstn'. Did you mean 'lstm'?",
        ),
        (("train", "text_classifier", "yes.csv", "--to", "x", "--units", "0"), "units is 0"),
        (("finetune", "imdb_sentiment", "yse.csv", "--to", "x"), "There is no file yse.csv. Did you mean 'yes.csv'?"),
        (("check", "text_classifier", "dta/yes.csv"), "There is no file dta/yes.csv. Did you mean 'data'?"),
        (("predict", "imdb_sentiment", "dta/yes.csv"), "There is no file dta/yes.csv. Did you mean 'data'?"),
        (("evaluate", "imdb_sentiment", "no.csv"), "There is no file no.csv."),
        (("export", "imdb_sentiment", "--data", "no.csv", "--to", "x"), "There is no file no.csv."),
        (("diagnose", "imdb_sentiment", "no.csv"), "There is no file no.csv."),
        (("evaluate", "imdb_sentimant"), "There is no Run imdb_sentimant."),
        (("train", "text_classifier", "yes.csv", "--to", "x", "--text", "review"), "has no column 'review'"),
        (("finetune", "imdb_sentiment", "yes.csv", "--to", "x", "--label", "stars"), "has no column 'stars'"),
        (("finetune", "imdb_sentiment", "yes.csv", "--to", "x", "--units", "9"), "units is 128 in the trained Run"),
        (("finetune", "imdb_sentiment", "yes.csv", "--to", "x", "--epochs", "-1"), "epochs is -1"),
        (("evaluate", "imdb_sentiment", "yes.csv", "--label", "stars"), "has no column 'stars'"),
        (("export", "imdb_sentiment", "--data", "yes.csv", "--label", "stars", "--to", "x"), "has no column 'stars'"),
        (("diagnose", "imdb_sentiment", "yes.csv", "--label", "stars"), "has no column 'stars'"),
        (("predict", "char_text", "hello"), "language_model writes texts and answers none: rnnkit generate RUN."),
        (("predict", "imdb_sentiment", "hello", "--threshold", "2"), "--threshold is 2"),
        (("generate", "imdb_sentiment", "hello"), "imdb_sentiment is a text_classifier, which does not write"),
    ],
)
def test_it_is_refused_before_keras_is_loaded(words, said, command_line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "yes.csv").write_text("text,label\na,b\n")
    (tmp_path / "data").mkdir()

    def loaded():
        raise AssertionError("Keras is loaded")

    for module in (quiet, cross_validation, saving, task):
        monkeypatch.setattr(module, "load_keras", loaded)
    code, out, err = command_line(*words)
    assert (code, out, err.count("\n")) == (1, "", 1) and said in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "yes.csv"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [("list", "rnnkit runs, rnnkit cells, rnnkit tasks"), ("convert", "rnnkit export"), ("Show", "rnnkit runs show")],
)
def test_other_programs_words_for_a_command_lead_to_it(word, meant, command_line):
    assert command_line(word, "x") == (2, "", f"error: No such command '{word}'. Did you mean: {meant}?\n")


def test_what_they_lead_to_are_commands_and_their_words_are_none(command_line):
    from rnnkit.cli import lazy

    listed = command_line("--help")[1]
    assert all(f" {meant.split()[0]} " in listed for meants in lazy._MEANT.values() for meant in meants)
    assert not any(f"│ {word} " in listed for word in lazy._MEANT)
