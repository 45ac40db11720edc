"""A Run that asks for a network its weights are not of: it is refused before that costs time or memory."""

import contextlib
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tasks.hostile import options, refused
from tasks.tiny import copied, trained

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.run import folder as runs
from rnnkit.run.weight_shapes import only_weights_of
from rnnkit.run.weights_file import shapes_in

SHIPPED = ("char_music", "char_text", "conll_ner", "translation_en_de")  # and no encoder of pictures to fetch


@pytest.mark.parametrize(
    "changed",
    [
        {"units": 4096, "layers": 16},
        {"units": 4096, "layers": 16, "input_layers": 16, "transition_layers": 16, "output_layers": 16},
        {"layers": 16, "transition_layers": 16},
        {"embedding_size": 4096},
    ],
)
def test_a_network_larger_than_its_weights_is_not_built(changed, tmp_path):
    run = options(copied(tmp_path / "run"), **changed)
    began = time.process_time()
    message = refused(run)
    assert time.process_time() - began < 20  # 4096 units in 16 layers took 200 s
    assert "does not fit" in message and "and the file holds no such weights" in message


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_so_it_is_for_the_shipped_tasks(name, tmp_path):
    source = runs.find_run(name)
    shutil.copytree(source, tmp_path / "run", ignore=shutil.ignore_patterns("lite", "plots"))
    wide = {"units": 4096, "layers": 16, "transition_layers": 16, "output_layers": 16}
    assert "and the file holds no such weights" in refused(options(tmp_path / "run", **wide))
    only_weights = shapes_in(source / "model.keras")
    assert sum(only_weights.values()) and max(np.prod(shape) for shape in only_weights) < 2e6


def test_forty_thousand_labels_of_a_tagger_cost_nothing(tmp_path):
    shutil.copytree(runs.find_run("conll_ner"), tmp_path / "run", ignore=shutil.ignore_patterns("lite", "plots"))
    labels = ["O", *(f"{where}-{number}" for number in range(20_000) for where in "BI")]
    (tmp_path / "run" / "preprocessing" / "labels.txt").write_text("\n".join(labels) + "\n")
    assert "logits needs kernel of [320, 40001]" in refused(tmp_path / "run")


def test_words_and_labels_beyond_any_bound_are_not_read(tmp_path):
    for name in ("vocab.txt", "labels.txt"):
        run = copied(tmp_path / name)
        with open(run / "preprocessing" / name, "wb") as file:
            file.truncate(6 << 30)
        assert "has 6.0 GiB; expected at most 64.0 MiB" in refused(run)


def test_weights_are_guarded_in_one_thread_and_not_in_another():
    import keras

    def build(size):
        with only_weights_of({(3, size): 1, (size,): 1}):
            keras.layers.Dense(size).build((None, 3))
            with pytest.raises(RnnkitError, match="and the file holds no such weights"):
                keras.layers.Dense(size).build((None, 3))  # the same once more
        return size

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(build, range(1, 33))) == list(range(1, 33))
    keras.layers.Dense(4).build((None, 3))


@pytest.mark.slow
def test_eight_threads_load_at_once(tmp_path):
    folder, bad = trained().folder, options(copied(tmp_path / "run"), units=77)

    def load(number):
        with contextlib.nullcontext() if number % 2 else pytest.raises(RnnkitError, match="does not fit"):
            return rnnkit.load(folder if number % 2 else bad).predict("a good film").label
        return None

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(load, range(8))) == [None, trained().predict("a good film").label] * 4
