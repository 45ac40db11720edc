"""Sentiment of every phrase: sentences as trees in, a label for each node out, trained and ready for a phone.

python pipelines/sentiment_trees.py --data sst_trees    a folder with train.txt, dev.txt and test.txt
python pipelines/sentiment_trees.py --data mine.txt     a file of your own, one tree per line: (3 (2 It) (4 works))
python pipelines/sentiment_trees.py --quick             everything once, small, on made-up sentences
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
from rnnkit.tasks.tree_classifier.sample import SAMPLE, tree_data

EXAMPLES = ["(((the) (film)) ((is) (good)))", "(((the) (film)) ((is) ((not) ((very) (good)))))"]
QUICK = {
    "units": 24, "embedding_size": 24, "epochs": 8, "learning_rate": 0.01, "word_dropout": 0.0,
    "embedding_dropout": 0.1, "dropout": 0.2, "root_weight": 0.5,
}  # fmt: skip


def main(
    data: Annotated[str, typer.Option(help="sample, a file of trees, or a folder with train.txt and more")] = SAMPLE,
    composition: Annotated[str | None, typer.Option(help="n_ary, child_sum or rntn")] = None,
    units: Annotated[int | None, typer.Option(help="width of a node's state")] = None,
    embedding_size: Annotated[int | None, typer.Option(help="width of the word vectors")] = None,
    epochs: Annotated[int | None, typer.Option(help="passes over the data")] = None,
    batch_size: Annotated[int | None, typer.Option(help="trees per step")] = None,
    seed: Annotated[int | None, typer.Option(help="random seed")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="small and short, to check that everything works")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="continue an interrupted run")] = False,
    overwrite: Overwrite = False,
    to: Annotated[Path, typer.Option(help="Run folder to write")] = Path("saved_models/my_sentiment_trees"),
) -> None:
    """Train a classifier of tree nodes and export it."""
    overwrite = may_replace_run(to, overwrite, resume)
    load_keras()
    # 1 Raw data: trees, each node with its label.
    trees = tree_data(data)

    # 2 A task owns everything between raw trees and an answer.
    flags = {"composition": composition, "units": units, "embedding_size": embedding_size}
    flags |= {"epochs": epochs, "batch_size": batch_size, "seed": seed}
    given = {name: value for name, value in flags.items() if value is not None}
    task = rnnkit.TreeClassifier(**{**(QUICK if quick else {}), **given})

    # 3 Train, score once on the test part, and save the Run with its pictures.
    say(f"DATA  {trees.name}", "bold")
    task.fit(trees, to=to, resume=resume, overwrite=overwrite)
    say(f"test    {_figures(task.results['test'])}", "bold")

    # 4 Export for the phone: compared with Keras on validation trees, then scored on the whole test part.
    done = task.export(quantize="dynamic")
    lite = task.metrics(task.parts.test, task.lite_outputs(task.parts.test))
    say(f"TFLite  {_figures(lite)}  {done['bytes'] / 1e6:.2f} MB  {done['milliseconds']:.2f} ms a tree")
    task.results["test_tflite"] = {**lite, "bytes": done["bytes"], "strategy": done["strategy"]}
    write_json(to / METRICS, task.results)

    # 5 A sentence of one's own: brackets, no labels.
    for text, answer in zip(EXAMPLES, task.predict(EXAMPLES), strict=True):
        say(f"{answer.label} {answer.probability:.0%}  {text}")
    task.draw_explanation(EXAMPLES[1], to / PLOTS / "own_tree.png")
    say(f"saved {to}")
    next_step(f'rnnkit predict {word(to)} --tflite "{EXAMPLES[0]}"')


def _figures(scores: dict[str, float]) -> str:
    shown = [name for name in scores if name.endswith("accuracy")]
    return "  ".join(f"{name.replace('_', ' ')} {scores[name]:.4f}" for name in shown) + f"  {scores['rows']} trees"


if __name__ == "__main__":
    run_app(main)
