"""Splice junctions: 60 letters of DNA in, "EI", "IE" or "N" out, read letter by letter, ready for a phone.

python pipelines/dna_splice.py --data splice.data    UCI's file: Molecular Biology (Splice-junction Gene Sequences)
python pipelines/dna_splice.py                       made-up sequences with the same signals
python pipelines/dna_splice.py --quick               everything once, small
"""

from pathlib import Path
from typing import Annotated

import typer

import rnnkit
from rnnkit.cli import run_app
from rnnkit.cli.overwriting import Overwrite, may_replace_run
from rnnkit.cli.screen import next_step, say, word
from rnnkit.quiet import load_keras
from rnnkit.run.folder import METRICS, PLOTS, write_json
from rnnkit.tasks.text_classifier.splice_sample import SAMPLE, SETTINGS, splice_rows

EXAMPLE = "CCAGCTGCATCACAGGAGGCCAGCGAGCAGGTCTGTTCCAAGGGCCTTCGAGCCAGTCTG"  # of UCI's file, an exon's end
QUICK = {"units": 24, "epochs": 6, "learning_rate": 0.02}


def main(
    data: Annotated[str, typer.Option(help="sample, or UCI's splice.data")] = SAMPLE,
    cell: Annotated[str | None, typer.Option(help="recurrent cell (rnnkit cells), or your own: FILE.py")] = None,
    units: Annotated[int | None, typer.Option(help="width of the recurrent state")] = None,
    epochs: Annotated[int | None, typer.Option(help="passes over the data")] = None,
    batch_size: Annotated[int | None, typer.Option(help="sequences per step")] = None,
    seed: Annotated[int | None, typer.Option(help="random seed")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="small and short, to check that everything works")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="continue an interrupted run")] = False,
    overwrite: Overwrite = False,
    to: Annotated[Path, typer.Option(help="Run folder to write")] = Path("saved_models/my_dna_splice"),
) -> None:
    """Train a classifier of splice junctions and export it."""
    overwrite = may_replace_run(to, overwrite, resume)
    load_keras()
    # 1 Raw data: rows of (sequence, kind). Equal sequences are kept once, so that none is both learnt and tested.
    rows = splice_rows(data)

    # 2 A task that sees texts of one word reads them by character, and says so.
    flags = {"cell": cell, "units": units, "epochs": epochs, "batch_size": batch_size, "seed": seed}
    given = {name: value for name, value in flags.items() if value is not None}
    task = rnnkit.TextClassifier(**{**SETTINGS, **(QUICK if quick else {}), **given})

    # 3 Train, score once on the test part, and save the Run with its pictures.
    say(f"DATA  {rows.name}", "bold")
    task.fit(rows, to=to, resume=resume, overwrite=overwrite)
    scores = task.results["test"]
    say(f"test    accuracy {scores['accuracy']:.4f}  macro F1 {scores['macro_f1']:.4f}  {scores['rows']} rows", "bold")

    # 4 Export for the phone: compared with Keras on validation sequences, then scored on the whole test part.
    done = task.export(quantize="dynamic")
    lite = task.metrics(task.parts.test, task.lite_outputs(task.parts.test))
    say(f"TFLite  accuracy {lite['accuracy']:.4f}  {done['bytes'] / 1e6:.2f} MB  {done['milliseconds']:.2f} ms a row")
    task.results["test_tflite"] = {**lite, "bytes": done["bytes"], "strategy": done["strategy"]}
    write_json(to / METRICS, task.results)

    # 5 Which letters drove one answer?
    task.draw_explanation(EXAMPLE, to / PLOTS / "words.png")
    answer = task.predict(EXAMPLE)
    say(f"{answer.label} {answer.probability:.0%}  {EXAMPLE}")
    say(f"saved {to}")
    next_step(f"rnnkit predict {word(to)} --tflite {EXAMPLE}")


if __name__ == "__main__":
    run_app(main)
