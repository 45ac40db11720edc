"""The captioning pipeline and commands, end to end, on drawn scenes and on files that mean harm: no network."""

import functools
import json
import runpy
import sys
from pathlib import Path

import pytest
from codec.test_pictures import HOSTILE, READABLE
from pipelines.running import PIPELINES, run_pipeline
from tasks.captioning import copied, exported, pictures, scenes, trained

PIPELINE = PIPELINES / "image_captioning.py"
run = functools.partial(run_pipeline, PIPELINE.name)


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--inject", "merge", "--cell", "gru", "--encoder", "small_cnn")])
def test_quick_goes_from_a_folder_to_a_phone_ready_run(more, tmp_path):
    to = tmp_path / "runs" / "mine"
    done = run("--quick", "--data", scenes(), "--to", to, *more)
    assert done.returncode == 0, done.stderr[-2000:]
    for part in ("DATA  captions.csv\n", "valid   BLEU-4", "test    BLEU-4", "TFLite  BLEU-4", "  ->  "):
        assert part in done.stdout
    assert done.stdout.splitlines()[-1].startswith(f"next: rnnkit predict {to} --tflite ")
    names = {str(path.relative_to(to)) for path in to.rglob("*")}
    assert {"lite/encoder.tflite", "lite/decoder.tflite", "metrics.json", "model.keras", "plots/captions.png"} <= names
    assert ("plots/attention.png" in names) == (not more)
    metrics = json.loads((to / "metrics.json").read_text(encoding="utf-8"))
    assert {"bleu1", "bleu4", "cider", "exact", "bytes"} <= set(metrics["test_tflite"])
    again = run("--quick", "--data", scenes(), "--to", to, "--resume", *more)
    assert again.returncode == 0 and "is already trained" in again.stderr


@pytest.mark.parametrize(
    "flags, message",
    [
        (("--data", "nowhere.csv"), "There is no file nowhere.csv"),
        (("--data", "smaple"), "Did you mean 'sample'?"),
        (("--data", "{folder}", "--cell", "lsmt"), "Did you mean 'lstm'?"),
        (("--data", "{folder}", "--inject", "all"), "expected one of attention, init"),
        (("--data", "{folder}", "--encoder", "vgg"), "encoder is 'vgg'"),
        (("--data", "{folder}", "--image", "photo"), "has no column 'photo'"),
        (("--data", "sample", "--images", "x"), "--images is for a table of your own"),
        (("--data", "{folder}", "--unts", "3"), "--units"),
    ],
)
def test_mistakes_are_one_line_and_write_nothing(flags, message, tmp_path, monkeypatch, capsys):
    """In this process, which has Keras loaded already."""
    given = [flag.format(folder=scenes()) for flag in flags]
    monkeypatch.setattr(sys, "argv", [str(PIPELINE), *given, "--to", str(tmp_path / "run")])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(PIPELINE), run_name="__main__")
    said = capsys.readouterr().err
    assert ended.value.code in (1, 2) and message in said and "Traceback" not in said
    assert not list(tmp_path.iterdir())


def gallery(folder: Path) -> list[Path]:
    """All the files of `test_pictures`, those that can be read and those that mean harm."""
    folder.mkdir()
    for name, content in {**READABLE, **{name: content for name, (content, _) in HOSTILE.items()}}.items():
        (folder / name).write_bytes(content)
    return sorted(folder.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("flags", [(), ("--tflite",)])
def test_fifty_hostile_files_get_a_line_each_and_the_others_an_answer(flags, command_line, tmp_path):
    run = copied(tmp_path / "run")
    if flags:
        (run / "lite").symlink_to(exported(), target_is_directory=True)
    files = gallery(tmp_path / "gallery")
    assert len(files) > 50
    code, out, err = command_line("predict", run, *files, "--json", *flags)
    answered = [json.loads(line)["input"] for line in out.splitlines()]
    assert code == 1 and [Path(file).name for file in answered] == sorted(READABLE)
    refused = [line for line in err.splitlines() if line.startswith("error: ")]
    assert len(refused) == len(HOSTILE) and "Traceback" not in err
    for name in HOSTILE:
        assert sum(str(tmp_path / "gallery" / name) in line for line in refused) == 1, name
    assert not (tmp_path / "hacked").exists() and not Path("hacked").exists()


def test_hostile_files_among_training_data_are_named_or_refused(command_line, tmp_path):
    files = gallery(tmp_path / "gallery")
    rows = "".join(f"{file.name},a picture of something\n" for file in files)
    table = tmp_path / "gallery" / "captions.csv"
    table.write_text(f"image,caption\n{rows}", encoding="utf-8")
    code, out, _ = command_line("check", "image_captioner", table)
    assert code == 1 and f"{len(HOSTILE)} of {len(files)} pictures cannot be read" in out
    for name in HOSTILE:
        assert sum("left out" in line and str(tmp_path / "gallery" / name) in line for line in out.splitlines()) == 1
    code, _, err = command_line("check", "image_captioner", table, "--strict")
    assert code == 1 and "Without --strict it is left out" in err and len(err.strip().splitlines()) == 1
    code, _, err = command_line("train", "image_captioner", table, "--strict", "--to", tmp_path / "run")
    assert code == 1 and "Without --strict" in err and not (tmp_path / "run").exists()


@pytest.mark.slow
def test_commands_on_a_run(command_line, tmp_path):
    run = copied(tmp_path / "run")
    picture = pictures()[0]
    code, out, _ = command_line("predict", run, picture)
    assert code == 0 and out.split("  ", 1)[1].strip() == trained().predict(picture).text
    code, out, _ = command_line("predict", run, picture, "--n-best", "2", "--plot", tmp_path / "where.png")
    assert code == 0 and len(out.splitlines()) == 4 and (tmp_path / "where.png").stat().st_size > 5000
    code, out, _ = command_line("export", run, "--data", scenes(), "--quantize", "none")
    assert code == 0 and "same answer" in out and "pictures" in out and (run / "lite" / "decoder.tflite").is_file()
    code, out, _ = command_line("evaluate", run, scenes(), "--tflite", "--json")
    assert code == 0 and {"bleu4", "cider", "exact"} <= set(json.loads(out))
    code, _, err = command_line("predict", run, "none.png")
    assert code == 1 and err.splitlines()[-1] == "error: There is no file none.png."


@pytest.mark.slow
def test_finetuning_to_other_pictures_keeps_old_words_and_adds_new_ones(command_line, tmp_path):
    from PIL import Image

    rows = ["image,caption"]
    for number in range(30):
        Image.new("RGB", (20, 20), (8 * number, 0, 255 - 8 * number)).save(tmp_path / f"{number}.png")
        rows.append(f"{number}.png,a plain violet sheet")
    (tmp_path / "mine.csv").write_text("\n".join(rows), encoding="utf-8")
    to = tmp_path / "mine"
    flags = ("--to", to, "--epochs", "25", "--batch-size", "4", "--learning-rate", "0.02")
    code, out, err = command_line("finetune", trained().folder, tmp_path / "mine.csv", *flags)
    assert code == 0 and "3 new words" in err + out, err
    code, out, _ = command_line("predict", to, tmp_path / "3.png")
    assert code == 0 and "violet sheet" in out
