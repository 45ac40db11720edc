"""Strings of digits: sounds in, what was said out, ready for a phone that writes while somebody speaks.

python pipelines/speech_digits.py                          strings of digits of sixty made-up speakers (eSpeak NG)
python pipelines/speech_digits.py --data tfds              digits of six people (FSDD of TFDS, 11 MB), as strings
python pipelines/speech_digits.py --data FOLDER            your own recordings with their texts (docs/speech.md)
python pipelines/speech_digits.py --quick                  everything once, small
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
from rnnkit.quiet import load_keras
from rnnkit.run.folder import METRICS, write_json
from rnnkit.tasks.speech_recognizer.sample import SAMPLE, SETTINGS, digit_data

QUICK = {"units": 16, "layers": 1, "filters": 16, "epochs": 2}
QUICK_SPEAKERS, QUICK_MOST = 6, 600  # the second of each split of a set of TFDS


def main(
    data: Annotated[str, typer.Option(help="sample, tfds, tfds:NAME, or a folder or table of recordings")] = SAMPLE,
    cell: Annotated[str | None, typer.Option(help="recurrent cell (rnnkit cells), or your own: FILE.py")] = None,
    units: Annotated[int | None, typer.Option(help="width of the recurrent state")] = None,
    epochs: Annotated[int | None, typer.Option(help="passes over the data")] = None,
    batch_size: Annotated[int | None, typer.Option(help="recordings per step")] = None,
    rate: Annotated[int | None, typer.Option(help="samples a second")] = None,
    unit: Annotated[str | None, typer.Option(help="what is written: character, subword or word")] = None,
    tail: Annotated[float | None, typer.Option(help="seconds of silence behind each recording")] = None,
    seed: Annotated[int | None, typer.Option(help="random seed")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="small and short, to check that everything works")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="continue an interrupted run")] = False,
    overwrite: Overwrite = False,
    to: Annotated[Path, typer.Option(help="Run folder to write")] = Path("saved_models/my_speech_digits"),
) -> None:
    """Train a recogniser of strings of digits, export it, and let it write while samples come."""
    overwrite = may_replace_run(to, overwrite, resume)
    flags = {"cell": cell, "units": units, "epochs": epochs, "batch_size": batch_size, "rate": rate, "unit": unit}
    flags |= {"tail": tail, "seed": seed}
    given: dict[str, Any] = {name: value for name, value in flags.items() if value is not None}
    settings: dict[str, Any] = {**SETTINGS, **(QUICK if quick else {}), **given}

    # 1 Raw data: recordings with what is said in each, and who speaks. Speakers are kept apart.
    speakers, most = (QUICK_SPEAKERS, QUICK_MOST) if quick else (0, 0)
    source = digit_data(data, int(settings["rate"]), speakers, say=say, most=most)
    load_keras()

    # 2 A task of one direction, so that it can run as the samples come; nobody aligns letters to frames (CTC).
    task = rnnkit.SpeechRecognizer(**settings)

    # 3 Train, score once on the test part, and save the Run with its pictures.
    say(f"DATA  {source.name}", "bold")
    task.fit(source, to=to, resume=resume, overwrite=overwrite)
    scores = task.results["test"]
    say(f"test    WER {scores['wer']:.2f}  CER {scores['cer']:.2f}  {scores['rows']} recordings", "bold")

    # 4 Export for the phone: it takes samples. Compared with Keras on validation recordings, then scored on them.
    done = task.export()
    part = task.parts.validation
    phone = task.metrics(part, task.lite_outputs(part))
    say(
        f"TFLite  WER {phone['wer']:.2f} (validation)  {done['bytes'] / 1e6:.2f} MB  {done['milliseconds']:.2f} ms each"
    )
    task.results["validation_tflite"] = {**phone, "bytes": done["bytes"], "strategy": done["strategy"]}
    write_json(to / METRICS, task.results)

    # 5 A recording in the chunks of a microphone: the text grows while somebody speaks.
    test, runner = task.parts.test, lite.load(to / "lite")
    samples = task.hearing.samples_of(test.rows[0], test.names[0])
    say(f"stream  {len(samples) / runner.front.rate:.1f} seconds of {test.texts[0]!r}")
    for text in runner.stream(np.array_split(samples, max(len(samples) // 800, 1))):
        say(f"        {text}")

    # 6 The same with the words of the training texts alone.
    say(f"words   {runner.predict(samples, lexicon='words')[0].text}")
    say(f"saved {to}")
    next_step(f"rnnkit predict {word(to)} --tflite {word(data) if Path(data).exists() else 'recording.wav'}")


if __name__ == "__main__":
    run_app(main)
