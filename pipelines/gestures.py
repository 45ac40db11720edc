"""Gestures of a phone: channels of numbers over time in, a motion out, ready for a phone that decides as they come.

python pipelines/gestures.py                          made-up gestures of twelve persons
python pipelines/gestures.py --data gestures.csv      your own: a table, folder, .ts or .npz file (docs/sequences.md)
python pipelines/gestures.py --quick                  everything once, small
"""

from pathlib import Path
from typing import Annotated

import typer

import rnnkit
from rnnkit import lite
from rnnkit.cli import run_app
from rnnkit.cli.overwriting import Overwrite, may_replace_run
from rnnkit.cli.screen import next_step, say, word
from rnnkit.quiet import load_keras
from rnnkit.run.folder import METRICS, PLOTS, write_json
from rnnkit.tasks.sequence_classifier.sample import SAMPLE, SETTINGS, gesture_data

QUICK = {"units": 16, "epochs": 6, "learning_rate": 0.02}


def main(
    data: Annotated[str, typer.Option(help="sample, or a file or folder of sequences")] = SAMPLE,
    cell: Annotated[str | None, typer.Option(help="recurrent cell (rnnkit cells), or your own: FILE.py")] = None,
    units: Annotated[int | None, typer.Option(help="width of the recurrent state")] = None,
    epochs: Annotated[int | None, typer.Option(help="passes over the data")] = None,
    batch_size: Annotated[int | None, typer.Option(help="sequences per step")] = None,
    seed: Annotated[int | None, typer.Option(help="random seed")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="small and short, to check that everything works")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="continue an interrupted run")] = False,
    overwrite: Overwrite = False,
    to: Annotated[Path, typer.Option(help="Run folder to write")] = Path("saved_models/my_gestures"),
) -> None:
    """Train a classifier of gestures, export it, and let it decide on a stream."""
    overwrite = may_replace_run(to, overwrite, resume)
    # 1 Raw data: sequences [time, channels] of unequal lengths. Those of a person are on one side of the split.
    source = gesture_data(data)
    load_keras()

    # 2 A task of one direction, so that it can run step by step; a convolution sees the shape of a few steps.
    flags = {"cell": cell, "units": units, "epochs": epochs, "batch_size": batch_size, "seed": seed}
    given = {name: value for name, value in flags.items() if value is not None}
    task = rnnkit.SequenceClassifier(**{**SETTINGS, **(QUICK if quick else {}), **given})

    # 3 Train, score once on the test part, and save the Run with its pictures.
    say(f"DATA  {source.name}", "bold")
    task.fit(source, to=to, resume=resume, overwrite=overwrite)
    scores = task.results["test"]
    say(f"test    accuracy {scores['accuracy']:.4f}  macro F1 {scores['macro_f1']:.4f}  {scores['rows']} rows", "bold")

    # 4 Export for the phone: compared with Keras on validation sequences, then scored on the whole test part.
    done = task.export(quantize="dynamic")
    phone = task.metrics(task.parts.test, task.lite_outputs(task.parts.test))
    say(f"TFLite  accuracy {phone['accuracy']:.4f}  {done['bytes'] / 1e6:.2f} MB  {done['milliseconds']:.2f} ms each")
    task.results["test_tflite"] = {**phone, "bytes": done["bytes"], "strategy": done["strategy"]}
    write_json(to / METRICS, task.results)

    # 5 A gesture as it comes from a sensor, step by step: a label is decided once it was probable for some steps.
    say(f"stream  {len(source.values[0])} steps of {source.labels[0]}")
    for decision in lite.load(to / "lite").stream(source.values[0]):
        say(f"        at step {decision.step}: {decision.label} {decision.probability:.0%}")

    # 6 Which steps drove one answer?
    task.draw_explanation(source.inputs[0], to / PLOTS / "steps.png")
    say(f"saved {to}")
    next_step(f"rnnkit predict {word(to)} --tflite {word(data) if data != SAMPLE else 'sequence.csv'}")


if __name__ == "__main__":
    run_app(main)
