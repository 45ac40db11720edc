"""No option that a Run gives makes rnnkit run or open a file: for every option of every task, those to come too."""

import dataclasses
import json
import shutil

import pytest
from tasks import captioning, tagging, tiny
from tasks.canary import Canary

import rnnkit
from rnnkit import tasks
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.options import CELL, FILE, value_type


def fields(key):
    return dataclasses.fields(tasks.get(key).options_class)


def naming_files(key):
    return [spec.name for spec in fields(key) if spec.metadata.get("names") == FILE]


def written(folder, key, **options):
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"format": 1, "task": key, "options": options}))
    return folder


def of_run(folder, key, **options):
    """The options that a Run's `config.json` gives, and whether it is refused."""
    written(folder, key, **options)
    with pytest.raises(RnnkitError) as refused:
        rnnkit.load(folder)
    assert "\n" not in str(refused.value)
    try:
        return tasks.get(key).options_class.of_run(options, folder)
    except RnnkitError:
        return None


def test_the_canary_sings_when_it_is_run_or_read(tmp_path):
    for number, touch in enumerate((lambda canary: open(canary), lambda canary: exec(canary.read_text()))):
        home, run = tmp_path / f"home{number}", tmp_path / f"run{number}"
        home.mkdir(), run.mkdir()
        canary = Canary(home, run)
        canary.names()
        with pytest.raises(AssertionError, match="a file that a Run names was (opened|run)"), canary.silent():
            file = touch(home / "evil.py")
            if file is not None:
                file.close()
    with pytest.raises(RnnkitError, match="registers no cell"):  # named by the user himself, it is run
        rnnkit.TextClassifier(cell=str(home / "evil.py"))
    assert canary.mark.exists()


@pytest.mark.parametrize("key", tasks.names())
def test_a_file_that_a_run_names_is_neither_run_nor_opened(key, tmp_path):
    home, run = tmp_path / "home", written(tmp_path / "run", key)
    home.mkdir()
    canary = Canary(home, run)
    names = canary.names()
    with canary.silent():
        for spec in fields(key):
            for name in names.values() if value_type(spec) is str else [names["absolute"]]:
                options = of_run(run, key, **{spec.name: name})
                assert options is None or getattr(options, spec.name) == spec.default, (spec.name, name)
        of_run(run, key, **{spec.name: names["absolute"] for spec in fields(key) if spec.metadata.get("names")})


@pytest.mark.parametrize("key", tasks.names())
def test_text_that_can_be_anything_says_what_it_may_name(key):
    """So that the test above knows of it: a text has its choices, says that it may name a file, or refuses a path."""
    for spec in fields(key):
        if value_type(spec) is str and not spec.metadata["choices"] and not spec.metadata["names"]:
            with pytest.raises(RnnkitError):
                tasks.get(key)(**{spec.name: "some/file.py"})


def test_both_cells_of_a_translator_say_that_they_may_name_a_file():
    assert {spec.name for spec in fields("translator") if spec.metadata.get("names") == CELL} == {
        "cell", "decoder_cell",
    }  # fmt: skip
    assert naming_files("text_classifier") == ["embeddings", "init_from"]
    assert naming_files("image_captioner") == ["images"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [("predict", "RUN", "a text"), ("predict", "RUN", "a text", "--tflite"), ("evaluate", "RUN", "rows.csv"),
     ("export", "RUN"), ("export", "RUN", "--format", "keras"), ("diagnose", "RUN"),
     ("finetune", "RUN", "rows.csv", "--to", "mine")],
)  # fmt: skip
def test_no_command_runs_a_decoder_cell_that_a_run_names(words, tmp_path, monkeypatch, command_line):
    monkeypatch.chdir(tmp_path)
    tiny.write_csv(tmp_path / "rows.csv", tiny.rows(20), "source,target")
    home = tmp_path / "home"
    home.mkdir()
    canary = Canary(home, written(tmp_path / "run", "translator"))
    for name in canary.names().values():
        written(tmp_path / "run", "translator", decoder_cell=name)
        with canary.silent():
            code, said, error = command_line(*(str(tmp_path / "run") if word == "RUN" else word for word in words))
        assert code == 1 and ("Unknown cell" in error or "is no exported bundle" in error) and not said
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("key", [key for key in tasks.names() if not naming_files(key)])
def test_writers_generate_nothing_with_a_cell_that_a_run_names(key, tmp_path, command_line):
    run = written(tmp_path / "run", key)
    home = tmp_path / "home"
    home.mkdir()
    canary = Canary(home, run)
    written(run, key, cell=canary.names()["absolute"])
    with canary.silent():
        assert command_line("generate", run)[0] == 1


def _trained(key):
    """A Run of the task, rows for it, and what `predict` is asked."""
    if key == "text_classifier":
        return tiny.trained().folder, tiny.rows(40, seed=3), "a good film"
    if key == "multilabel_classifier":
        return tiny.trained_label_sets().folder, tiny.label_sets(40, seed=3), "a good film"
    if key == "token_tagger":
        task = rnnkit.TokenTagger(**tagging.BARE).fit(tagging.sentences(), to=tiny.folder() / "canary_tagger")
        return task.folder, tagging.sentences(40, seed=3), tagging.UNSEEN
    if key == "tree_classifier":
        from rnnkit.tasks.tree_classifier.sample import make_trees

        small = {"units": 4, "embedding_size": 4, "epochs": 1}
        run = tiny.folder() / "canary_trees"
        return (
            rnnkit.TreeClassifier(**small).fit(list(make_trees(80)), to=run).folder,
            list(make_trees(40)),
            "((a) (b))",
        )
    if key == "image_captioner":
        return captioning.trained(shaken=False).folder, captioning.scenes(), captioning.pictures(1)[0]
    raise AssertionError(f"{key} has options that name files; say here how to train one")


@pytest.mark.slow
@pytest.mark.parametrize("key", [key for key in tasks.names() if naming_files(key)])
def test_a_whole_life_with_options_that_name_files(key, tmp_path, monkeypatch):
    """Load, predict, evaluate, finetune, resume, save and export: the files that the Run names are left alone."""
    folder, rows, asked = _trained(key)
    plain = rnnkit.load(folder)
    for number, name in enumerate(naming_files(key)):
        home, run = tmp_path / f"home{number}", tmp_path / f"run{number}"
        home.mkdir()
        shutil.copytree(folder, run)
        canary = Canary(home, run)
        for value in reversed(canary.names().values()):  # the absolute path last
            config = json.loads((run / "config.json").read_text())
            config["options"] |= {name: value} | ({"freeze_embeddings": True} if name == "embeddings" else {})
            (run / "config.json").write_text(json.dumps(config))
            with canary.silent():
                task = rnnkit.load(run)
                assert repr(task.predict(asked)) == repr(plain.predict(asked))
        with canary.silent():
            _live(task, rows, asked, tmp_path, name, config["options"])


def _live(task, rows, asked, tmp_path, name, options):
    """What a Run goes through after it is loaded."""
    task.evaluate(rows)
    task.save(tmp_path / "saved", overwrite=True)
    task.export(quantize="none")
    for format in ("saved_model", "keras"):
        task.export(format=format)
    tuned = task.finetune(rows, epochs=1, to=tmp_path / "tuned", overwrite=True)
    assert getattr(tuned.options, name) == ""
    resumed = task.finetune(rows, epochs=1, to=tmp_path / "tuned", resume=True)
    assert repr(resumed.predict(asked)) == repr(tuned.predict(asked))
    begun = tmp_path / "begun.partial"
    begun.mkdir()
    (begun / "settings.json").write_text(json.dumps({"options": options, "data": "", "start": ""}))
    with pytest.raises(RnnkitError):
        task.finetune(rows, epochs=1, to=tmp_path / "begun", resume=True)
    shutil.rmtree(begun, ignore_errors=True)
