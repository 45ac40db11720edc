"""Translation: raw sentence pairs in, sentences of another language out, trained and ready for a phone.

python pipelines/translation.py                     English to German: TED talks if available, otherwise an offline
                                                    sample of emoji names
python pipelines/translation.py --quick             everything once, at a small size, in about a minute
python pipelines/translation.py --data mine.csv     a file of your own with the columns source and target
python pipelines/translation.py --data FOLDER --source en --target fr     train.en and train.fr, or en.train.txt, ...
python pipelines/translation.py --unit character    letter by letter, without a vocabulary of words
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
from rnnkit.run.folder import METRICS, PLOTS, write_json
from rnnkit.tasks.translator.sample import translation_data
from rnnkit.tasks.translator.tfds import TED

EXAMPLES = {
    "en": ["Two children are playing in front of a red house.", "smiling cat with a hat"],
    "de": ["Zwei Kinder spielen vor einem roten Haus.", "lächelnde Katze mit Hut"],
    "fr": ["Deux enfants jouent devant une maison rouge.", "chat souriant avec un chapeau"],
}
QUICK_PAIRS = 1000
QUICK = {"units": 64, "embedding_size": 48, "vocabulary_size": 600, "max_length": 30, "batch_tokens": 200, "epochs": 8,
         "learning_rate": 0.003, "dropout": 0.0, "embedding_dropout": 0.0, "beam_width": 3}  # fmt: skip


def main(
    data: Annotated[str, typer.Option(help="auto, tfds, tfds:NAME, sample, or a file or folder of pairs")] = "auto",
    data_dir: Annotated[str | None, typer.Option(help="TFDS folder (default: TFDS_DATA_DIR)")] = None,
    source: Annotated[str | None, typer.Option(help="language to translate from; a table's column")] = None,
    target: Annotated[str | None, typer.Option(help="language to translate into; a table's column")] = None,
    cell: Annotated[str | None, typer.Option(help="recurrent cell (rnnkit cells), or your own: FILE.py")] = None,
    units: Annotated[int | None, typer.Option(help="width of the encoder's recurrent state")] = None,
    layers: Annotated[int | None, typer.Option(help="recurrent layers on either side")] = None,
    attention: Annotated[str | None, typer.Option(help="how the decoder looks at the source; none: not at all")] = None,
    unit: Annotated[str | None, typer.Option(help="what sentences are cut into, such as character")] = None,
    max_length: Annotated[int | None, typer.Option(help="pieces read and written of a sentence")] = None,
    epochs: Annotated[int | None, typer.Option(help="passes over the data")] = None,
    batch_tokens: Annotated[int | None, typer.Option(help="pieces of a side a step")] = None,
    beam_width: Annotated[int | None, typer.Option(help="hypotheses followed while translating; 1: greedy")] = None,
    seed: Annotated[int | None, typer.Option(help="random seed")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="small and short, to check that everything works")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="continue an interrupted run")] = False,
    overwrite: Overwrite = False,
    to: Annotated[Path, typer.Option(help="Run folder to write")] = Path("saved_models/my_translation"),
) -> None:
    """Train a translator and export it."""
    overwrite = may_replace_run(to, overwrite, resume)
    load_keras()
    # 1 Raw data: pairs of a sentence and its translation.
    chosen = prepared_or_sample(data, f"{TED}/plain_text", data_dir) if quick else data
    pairs = translation_data(chosen, source, target, data_dir, say, QUICK_PAIRS if quick else 0)

    # 2 A task owns everything between a sentence and its translation.
    flags = {"cell": cell, "units": units, "layers": layers, "attention": attention, "unit": unit, "epochs": epochs}
    flags |= {"max_length": max_length, "batch_tokens": batch_tokens, "beam_width": beam_width, "seed": seed}
    given = {name: value for name, value in flags.items() if value is not None}
    task = rnnkit.Translator(**{**(QUICK if quick else {}), **given})

    # 3 Train, score once on the test part, and save the Run with its pictures.
    say(f"DATA  {pairs.name}", "bold")
    task.fit(pairs, to=to, resume=resume, overwrite=overwrite)
    say(f"valid   {_figures(task.results['validation'])}")
    say(f"test    {_figures(task.results['test'])}", "bold")

    # 4 Export for the phone: compared with Keras on validation sentences, then scored on the whole test part.
    done = task.export(quantize="dynamic")
    lite = task.metrics(task.parts.test, task.lite_outputs(task.parts.test))
    say(f"TFLite  {_figures(lite)}  {done['bytes'] / 1e6:.2f} MB  {done['milliseconds']:.1f} ms a sentence")
    task.results["test_tflite"] = {**lite, "bytes": done["bytes"], "strategy": done["strategy"]}
    write_json(to / METRICS, task.results)

    # 5 Sentences of one's own, and where the decoder looked while it wrote the first one.
    examples = EXAMPLES.get((pairs.languages or ("?",))[0]) or list(task.parts.test.sources[:2])
    for text, answer in zip(examples, task.predict(examples), strict=True):
        say(f"{text}  ->  {answer.text}")
    if task.options.attention != "none":
        task.draw_explanation(examples[0], to / PLOTS / "attention.png")
    say(f"saved {to}")
    next_step(f"rnnkit predict {word(to)} --tflite {word(examples[0])}")


def _figures(scores: dict[str, float]) -> str:
    return f"BLEU {scores['bleu']:.2f}  chrF {scores['chrf']:.2f}  {scores['rows']} sentences"


if __name__ == "__main__":
    run_app(main)
