"""Named entities: raw sentences in, persons, places and organisations out, trained and ready for a phone.

python pipelines/conll_ner.py                       CoNLL-2003 if available, otherwise an offline sample of addresses
python pipelines/conll_ner.py --quick               everything once, at a small size, in about a minute
python pipelines/conll_ner.py --data mine.conll     a file of your own: a token and its tag per line, or a CSV, whose
                                                    columns --token, --tag, ... name, as for rnnkit train
"""

from pathlib import Path
from typing import Annotated

import typer

import rnnkit
from rnnkit.cli import run_app
from rnnkit.cli.answers import show
from rnnkit.cli.flags import with_columns
from rnnkit.cli.overwriting import Overwrite, may_replace_run
from rnnkit.cli.screen import next_step, say, word
from rnnkit.data.tfds import CONLL, prepared_or_sample
from rnnkit.plots.entities import entities_html
from rnnkit.quiet import load_keras
from rnnkit.run.folder import METRICS, PLOTS, write_json, write_text
from rnnkit.tasks.token_tagger.sample import tagged_data

NEWS = [
    "Ada Lovelace visited the Royal Society in London .",
    "Bonn beat Turin 2-1 on Sunday , said coach Maria Rossi .",
]
ADDRESSES = ["12 North Main Street Apt 4 Springfield IL 62704", "PO Box 7 Lake City Florida"]
QUICK = {"units": 32, "embedding_size": 32, "character_units": 20, "epochs": 3, "learning_rate": 0.01}
QUICK_SENTENCES = 2000


@with_columns(rnnkit.TokenTagger.roles)
def main(
    columns: dict[str, str],
    data: Annotated[str, typer.Option(help="auto, tfds, sample, a CoNLL or CSV file, or a folder of these")] = "auto",
    data_dir: Annotated[str | None, typer.Option(help="TFDS folder (default: TFDS_DATA_DIR)")] = None,
    cell: Annotated[str | None, typer.Option(help="recurrent cell (rnnkit cells), or your own: FILE.py")] = None,
    units: Annotated[int | None, typer.Option(help="width of the recurrent state")] = None,
    layers: Annotated[int | None, typer.Option(help="recurrent layers")] = None,
    head: Annotated[str | None, typer.Option(help="crf, or softmax: each tag for itself")] = None,
    characters: Annotated[str | None, typer.Option(help="what reads a word's characters: cnn, rnn or none")] = None,
    epochs: Annotated[int | None, typer.Option(help="passes over the data")] = None,
    batch_size: Annotated[int | None, typer.Option(help="sentences a step")] = None,
    seed: Annotated[int | None, typer.Option(help="random seed")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="small and short, to check that everything works")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="continue an interrupted run")] = False,
    overwrite: Overwrite = False,
    to: Annotated[Path, typer.Option(help="Run folder to write")] = Path("saved_models/my_conll_ner"),
) -> None:
    """Train a tagger of named entities and export it."""
    overwrite = may_replace_run(to, overwrite, resume)
    load_keras()
    # 1 Raw data: sentences, each token with its tag.
    chosen = prepared_or_sample(data, CONLL, data_dir) if quick else data
    sentences = tagged_data(chosen, data_dir, say, columns, QUICK_SENTENCES if quick else 0)

    # 2 A task owns everything between a raw sentence and its entities.
    flags = {"cell": cell, "units": units, "layers": layers, "head": head, "characters": characters}
    flags |= {"epochs": epochs, "batch_size": batch_size, "seed": seed}
    given = {name: value for name, value in flags.items() if value is not None}
    task = rnnkit.TokenTagger(**{**(QUICK if quick else {}), **given})

    # 3 Train, score once on the test part, and save the Run with its pictures.
    say(f"DATA  {sentences.name}", "bold")
    task.fit(sentences, to=to, resume=resume, overwrite=overwrite)
    say(f"test    {_figures(task.results['test'])}", "bold")

    # 4 Export for the phone: compared with Keras on validation sentences, then scored on the whole test part.
    done = task.export(quantize="dynamic")
    lite = task.metrics(task.parts.test, task.lite_outputs(task.parts.test))
    say(f"TFLite  {_figures(lite)}  {done['bytes'] / 1e6:.2f} MB  {done['milliseconds']:.2f} ms a sentence")
    task.results["test_tflite"] = {**lite, "bytes": done["bytes"], "strategy": done["strategy"]}
    write_json(to / METRICS, task.results)

    # 5 Sentences of one's own, on the screen and as a page.
    examples = NEWS if "PER" in task.types else ADDRESSES
    answers = task.predict(examples)
    show(answers, examples)
    write_text(to / PLOTS / "entities.html", entities_html(answers, to.name))
    say(f"saved {to}")
    next_step(f'rnnkit predict {word(to)} --tflite "{examples[0]}"')


def _figures(scores: dict[str, float]) -> str:
    shown = "  ".join(f"{name} {scores[name]:.4f}" for name in ("f1", "precision", "recall"))
    return f"{shown}  {scores['rows']} sentences"


if __name__ == "__main__":
    run_app(main)
