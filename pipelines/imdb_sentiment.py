"""Film reviews: raw text in, "positive" or "negative" out, trained and ready for a phone.

python pipelines/imdb_sentiment.py                    the real reviews if available, otherwise an offline sample
python pipelines/imdb_sentiment.py --quick            everything once, at a small size, in less than a minute
python pipelines/imdb_sentiment.py --data mine.csv    a file of your own with the columns text and label
"""

from pathlib import Path
from typing import Annotated

import typer

import rnnkit
from rnnkit.cli import run_app
from rnnkit.cli.overwriting import Overwrite, may_replace_run
from rnnkit.cli.screen import next_step, say, word
from rnnkit.data.tfds import IMDB, prepared_or_sample
from rnnkit.quiet import load_keras
from rnnkit.run.folder import METRICS, PLOTS, write_json
from rnnkit.tasks.text_classifier.sample import sentiment_data

EXAMPLES = ["A warm, funny film that I would watch again.", "Badly acted, far too long, and the story makes no sense."]
QUICK = {"units": 32, "embedding_size": 16, "max_length": 60, "vocabulary_size": 4000, "epochs": 2}
QUICK_REVIEWS = 4000


def main(
    data: Annotated[str, typer.Option(help="auto, tfds, sample, or a CSV, TSV or JSONL file")] = "auto",
    data_dir: Annotated[str | None, typer.Option(help="TFDS folder (default: TFDS_DATA_DIR)")] = None,
    cell: Annotated[str | None, typer.Option(help="recurrent cell (rnnkit cells), or your own: FILE.py")] = None,
    units: Annotated[int | None, typer.Option(help="width of the recurrent state")] = None,
    layers: Annotated[int | None, typer.Option(help="recurrent layers")] = None,
    bidirectional: Annotated[bool, typer.Option("--bidirectional", help="bidirectional")] = False,
    epochs: Annotated[int | None, typer.Option(help="passes over the data")] = None,
    batch_size: Annotated[int | None, typer.Option(help="reviews per step")] = None,
    seed: Annotated[int | None, typer.Option(help="random seed")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="small and short, to check that everything works")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="continue an interrupted run")] = False,
    overwrite: Overwrite = False,
    to: Annotated[Path, typer.Option(help="Run folder to write")] = Path("saved_models/my_imdb_sentiment"),
) -> None:
    """Train a film review classifier and export it."""
    overwrite = may_replace_run(to, overwrite, resume)
    load_keras()
    # 1 Raw data: rows of (text, label).
    chosen = prepared_or_sample(data, IMDB, data_dir) if quick else data
    train, test = sentiment_data(chosen, data_dir, say, QUICK_REVIEWS if quick else 0)

    # 2 A task owns everything between raw text and an answer.
    flags = {"cell": cell, "units": units, "layers": layers, "bidirectional": bidirectional or None}
    flags |= {"epochs": epochs, "batch_size": batch_size, "seed": seed}
    given = {name: value for name, value in flags.items() if value is not None}
    task = rnnkit.TextClassifier(**{**(QUICK if quick else {}), **given})

    # 3 Train, score once on the test part, and save the Run with its pictures.
    say(f"DATA  {getattr(train, 'name', train)}", "bold")
    task.fit(train, test, to=to, resume=resume, overwrite=overwrite)
    scores = task.results["test"]
    say(f"test    accuracy {scores['accuracy']:.4f}  macro F1 {scores['macro_f1']:.4f}  {scores['rows']} rows", "bold")

    # 4 Export for the phone: compared with Keras on validation reviews, then scored on the whole test part.
    done = task.export(quantize="dynamic")
    lite = task.metrics(task.parts.test, task.lite_outputs(task.parts.test))
    say(f"TFLite  accuracy {lite['accuracy']:.4f}  {done['bytes'] / 1e6:.2f} MB  {done['milliseconds']:.2f} ms a row")
    task.results["test_tflite"] = {**lite, "bytes": done["bytes"], "strategy": done["strategy"]}
    write_json(to / METRICS, task.results)

    # 5 Which words drove one prediction?
    task.draw_explanation(EXAMPLES[1], to / PLOTS / "words.png")
    for text, answer in zip(EXAMPLES, task.predict(EXAMPLES), strict=True):
        say(f"{answer.label} {answer.probability:.0%}  {text}")
    say(f"saved {to}")
    next_step(f'rnnkit predict {word(to)} --tflite "What a film!"')


if __name__ == "__main__":
    run_app(main)
