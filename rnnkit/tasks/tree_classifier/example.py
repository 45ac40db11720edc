"""The example of the tree classifier: the made-up sentences about films of its pipeline, fewer of them."""

from collections.abc import Iterator

from rnnkit.tasks.base.example_files import ExampleFiles
from rnnkit.tasks.shared.phrases import LICENCE
from rnnkit.tasks.tree_classifier.sample import make_trees


def _files() -> Iterator[tuple[str, str]]:
    trees = [f"{tree}\n" for tree in make_trees(320)]
    yield "trees.txt", "".join(trees[:200])
    yield "more_trees.txt", "".join(trees[200:260])
    yield "own_trees.txt", "".join(trees[260:])


#: What a page offers to click.
_TO_TRY = (
    "((((its) (music)) ((is) (dull))) ((but) (((the) (cast)) ((is) ((very) (funny))))))",
    "(((the) (film)) ((is) (good)))",
    "(((the) (plot)) ((is) ((not) (good))))",
)

EXAMPLE = ExampleFiles(
    about=(
        "trees.txt        200 sentences as trees, one on each line; each phrase has a label from 0 (awful) to 4\n"
        "more_trees.txt   60 more, to test on\n"
        f"own_trees.txt    60 more, to fine-tune on\n\n{LICENCE}"
    ),
    names=("trees.txt", "more_trees.txt", "own_trees.txt"),
    make=_files,
    settings={"units": 24, "epochs": 20, "learning_rate": 0.01, "dropout": 0.2},
    to_try=lambda: _TO_TRY,
)
