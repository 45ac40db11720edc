"""What can be known without TensorFlow is said before it is loaded, which takes seconds."""

import pytest


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
        (("evaluate", "imdb_sentiment", "no.csv"), "There is no file no.csv."),
        (("export", "imdb_sentiment", "--data", "no.csv", "--to", "x"), "There is no file no.csv."),
        (("diagnose", "imdb_sentiment", "no.csv"), "There is no file no.csv."),
        (("evaluate", "imdb_sentimant"), "There is no Run imdb_sentimant."),
    ],
)
def test_it_is_refused_before_keras_is_loaded(words, said, command_line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "yes.csv").write_text("text,label\na,b\n")

    def loaded():
        raise AssertionError("Keras is loaded")

    monkeypatch.setattr("rnnkit.quiet.load_keras", loaded)
    code, out, err = command_line(*words)
    assert (code, out, err.count("\n")) == (1, "", 1) and said in err
    assert [path.name for path in tmp_path.iterdir()] == ["yes.csv"]


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
