"""Music, character by character: tunes in ABC notation in, a model that writes tunes out, also on a phone.

python pipelines/char_music.py                      folk tunes that come with music21
python pipelines/char_music.py --quick              everything once, at a small size, in about a minute
python pipelines/char_music.py --data tunes.abc     tunes of your own: a file, a folder, or a table with --column abc
"""

from pathlib import Path
from typing import Annotated

import typer

import rnnkit
from rnnkit.cli import run_app
from rnnkit.cli.overwriting import Overwrite, may_replace_run
from rnnkit.cli.screen import next_step, say, word
from rnnkit.codec.abc_text import join_tunes
from rnnkit.quiet import load_keras
from rnnkit.run.folder import METRICS, PLOTS, write_json, write_text
from rnnkit.tasks.music_model.metrics import music_scores
from rnnkit.tasks.music_model.notation import is_music, write_score
from rnnkit.tasks.music_model.sample import music_data

QUICK = {"units": 128, "embedding_size": 32, "window": 50, "batch_size": 8, "epochs": 6, "dropout": 0.0,
         "weight_drop": 0.0, "learning_rate": 0.005}  # fmt: skip
QUICK_TUNES = 400
WRITTEN = 200  # tunes that are scored


def main(
    data: Annotated[str, typer.Option(help="auto, sample, or a file, folder or table of tunes in ABC")] = "auto",
    column: Annotated[str | None, typer.Option(help="a table's column with the tunes")] = None,
    cell: Annotated[str | None, typer.Option(help="recurrent cell (rnnkit cells), or your own: FILE.py")] = None,
    units: Annotated[int | None, typer.Option(help="width of the recurrent state")] = None,
    layers: Annotated[int | None, typer.Option(help="recurrent layers")] = None,
    epochs: Annotated[int | None, typer.Option(help="passes over the tunes")] = None,
    seed: Annotated[int | None, typer.Option(help="random seed")] = None,
    key: Annotated[str, typer.Option(help="of the tune written at the end")] = "G",
    metre: Annotated[str, typer.Option(help="of the tune written at the end")] = "6/8",
    quick: Annotated[bool, typer.Option("--quick", help="small and short, to check that everything works")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="continue an interrupted run")] = False,
    overwrite: Overwrite = False,
    to: Annotated[Path, typer.Option(help="Run folder to write")] = Path("saved_models/my_char_music"),
) -> None:
    """Train a model that writes tunes, and export it."""
    overwrite = may_replace_run(to, overwrite, resume)
    load_keras()
    # 1 Raw data: tunes, each once, in a training, a validation and a test part.
    tunes = music_data(data, say, column)
    if quick:
        tunes.train, tunes.validation, tunes.test = tunes.train[:QUICK_TUNES], tunes.validation[:40], tunes.test[:40]

    # 2 A task owns everything between tunes and tunes.
    flags = {"cell": cell, "units": units, "layers": layers, "epochs": epochs, "seed": seed}
    given = {name: value for name, value in flags.items() if value is not None}
    task = rnnkit.MusicModel(**{**(QUICK if quick else {}), **given})

    # 3 Train, score once on the test part, and save the Run.
    say(f"DATA  {tunes.name}", "bold")
    task.fit(tunes, to=to, resume=resume, overwrite=overwrite)
    say(f"test    {task.results['test']['bits_per_character']:.4f} bits a character", "bold")

    # 4 Export for the phone: one step with its states, compared with Keras.
    done = task.export(quantize="dynamic")
    say(f"TFLite  {done['bytes'] / 1e6:.2f} MB, {done['milliseconds']:.1f} ms for 32 characters")
    task.results["tflite"] = {name: done[name] for name in ("bytes", "strategy", "agreement")}

    # 5 Tunes from a single start token, and what they are worth.
    written = task.generate(samples=20 if quick else WRITTEN, length=1500, seed=1)
    held_out = [join_tunes([tune], task.order).strip() for tune in tunes.test[:WRITTEN]]
    read = join_tunes(task.preprocessing.in_keys(tunes.train), task.order)
    task.results["written"] = music_scores(written, read, held_out)
    shown = {name: value for name, value in task.results["written"].items() if not isinstance(value, dict)}
    say("written " + "  ".join(f"{name} {value}" for name, value in shown.items()))
    write_json(to / METRICS, task.results)

    # 6 One tune in a key and metre, as notes and as a picture.
    tries = task.generate(key=key, metre=metre, title="A tune by rnnkit", samples=10, length=1500, seed=2)
    text = next(filter(is_music, tries), "")
    write_text(to / "tune.abc", "X:1\n" + (text or tries[0]).strip() + "\n")
    if text:
        (to / PLOTS).mkdir(exist_ok=True)
        write_score(text, to / PLOTS / "tune.svg")
    else:
        say(f"no picture: none of {len(tries)} tunes can be read as music; train for more --epochs", "yellow")
    say(f"saved {to}")
    next_step(f"rnnkit play {word(to / 'tune.abc')}")


if __name__ == "__main__":
    run_app(main)
