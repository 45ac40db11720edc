"""Help screens: the usual options, all of them, those of a Run, and an example; what is meant by a slip."""

import pytest
from run_folders import write_run

from rnnkit import tasks

MANY = [
    *(("train", key) for key in tasks.names()),
    *(("compare", key) for key in tasks.names() if key != "tree_classifier"),  # which has no option cell
    ("finetune",),
    ("evaluate",),
    ("predict",),
    ("generate",),
    ("export",),
    ("pretrain",),
    ("diagnose",),
]


@pytest.fixture
def help_of(command_line, tmp_path, monkeypatch):
    """The help screen of some words, as its options and its text."""
    monkeypatch.setenv("TERMINAL_WIDTH", "80")
    monkeypatch.chdir(tmp_path)

    def run(*words):
        code, out, err = command_line(*words)
        assert (code, err) == (0, "")
        options = [line.split()[1] for line in out.splitlines() if line.startswith("│ --")]
        return options, out

    return run


@pytest.mark.parametrize("words", MANY, ids=" ".join)
def test_help_shows_few_options_and_help_all_the_rest_with_an_example(words, help_of):
    few, out = help_of(*words, "--help")
    every, _ = help_of(*words, "--help-all")
    own = [option for option in few if not option.startswith("--help")]
    columns = len(getattr(tasks.get(words[1]), "roles", ())) if words[0] in ("train", "compare") else 0
    assert 5 <= len(own) <= 10 + max(columns - 2, 0) and set(few) < set(every)
    assert f"--help-all shows {len(every) - len(few)} more." in out
    assert f"Example: rnnkit {' '.join(words)} " in out.replace("\n", " ")


def test_small_commands_show_all_they_have_and_an_example(help_of):
    for command in ("check text_classifier", "try", "play", "engrave", "runs show", "runs compare"):
        words = command.split()
        options, out = help_of(*words, "--help")
        assert f"Example: rnnkit {' '.join(words)} " in out and "--help-all" not in options


def classifier(home):
    """A Run of a text classifier with columns of its own."""
    options = {"units": 7, "learning_rate": 0.03, "max_length": 99}
    reading = {"columns": {"text": "Opinion", "label": "stars"}, "encoding": "cp1252"}
    return write_run(home / "mine", options=options, reading=reading)


def test_the_help_of_a_run_has_the_options_of_its_task_and_what_it_remembers(help_of, tmp_path):
    run = classifier(tmp_path)
    options, out = help_of("evaluate", run, "--help-all")
    assert "--source" not in options and "--scheme" not in options and "--threshold-for" in options
    assert "[default: Opinion]" in out and "[default: stars]" in out and "[default: cp1252]" in out
    assert "--text" in help_of("evaluate", run, "--help")[0] and "--text" not in help_of("evaluate", "--help")[0]
    options, out = help_of("predict", "--help-all", run)
    assert "--html" not in options and "--beam-width" not in options and {"--threshold", "--explain"} <= set(options)


def test_the_help_of_finetune_has_the_defaults_that_finetune_takes_and_no_fixed_option(help_of, tmp_path):
    options, out = help_of("finetune", classifier(tmp_path), "--help-all")
    assert "--units" not in options and "[default: 0.001]" in out and "[default: 64]" in out


def test_the_help_of_a_run_of_tunes_has_what_a_tune_has_and_the_others_not(help_of):
    assert "--metre" in help_of("generate", "char_music", "--help")[0]
    assert "--metre" not in help_of("generate", "char_text", "--help-all")[0]


def test_help_beside_what_is_no_run_is_that_of_the_command(help_of):
    assert help_of("evaluate", "no_such_run", "--help") == help_of("evaluate", "--help")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("train text_classifier x.csv --cel lstm", "No such option: --cel. Did you mean '--cell'?"),
        ("export imdb_sentiment --quantise int8", "No such option: --quantise. Did you mean '--quantize'?"),
        ("train text_classifier x.csv --cell lsmt", "Unknown cell 'lsmt'. Did you mean 'lstm'?"),
        ("train text_clasifier x.csv", "Unknown task 'text_clasifier'. Did you mean 'text_classifier'?"),
        ("runs show imdb", "There is no Run imdb. Did you mean 'imdb_sentiment'?"),
        ("cel", "No such command 'cel'. Did you mean 'cells'?"),
        ("lstm", "No such command 'lstm': it is a cell. Try: rnnkit train text_classifier FILE --cell lstm"),
        ("translator", "No such command 'translator': it is a task. Try: rnnkit train translator FILE"),
        ("conll_ner", "No such command 'conll_ner': it is a Run. Try: rnnkit runs show conll_ner"),
    ],
)
def test_a_slip_leads_to_what_is_of_its_own_kind(words, said, command_line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("text,label\na,b\n")
    code, out, err = command_line(*words.split())
    assert code in (1, 2) and out == "" and err.count("\n") == 1 and said in err
