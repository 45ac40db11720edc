"""Key words: sounds in, a word out, ready for a phone that listens without an end.

python pipelines/key_words.py                          ten words of sixty made-up speakers (voices of eSpeak NG)
python pipelines/key_words.py --data tfds              Speech Commands of TFDS (2.4 GB); tfds:NAME another set
python pipelines/key_words.py --data FOLDER            your own: a folder for each word, or a table (docs/sounds.md)
python pipelines/key_words.py --quick                  everything once, small
"""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import rnnkit
from rnnkit import lite
from rnnkit.cli import run_app
from rnnkit.cli.overwriting import Overwrite, may_replace_run
from rnnkit.cli.screen import next_step, say, word
from rnnkit.lite.answers.silent_labels import silent_labels
from rnnkit.quiet import load_keras
from rnnkit.run.folder import METRICS, write_json
from rnnkit.tasks.shared.sound_batches import float_samples
from rnnkit.tasks.sound_classifier.sample import SAMPLE, SETTINGS, key_word_data

QUICK = {"units": 24, "epochs": 4, "learning_rate": 0.01}
QUICK_SPEAKERS, QUICK_MOST = 8, 600  # the second of each split of a set of TFDS


def main(
    data: Annotated[str, typer.Option(help="sample, tfds, tfds:NAME, or a folder or table of sounds")] = SAMPLE,
    cell: Annotated[str | None, typer.Option(help="recurrent cell (rnnkit cells), or your own: FILE.py")] = None,
    units: Annotated[int | None, typer.Option(help="width of the recurrent state")] = None,
    epochs: Annotated[int | None, typer.Option(help="passes over the data")] = None,
    batch_size: Annotated[int | None, typer.Option(help="sounds per step")] = None,
    rate: Annotated[int | None, typer.Option(help="samples a second")] = None,
    seed: Annotated[int | None, typer.Option(help="random seed")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="small and short, to check that everything works")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="continue an interrupted run")] = False,
    overwrite: Overwrite = False,
    to: Annotated[Path, typer.Option(help="Run folder to write")] = Path("saved_models/my_key_words"),
) -> None:
    """Train a classifier of key words, export it, and let it listen to a stream."""
    overwrite = may_replace_run(to, overwrite, resume)
    flags = {"cell": cell, "units": units, "epochs": epochs, "batch_size": batch_size, "rate": rate, "seed": seed}
    given: dict[str, Any] = {name: value for name, value in flags.items() if value is not None}
    settings: dict[str, Any] = {**SETTINGS, **(QUICK if quick else {}), **given}

    # 1 Raw data: sounds with a label, the speaker of each, and recordings without words. Speakers are kept apart.
    speakers, most = (QUICK_SPEAKERS, QUICK_MOST) if quick else (0, 0)
    source = key_word_data(data, int(settings["rate"]), speakers, say=say, most=most)
    load_keras()

    # 2 A task of one direction, so that it can run as the samples come; the front end is part of it.
    task = rnnkit.SoundClassifier(**settings)

    # 3 Train, score once on the test part, and save the Run with its pictures.
    say(f"DATA  {source.name}", "bold")
    task.fit(source, to=to, resume=resume, overwrite=overwrite)
    scores = task.results["test"]
    say(f"test    accuracy {scores['accuracy']:.4f}  macro F1 {scores['macro_f1']:.4f}  {scores['rows']} rows", "bold")
    if "stream" in scores:
        alarms = scores["false_alarms_an_hour"]
        say(f"streams {scores['stream_recall']:.0%} of the words found, {alarms:.1f} false alarms an hour", "bold")

    # 4 Export for the phone: it takes samples. Compared with Keras on validation sounds, then scored on the test part.
    done = task.export()
    phone = task.metrics(task.parts.validation, task.lite_outputs(task.parts.validation))
    say(f"TFLite  accuracy {phone['accuracy']:.4f}  {done['bytes'] / 1e6:.2f} MB  {done['milliseconds']:.2f} ms each")
    task.results["validation_tflite"] = {**phone, "bytes": done["bytes"], "strategy": done["strategy"]}
    write_json(to / METRICS, task.results)

    # 5 Three sounds in a row, in the chunks of a microphone: a word is decided once it was probable for a while.
    runner, test = lite.load(to / "lite"), task.parts.test
    words = [place for place in range(len(test)) if task.labels[test.targets[place]] not in silent_labels(task.labels)]
    pause = np.zeros(runner.rate, np.float32)
    said = [part for place in words[:: max(len(words) // 3, 1)][:3] for part in (float_samples(test, place), pause)]
    stream = np.concatenate([pause, *said])
    say(f"stream  {len(stream) / runner.rate:.1f} seconds")
    for decision in runner.stream(np.array_split(stream, len(stream) // 160), threshold=0.5):
        say(f"        {decision.label} {decision.probability:.0%}")

    say(f"saved {to}")
    next_step(f"rnnkit try {word(to)}")


if __name__ == "__main__":
    run_app(main)
