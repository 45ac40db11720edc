"""Text, letter by letter: a long text in, a model that continues it out, also on a phone.

python pipelines/char_text.py                       Shakespeare if available, otherwise Python's standard library
python pipelines/char_text.py --quick               everything once, at a small size, in about a minute
python pipelines/char_text.py --data mine.txt       a text of your own; or a table: --data mine.csv --column text
python pipelines/char_text.py --unit bpe            subwords instead of letters
"""

from dataclasses import replace
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
from rnnkit.tasks.language_model.sample import SHAKESPEARE, text_data

SETTINGS = {"unit": "character", "units": 512, "embedding_size": 128, "window": 128, "batch_size": 32, "dropout": 0.5,
            "embedding_dropout": 0.1, "weight_drop": 0.2, "epochs": 22, "learning_rate": 0.003}  # fmt: skip
QUICK = {**SETTINGS, "units": 128, "embedding_size": 32, "window": 50, "batch_size": 8, "epochs": 2, "dropout": 0.0,
         "weight_drop": 0.0, "learning_rate": 0.005}  # fmt: skip
QUICK_CHARACTERS = 200_000


def main(
    data: Annotated[str, typer.Option(help="auto, tfds, sample, or a text file or table")] = "auto",
    data_dir: Annotated[str | None, typer.Option(help="TFDS folder (default: TFDS_DATA_DIR)")] = None,
    column: Annotated[str | None, typer.Option(help="a table's column with the texts")] = None,
    unit: Annotated[str | None, typer.Option(help="unit to predict: character, byte, bpe, unigram")] = None,
    cell: Annotated[str | None, typer.Option(help="recurrent cell (rnnkit cells), or your own: FILE.py")] = None,
    units: Annotated[int | None, typer.Option(help="width of the recurrent state")] = None,
    layers: Annotated[int | None, typer.Option(help="recurrent layers")] = None,
    epochs: Annotated[int | None, typer.Option(help="passes over the text")] = None,
    seed: Annotated[int | None, typer.Option(help="random seed")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="small and short, to check that everything works")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="continue an interrupted run")] = False,
    overwrite: Overwrite = False,
    to: Annotated[Path, typer.Option(help="Run folder to write")] = Path("saved_models/my_char_text"),
) -> None:
    """Train a model that writes, and export it."""
    overwrite = may_replace_run(to, overwrite, resume)
    load_keras()
    # 1 Raw data: one long text; the first 5 % to choose by, then 85 % to learn, then 10 % to test on.
    text = text_data(prepared_or_sample(data, SHAKESPEARE, data_dir) if quick else data, data_dir, say, column)
    if quick:
        text = replace(text, train=text.train[:QUICK_CHARACTERS], validation=text.validation[:10_000],
                       test=text.test[:10_000])  # fmt: skip

    # 2 A task owns everything between text and text.
    flags = {"unit": unit, "cell": cell, "units": units, "layers": layers, "epochs": epochs, "seed": seed}
    given = {name: value for name, value in flags.items() if value is not None}
    task = rnnkit.LanguageModel(**{**(QUICK if quick else SETTINGS), **given})

    # 3 Train, score once on the test part with states carried all through it, and save the Run.
    say(f"DATA  {text.name}", "bold")
    task.fit(text, to=to, resume=resume, overwrite=overwrite)
    say(f"test    {_figures(task.results['test'])}", "bold")

    # 4 Export for the phone: one step with its states; compared with Keras, then scored on the whole test part.
    done = task.export(quantize="dynamic")
    lite = task.metrics(task.parts.test, task.lite_outputs(task.parts.test))
    say(f"TFLite  {_figures(lite)}  {done['bytes'] / 1e6:.2f} MB")
    task.results["test_tflite"] = {**lite, "bytes": done["bytes"], "strategy": done["strategy"]}
    write_json(to / METRICS, task.results)

    # 5 What it writes.
    say(task.generate(length=300, seed=1)[0])
    say(f"saved {to}")
    next_step(f"rnnkit generate {word(to)} --tflite")


def _figures(scores: dict[str, float]) -> str:
    return f"{scores['nats_per_character']:.4f} nats a character  {scores['bits_per_character']:.4f} bits"


if __name__ == "__main__":
    run_app(main)
