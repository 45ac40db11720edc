"""Captions: pictures in, sentences about them out, trained and ready for a phone.

python pipelines/image_captioning.py                     COCO if it is prepared for TFDS, otherwise drawn scenes
python pipelines/image_captioning.py --quick             everything once, at a small size, in about a minute
python pipelines/image_captioning.py --data FOLDER       pictures of your own with a captions.csv: image, caption, split
python pipelines/image_captioning.py --data mine.csv --images FOLDER
python pipelines/image_captioning.py --inject merge      the picture joins the words after the recurrent layer
"""

from pathlib import Path
from typing import Annotated

import typer

import rnnkit
from rnnkit.cli import run_app
from rnnkit.cli.overwriting import Overwrite, may_replace_run
from rnnkit.cli.screen import next_step, say, word
from rnnkit.data.tfds import prepared_or_sample
from rnnkit.quiet import load_keras
from rnnkit.run.folder import METRICS, write_json
from rnnkit.tasks.image_captioner.sample import COCO, SAMPLE, caption_data

#: Drawn scenes are small, have few words, and are not photographs: an encoder trained from scratch suits them.
SCENES = {"encoder": "small_cnn", "image_size": 64, "units": 192, "embedding_size": 96, "mirror": False, "min_count": 1,
          "max_length": 16, "batch_size": 32, "epochs": 24, "learning_rate": 0.002, "dropout": 0.1,
          "picture_dropout": 0.0, "embedding_dropout": 0.0, "label_smoothing": 0.0}  # fmt: skip
QUICK = {"epochs": 3, "beam_width": 2, "units": 64, "batch_size": 16}
MOST = 8000  # pictures of COCO
QUICK_PICTURES = {"train": 300, "validation": 50, "test": 50}


def main(
    data: Annotated[str, typer.Option(help="auto, tfds, sample, or a folder or table of pictures")] = "auto",
    data_dir: Annotated[str | None, typer.Option(help="TFDS folder (default: TFDS_DATA_DIR)")] = None,
    images: Annotated[Path | None, typer.Option(help="folder of a table's pictures")] = None,
    image: Annotated[str | None, typer.Option(help="a table's column with the pictures' names")] = None,
    caption: Annotated[str | None, typer.Option(help="a table's column with the captions")] = None,
    encoder: Annotated[str | None, typer.Option(help="image encoder, such as efficientnet_lite0")] = None,
    inject: Annotated[str | None, typer.Option(help="how it reaches the decoder: attention, init, par, merge")] = None,
    cell: Annotated[str | None, typer.Option(help="recurrent cell (rnnkit cells), or your own: FILE.py")] = None,
    units: Annotated[int | None, typer.Option(help="width of the recurrent state")] = None,
    layers: Annotated[int | None, typer.Option(help="recurrent layers")] = None,
    epochs: Annotated[int | None, typer.Option(help="passes over the data")] = None,
    batch_size: Annotated[int | None, typer.Option(help="captions a step")] = None,
    seed: Annotated[int | None, typer.Option(help="random seed")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="small and short, to check that everything works")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="continue an interrupted run")] = False,
    overwrite: Overwrite = False,
    to: Annotated[Path, typer.Option(help="Run folder to write")] = Path("saved_models/my_captioning"),
) -> None:
    """Train a captioner and export it."""
    overwrite = may_replace_run(to, overwrite, resume)
    load_keras()
    # 1 Raw data: files of pictures, each with one caption or several.
    columns = {"image": image, "caption": caption}
    chosen = prepared_or_sample(data, COCO, data_dir) if quick else data
    pictures = caption_data(chosen, data_dir, QUICK_PICTURES["train"] if quick else MOST, columns, images, say)
    if quick:
        pictures.parts = {part: rows[: QUICK_PICTURES[part]] for part, rows in pictures.parts.items()}

    # 2 A task owns everything between a picture and its caption.
    flags = {"encoder": encoder, "inject": inject, "cell": cell, "units": units, "layers": layers, "epochs": epochs}
    flags |= {"batch_size": batch_size, "seed": seed}
    given = {name: value for name, value in flags.items() if value is not None}
    usual = SCENES if pictures.name == SAMPLE or quick else {}
    task = rnnkit.ImageCaptioner(**{**usual, **(QUICK if quick else {}), **given})

    # 3 Train, score once on the test part, and save the Run with its pictures.
    say(f"DATA  {pictures.name}", "bold")
    task.fit(pictures, to=to, resume=resume, overwrite=overwrite)
    say(f"valid   {_figures(task.results['validation'])}")
    say(f"test    {_figures(task.results['test'])}", "bold")

    # 4 Export for the phone: compared with Keras on validation pictures, then scored on the whole test part.
    done = task.export(quantize="dynamic")
    lite = task.metrics(task.parts.test, task.lite_outputs(task.parts.test))
    say(f"TFLite  {_figures(lite)}  {done['bytes'] / 1e6:.2f} MB  {done['milliseconds']:.1f} ms a picture")
    task.results["test_tflite"] = {**lite, "bytes": done["bytes"], "strategy": done["strategy"]}
    write_json(to / METRICS, task.results)

    # 5 What it says of some test pictures; more of them, and where it looked, are in the Run's plots.
    files = [str(file) for file in task.parts.test.files[:3]]
    for file, answer in zip(files, task.predict(files), strict=True):
        say(f"{Path(file).name}  ->  {answer.text}")
    say(f"saved {to}")
    next_step(f"rnnkit predict {word(to)} --tflite {word(files[0])}")


def _figures(scores: dict[str, float]) -> str:
    return (
        f"BLEU-4 {scores['bleu4']:.4f}  CIDEr-D {scores['cider']:.3f}  word for word {scores['exact']:.1%}  "
        f"{scores['rows']} pictures"
    )


if __name__ == "__main__":
    run_app(main)
